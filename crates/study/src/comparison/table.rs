//! A comparison as plain text, for a terminal.

use super::{Comparison, FirstHit, MethodResult};
use crate::number::{interval_text, percent_interval_text, setting, step_interval_text};
use crate::statistics::{Estimate, PairedComparison};

/// The headings, and the same order in [`row`].
const HEADINGS: [&str; 7] = [
    "method",
    "first hit",
    "reached",
    "train loss",
    "validation loss",
    "accuracy, %",
    "diverged",
];

/// The comparison as an aligned table under a line on what it shows, every figure an interquartile mean with its
/// 95 % interval; then a line for each rival of a controller, on the same starts. The text ends with a line feed and needs no more than Unicode's `–` for what is unknown.
#[must_use]
pub fn table(comparison: &Comparison) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(comparison.methods.iter().map(row));
    let widths: [usize; 7] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    });
    let mut text = format!(
        "{}: {} steps from each of {} starts (seed {}); first batch loss <= {}; interquartile mean [95 % interval]\n",
        comparison.task,
        comparison.steps,
        comparison.starts,
        comparison.seed,
        setting(comparison.threshold)
    );
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
        if index == 0 {
            text.push_str(&widths.map(|width| "-".repeat(width)).join("  "));
            text.push('\n');
        }
    }
    let earliest = comparison
        .methods
        .iter()
        .filter(|method| method.first_hit.reached > 0 && method.first_hit.iqm.is_finite())
        .min_by(|a, b| a.first_hit.iqm.total_cmp(&b.first_hit.iqm));
    if let Some(earliest) = earliest {
        text.push_str(&format!("earliest: {}\n", printable(&earliest.name)));
    }
    for method in &comparison.methods {
        if let Some(paired) = &method.controller_against {
            text.push_str(&paired_text(&method.name, paired));
        }
    }
    text
}

/// The controller against a method on the same starts, as one line.
fn paired_text(name: &str, paired: &PairedComparison) -> String {
    let share = &paired.probability_of_improvement;
    format!(
        "controller - {}: {} steps to the first hit; the controller is earlier from {} % of the starts\n",
        printable(name),
        step_interval_text(&paired.difference),
        percent_interval_text(&Estimate {
            iqm: share.value,
            ci95: share.ci95
        }),
    )
}

/// A name comes from the command line: control characters must not reach the terminal.
pub(super) fn printable(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn row(method: &MethodResult) -> [String; 7] {
    [
        printable(&method.name),
        first_hit_text(&method.first_hit),
        format!("{}/{}", method.first_hit.reached, method.first_hit.starts),
        interval_text(&method.final_train_loss),
        interval_text(&method.final_validation_loss),
        percent_interval_text(&method.validation_accuracy),
        method.diverged.to_string(),
    ]
}

/// The first hit with its interval, or `never`.
pub(crate) fn first_hit_text(first_hit: &FirstHit) -> String {
    if first_hit.reached == 0 && first_hit.starts > 0 {
        return "never".to_owned();
    }
    step_interval_text(&first_hit.estimate())
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;
    use crate::statistics::paired::Share;

    #[test]
    fn the_table_shows_every_figure() {
        let expected = "\
mnist: 500 steps from each of 24 starts (seed 7); first batch loss <= 0.02; interquartile mean [95 % interval]
method      first hit             reached  train loss               validation loss       accuracy, %        diverged
----------  --------------------  -------  -----------------------  --------------------  -----------------  --------
controller  184.5 [174.5, 197.0]  24/24    0.0625 [0.0469, 0.0781]  0.125 [0.117, 0.133]  96.9 [96.5, 97.3]  0
adam:0.001  338.1 [328.1, 350.6]  23/24    0.0625 [0.0469, 0.0781]  0.125 [0.117, 0.133]  96.9 [96.5, 97.3]  0
sgd:0.01    never                 0/24     0.0625 [0.0469, 0.0781]  0.125 [0.117, 0.133]  96.9 [96.5, 97.3]  0
sgd:<5>     never                 0/24     –                        –                     96.9 [96.5, 97.3]  24
earliest: controller
controller - adam:0.001: −53.5 [−60.0, −47.0] steps to the first hit; the controller is earlier from 87.5 [75.0, 95.8] % of the starts
";
        let mut comparison = sample();
        comparison.methods[1].controller_against = Some(PairedComparison {
            difference: Estimate {
                iqm: -53.5,
                ci95: [-60.0, -47.0],
            },
            probability_of_improvement: Share {
                value: 0.875,
                ci95: [0.75, 0.958],
            },
        });
        assert_eq!(table(&comparison), expected);
    }

    #[test]
    fn an_empty_comparison_and_an_odd_name_are_shown() {
        let mut comparison = sample();
        comparison.methods[0].name = "sgd\n\u{1b}[31m:0.1".to_owned();
        comparison.methods.truncate(1);
        let text = table(&comparison);
        assert_eq!(text.lines().count(), 5);
        assert!(!text.contains('\u{1b}'));
        comparison.methods.clear();
        assert_eq!(table(&comparison).lines().count(), 3);
    }
}
