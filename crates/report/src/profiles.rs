//! The distribution of the first hits: how many starts have got there by each step, and the performance profile.

use super::shown::shown_positions;
use descender_compare::comparison::{CONTROLLER, Comparison};
use descender_figure::{BandPoint, Chart, LineChart, Mark, Series};
use descender_statistics::number::{setting, significant};
use descender_statistics::{Profile, time_to_target::MAX_RATIO};

/// The levels at which a profile is taken, less one.
const LEVELS: u32 = 120;

/// Both figures; empty where the single starts are not known.
pub(super) fn section(comparison: &Comparison, threshold: f64) -> String {
    let levels = |from: f64, to: f64| -> Vec<f64> {
        (0..=LEVELS)
            .map(|index| from + (to - from) * f64::from(index) / f64::from(LEVELS))
            .collect()
    };
    let mut text = String::new();
    let steps = levels(0.0, comparison.steps as f64);
    if let Some(profiles) = comparison.first_hit_profiles(&steps) {
        text.push_str(&reached_figure(comparison, &profiles, threshold));
    }
    let ratios = levels(1.0, MAX_RATIO);
    if let Some(profiles) = comparison
        .ratio_profiles(&ratios)
        .filter(|profiles| profiles.len() > 1)
    {
        text.push_str(&profile_figure(comparison, &profiles));
    }
    text
}

/// The profiles in per cent, in the order and the colours of the table.
fn series(
    comparison: &Comparison,
    profiles: &[Profile],
    name: impl Fn(usize) -> String,
) -> Vec<Series> {
    shown_positions(comparison)
        .into_iter()
        .filter_map(|(position, style)| {
            let method = &comparison.methods[position];
            let profile = profiles.get(position)?;
            let percent = |share: f64| 100.0 * share;
            let levels = || profile.levels.iter().copied();
            let points = levels().zip(profile.shares.iter().copied().map(percent));
            let bounds = profile.lower.iter().zip(&profile.upper);
            let band = levels().zip(bounds).map(|(x, (&low, &high))| BandPoint {
                x,
                low: percent(low),
                high: percent(high),
            });
            let mark = if method.name == CONTROLLER {
                Mark::BoldStep
            } else {
                Mark::Step
            };
            Some(
                Series::line(name(position), points.collect(), style)
                    .with_band(band.collect())
                    .with_mark(mark),
            )
        })
        .collect()
}

fn reached_figure(comparison: &Comparison, profiles: &[Profile], threshold: f64) -> String {
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
        series: series(comparison, profiles, |position| {
            comparison.methods[position].name.clone()
        }),
        height: 340,
        ..LineChart::default()
    };
    let caption = format!(
        "The share of the starts from which a method has reached {level} by each step, with 95 % bands. Further left \
         is sooner; a line that ends below 100 % misses some starts."
    );
    Chart::from(chart).to_html(&caption, true)
}

fn profile_figure(comparison: &Comparison, profiles: &[Profile]) -> String {
    let scores = comparison.algoperf_scores().unwrap_or_default();
    let chart = LineChart {
        title: "Performance profile of the first hit".to_owned(),
        x_label: "τ, times the steps of the start's soonest method".to_owned(),
        y_label: "starts, %".to_owned(),
        unit: " %".to_owned(),
        series: series(comparison, profiles, |position| {
            let name = &comparison.methods[position].name;
            match scores.get(position) {
                Some(score) => format!("{name} · {}", significant(score.value, 2)),
                None => name.clone(),
            }
        }),
        height: 340,
        ..LineChart::default()
    };
    let caption = "The share of the starts on which a method takes at most τ times as many steps as the soonest of \
                   all these methods from the same start, with 95 % bands. At τ = 1: how often it is the soonest; the \
                   higher the line, the better. The number behind a name is AlgoPerf's score: the area under the \
                   line, at most 1.";
    Chart::from(chart).to_html(caption, true)
}
