//! The distribution of the first hits: how many starts have got there by each step, and the performance profile.

use super::methods::shown;
use crate::comparison::{CONTROLLER, Comparison, MethodResult, Role};
use crate::figure::{Chart, LineChart, Mark, Series};
use crate::number::setting;

/// The profile ends where a method takes so many times as long as the best one.
const MOST_RATIO: f64 = 4.0;

/// Both figures; empty where the single starts are not known.
pub(super) fn section(comparison: &Comparison, threshold: f64) -> String {
    let methods: Vec<(&MethodResult, usize)> = shown(comparison)
        .into_iter()
        .filter(|(method, _)| !method.by_start.is_empty())
        .collect();
    if methods.is_empty() {
        return String::new();
    }
    let mut text = reached_figure(comparison, &methods, threshold);
    // Against whom: the methods that one may use, not the negative controls.
    let usable: Vec<_> = methods
        .into_iter()
        .filter(|(method, _)| method.role != Role::Control)
        .collect();
    if usable.len() > 1 {
        text.push_str(&profile_figure(&usable));
    }
    text
}

/// A rising line of steps: the share of `count` starts, in per cent, whose value is at or below each x.
fn distribution(
    (method, style): (&MethodResult, usize),
    mut values: Vec<f64>,
    count: usize,
    (low, high): (f64, f64),
) -> Series {
    values.retain(|value| (low..=high).contains(value));
    values.sort_by(f64::total_cmp);
    let share = |reached: usize| 100.0 * reached as f64 / count.max(1) as f64;
    let mut points = vec![(low, 0.0)];
    for (index, &value) in values.iter().enumerate() {
        // Of equal values the last one counts them all.
        if values.get(index + 1) != Some(&value) {
            points.push((value, share(index + 1)));
        }
    }
    points.push((high, share(values.len())));
    let mark = if method.name == CONTROLLER {
        Mark::BoldStep
    } else {
        Mark::Step
    };
    Series::line(method.name.clone(), points, style).with_mark(mark)
}

fn reached_figure(
    comparison: &Comparison,
    methods: &[(&MethodResult, usize)],
    threshold: f64,
) -> String {
    let series = methods.iter().map(|&(method, style)| {
        let hits: Vec<f64> = method
            .by_start
            .iter()
            .filter_map(|start| Some(start.first_hit? as f64))
            .collect();
        let ends = (0.0, comparison.steps as f64);
        distribution((method, style), hits, method.by_start.len(), ends)
    });
    let level = if threshold.is_finite() {
        format!("a batch loss of {}", setting(threshold))
    } else {
        "the threshold".to_owned()
    };
    let chart = LineChart {
        title: "Starts that have reached the threshold".to_owned(),
        x_label: "step".to_owned(),
        y_label: "starts, %".to_owned(),
        unit: " %".to_owned(),
        series: series.collect(),
        height: 340,
        ..LineChart::default()
    };
    let caption = format!(
        "The share of the starts from which a method has reached {level} by each step. Further left is sooner; a line \
         that ends below 100 % misses some starts."
    );
    Chart::from(chart).to_html(&caption, true)
}

/// The share of the starts on which a method takes at most τ times as long as the soonest method from that start.
fn profile_figure(methods: &[(&MethodResult, usize)]) -> String {
    // Steps are counted from 0, times from 1.
    let time = |method: &MethodResult, start: usize| -> f64 {
        let hit = method.by_start.get(start).and_then(|start| start.first_hit);
        hit.map_or(f64::INFINITY, |hit| hit as f64 + 1.0)
    };
    let starts = methods
        .iter()
        .map(|(method, _)| method.by_start.len())
        .max()
        .unwrap_or(0);
    let best: Vec<f64> = (0..starts)
        .map(|start| {
            let times = methods.iter().map(|(method, _)| time(method, start));
            times.fold(f64::INFINITY, f64::min)
        })
        .collect();
    let series = methods.iter().map(|&(method, style)| {
        let ratios = best
            .iter()
            .enumerate()
            .map(|(start, &best)| time(method, start) / best)
            .collect();
        distribution((method, style), ratios, starts, (1.0, MOST_RATIO))
    });
    let chart = LineChart {
        title: "Performance profile of the first hit".to_owned(),
        x_label: "τ, times the steps of the soonest method".to_owned(),
        y_label: "starts, %".to_owned(),
        unit: " %".to_owned(),
        series: series.collect(),
        height: 340,
        ..LineChart::default()
    };
    let caption = "The share of the starts on which a method takes at most τ times as many steps as the soonest of \
                   these methods from the same start. At τ = 1: how often it is the soonest; the higher the line, the \
                   better. Negative controls don't take part.";
    Chart::from(chart).to_html(caption, true)
}
