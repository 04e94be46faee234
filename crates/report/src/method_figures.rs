//! The figures of a comparison: intervals and mean curves, each method in the colour of its row in the table.

use super::shown::shown;
use descender_compare::comparison::{
    Band, CONTROLLER, Comparison, Curves, FirstHit, MethodResult, StartResult, first_hit_text,
};
use descender_figure::{
    AxisScale, BandPoint, Chart, IntervalChart, IntervalRow, LineChart, Mark, Reference, Series,
};
use descender_statistics::Estimate;
use descender_statistics::number::{interval_text, setting};

/// Losses beyond so many times the best one are shown as arrows.
const FAR: f64 = 4.0;

/// The first hit of each method with its interval and its single starts; a method that never got there has a text and
/// no dot.
pub(super) fn first_hit_figure(comparison: &Comparison, threshold: f64) -> String {
    let rows = shown(comparison).into_iter().map(|(method, style)| {
        let FirstHit {
            iqm,
            ci95,
            reached,
            starts,
        } = method.first_hit;
        // A bound of the budget is no mean of the method: it is told, and only the starts are drawn.
        let [center, low, high] = if method.first_hit.is_bound() {
            [f64::NAN; 3]
        } else {
            [iqm, ci95[0], ci95[1]]
        };
        IntervalRow {
            name: method.name.clone(),
            center,
            low,
            high,
            points: method
                .by_start
                .iter()
                .filter_map(|start| Some(start.first_hit? as f64))
                .collect(),
            text: format!("{} · {reached}/{starts}", first_hit_text(&method.first_hit)),
            style,
        }
    });
    let chart = IntervalChart {
        title: if threshold.is_finite() {
            format!("First step with a batch loss ≤ {}", setting(threshold))
        } else {
            "First step with a batch loss at the threshold".to_owned()
        },
        x_label: "step (further left is earlier)".to_owned(),
        rows: rows.collect(),
        reference: reference(comparison, |method| method.first_hit.figure()),
        ..IntervalChart::default()
    };
    let singles = comparison
        .methods
        .iter()
        .any(|method| !method.by_start.is_empty());
    let caption = format!(
        "How soon each method gets there. {}Large mark and bar: interquartile mean over the starts with its 95 % \
         interval; beside it, the number of starts that reached the threshold. Where a quarter of them or more did not, \
         the mean is only known to be at least (≥) a number, and has no mark. The dashed line is the controller's mean.",
        if singles {
            "Each pale dot is one start. "
        } else {
            ""
        }
    );
    Chart::from(chart).to_html(&caption, true)
}

/// The controller's value, for a chart's reference line; NaN without a controller.
fn reference(comparison: &Comparison, value: impl Fn(&MethodResult) -> f64) -> f64 {
    comparison.controller().map_or(f64::NAN, value)
}

/// A loss of each method with its interval and its single starts.
pub(super) fn estimate_figure(
    comparison: &Comparison,
    (title, x_label): (&str, &str),
    estimate: impl Fn(&MethodResult) -> Estimate,
    single: impl Fn(&StartResult) -> f64,
) -> String {
    let rows = shown(comparison).into_iter().map(|(method, style)| {
        let Estimate {
            iqm,
            ci95: [low, high],
        } = estimate(method);
        IntervalRow {
            name: method.name.clone(),
            center: iqm,
            low,
            high,
            points: method.by_start.iter().map(&single).collect(),
            text: interval_text(&estimate(method)),
            style,
        }
    });
    let values = || comparison.methods.iter().map(|method| estimate(method).iqm);
    let limit = FAR * values().fold(f64::NAN, f64::min);
    let chart = IntervalChart {
        title: title.to_owned(),
        x_label: x_label.to_owned(),
        scale: AxisScale::Logarithmic,
        rows: rows.collect(),
        reference: reference(comparison, |method| estimate(method).iqm),
        limit,
        ..IntervalChart::default()
    };
    let mut caption =
        "Further left is better; the dashed line is the controller's mean.".to_owned();
    if values().any(|value| value > limit) {
        caption.push_str(" An arrow: beyond the end of the axis.");
    }
    Chart::from(chart).to_html(&caption, false)
}

/// Each method's curve with its band, in the colours of the table.
fn curve_series(comparison: &Comparison, band: impl Fn(&Curves) -> &Band) -> Vec<Series> {
    shown(comparison)
        .into_iter()
        .filter_map(|(method, style)| {
            let curves = method.curves.as_ref()?;
            let Band {
                center,
                lower,
                upper,
            } = band(curves);
            let steps = || curves.steps.iter().map(|&step| step as f64);
            let points = steps()
                .zip(center.iter().map(|&value| f64::from(value)))
                .collect();
            let band = steps()
                .zip(lower.iter().zip(upper))
                .map(|(x, (&low, &high))| BandPoint {
                    x,
                    low: low.into(),
                    high: high.into(),
                })
                .collect();
            let mark = if method.name == CONTROLLER {
                Mark::BoldLine
            } else {
                Mark::Line
            };
            Some(
                Series::line(method.name.clone(), points, style)
                    .with_band(band)
                    .with_mark(mark),
            )
        })
        .collect()
}

/// What the bands show, given that a crowded chart shows only the controller's.
fn bands(comparison: &Comparison) -> &'static str {
    let curves = comparison
        .methods
        .iter()
        .filter(|method| method.curves.is_some())
        .count();
    if curves > 4 {
        "the shaded band, shown for the controller (and for others where one points at them),"
    } else {
        "the shaded band"
    }
}

/// The mean loss curve of each method.
pub(super) fn loss_figure(comparison: &Comparison, threshold: f64) -> String {
    let references = if threshold > 0.0 {
        vec![Reference {
            value: threshold,
            label: "threshold of the first hit (single batches)".to_owned(),
        }]
    } else {
        Vec::new()
    };
    let chart = LineChart {
        title: "Loss over the descent".to_owned(),
        x_label: "step".to_owned(),
        y_label: "smoothed batch loss".to_owned(),
        y_scale: AxisScale::Logarithmic,
        series: curve_series(comparison, |curves| &curves.loss),
        references,
        height: 420,
        ..LineChart::default()
    };
    let caption = format!(
        "How the training loss falls under each method. A line is the interquartile mean over the starts; {} holds \
         the middle half of them.",
        bands(comparison)
    );
    Chart::from(chart).to_html(&caption, true)
}

/// The mean η of each method.
pub(super) fn learning_rate_figure(comparison: &Comparison) -> String {
    let chart = LineChart {
        title: "Learning rate η over the descent".to_owned(),
        x_label: "step".to_owned(),
        y_label: "η".to_owned(),
        y_scale: AxisScale::Logarithmic,
        series: curve_series(comparison, |curves| &curves.learning_rate),
        height: 360,
        ..LineChart::default()
    };
    let caption = format!(
        "The η that each method uses at each step. A line is the median over the starts; {} holds the middle half of \
         them.",
        bands(comparison)
    );
    Chart::from(chart).to_html(&caption, true)
}
