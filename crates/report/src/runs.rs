//! Several runs side by side: one table of runs × methods for each measure, with intervals over seeds and starts.
//!
//! Runs can be put side by side if they were compared on the same task, with the same number of steps and starts and the
//! same threshold. A run is a sample of one training, so the last column has the interval over all of them: over seeds
//! and starts ([`descender_statistics::seeds_and_starts`]). Methods that are not in every run are left out.

use super::RunReport;
use descender_compare::comparison::{AcrossRuns, Comparison, Measure, figure_text};
use descender_figure::escape;

/// The tables; empty where fewer than two runs can be put side by side.
pub(super) fn section(runs: &[RunReport]) -> String {
    let Some((runs, across)) = alike(runs) else {
        return String::new();
    };
    let first = runs[0].comparison;
    let measures = [
        (Measure::FirstHit, "First hit, step"),
        (Measure::FinalValidationLoss, "Final validation loss"),
        (Measure::ValidationAccuracy, "Validation accuracy, %"),
    ];
    let mut text = format!(
        "<h2>All runs</h2>\n<p class=\"said\">{} runs on <b>{}</b>, compared over {} steps from {} starts each.</p>\n",
        runs.len(),
        escape(&first.task),
        first.steps,
        first.starts
    );
    for (measure, title) in measures {
        let shown = match measure {
            Measure::FirstHit => first.anyone_hits(),
            Measure::ValidationAccuracy => first.has_accuracy(),
            _ => true,
        };
        if shown {
            text.push_str(&table(&runs, &across, measure, title));
        }
    }
    text.push_str(
        "<p class=\"note\">A column is a run: the interquartile mean with its 95 % interval over the starts. All runs: \
         over all of them, with a 95 % interval over seeds and starts, both resampled and stretched for few seeds. ≥: a \
         bound, since a quarter of the starts or more never reach the threshold.</p>\n",
    );
    text
}

/// A run of the page.
struct Run<'a> {
    /// Its number on the page, from 1.
    number: usize,
    name: &'a str,
    comparison: &'a Comparison,
}

/// The runs that can be put side by side; `None` where they are fewer than two, or
/// not all alike.
fn alike(runs: &[RunReport]) -> Option<(Vec<Run<'_>>, AcrossRuns<'_>)> {
    let compared: Vec<Run<'_>> = (runs.iter().enumerate())
        .filter_map(|(index, run)| {
            Some(Run {
                number: index + 1,
                name: if run.name.is_empty() {
                    "run"
                } else {
                    &run.name
                },
                comparison: run.comparison.as_ref()?,
            })
        })
        .collect();
    let comparisons: Vec<&Comparison> = compared.iter().map(|run| run.comparison).collect();
    AcrossRuns::of(&comparisons).map(|across| (compared, across))
}

fn table(runs: &[Run<'_>], across: &AcrossRuns<'_>, measure: Measure, title: &str) -> String {
    let heads: String = (runs.iter())
        .map(|Run { number, name, .. }| {
            let name = escape(name);
            format!("<th scope=\"col\"><a href=\"#run-{number}\">{name}</a></th>")
        })
        .collect();
    let mut text = format!(
        "<div class=\"table\"><table>\n<thead><tr><th scope=\"col\">{title}</th>{heads}<th scope=\"col\">All \
         runs</th></tr></thead>\n<tbody>\n"
    );
    for (name, results) in across.methods() {
        text.push_str(&format!("<tr><td>{}</td>", escape(name)));
        for (run, result) in runs.iter().zip(&results) {
            text.push_str(&format!(
                "<td data-label=\"{}\">{}</td>",
                escape(run.name),
                escape(&figure_text(result, measure))
            ));
        }
        text.push_str(&format!(
            "<td data-label=\"All runs\"><b>{}</b></td></tr>\n",
            escape(&across.over_all(&results, measure))
        ));
    }
    text.push_str("</tbody>\n</table></div>\n");
    text
}
