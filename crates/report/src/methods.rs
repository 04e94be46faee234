//! The comparison of methods: the table, and the order of the figures.

use super::method_figures::{estimate_figure, first_hit_figure, learning_rate_figure, loss_figure};
use super::profiles;
use super::shown::shown_positions;
use descender_compare::comparison::{Comparison, MethodResult, Role, first_hit_text, score_text};
use descender_figure::escape;
use descender_figure::swatch;
use descender_statistics::number::{
    interval_text, percent_interval_text, setting, significant, step_interval_text,
};

/// The section of a comparison. `threshold` is the loss of the first hit, NaN if it is not known.
pub(super) fn section(comparison: &Comparison, threshold: f64) -> String {
    let mut text = format!(
        "<h2>Comparison on held-out starts</h2>\n<p class=\"said\">{} steps of {} from each of {} start points that \
         were seen neither in training nor in the choice of the controller (seed {}). All methods go from the same \
         starts with the same batch orders.</p>\n",
        comparison.steps,
        escape(&comparison.task),
        comparison.starts,
        comparison.seed,
    );
    text.push_str(&summary_table(comparison));
    if comparison.anyone_hits() {
        text.push_str(&first_hit_figure(comparison, threshold));
        text.push_str(&profiles::section(comparison, threshold));
    } else {
        text.push_str(&format!(
            "<p class=\"said\">No method reaches {} from any start within {} steps: there is no first hit to \
             show.</p>\n",
            threshold_in_words(threshold),
            comparison.steps
        ));
    }
    text.push_str("<div class=\"pair\">\n");
    text.push_str(&estimate_figure(
        comparison,
        ("Final training loss", "mean of the last 50 batch losses"),
        |method| method.final_train_loss,
        |start| start.final_train_loss,
    ));
    text.push_str(&estimate_figure(
        comparison,
        (
            "Final validation loss",
            "loss on validation data, last step",
        ),
        |method| method.final_validation_loss,
        |start| start.final_validation_loss,
    ));
    text.push_str("</div>\n");
    if comparison
        .methods
        .iter()
        .any(|method| method.curves.is_some())
    {
        text.push_str("<h2>Descents</h2>\n");
        text.push_str(&loss_figure(comparison, threshold));
        text.push_str(&learning_rate_figure(comparison));
    }
    text
}

/// The threshold of the first hit in words.
fn threshold_in_words(threshold: f64) -> String {
    match threshold.is_finite() {
        true => format!("a batch loss of {}", setting(threshold)),
        false => "the loss threshold".to_owned(),
    }
}

/// A cell of the table: what it shows, and the number that ranks it (smaller is better; NaN: not ranked).
struct Cell {
    column: &'static str,
    text: String,
    rank: f64,
    bad: bool,
}

impl Cell {
    fn new(column: &'static str, text: String, rank: f64) -> Self {
        Self {
            column,
            text,
            rank,
            bad: false,
        }
    }
}

/// The cells of each method, in the order of the methods. All rows have the same columns: those in which some method
/// has something to show.
fn cells(comparison: &Comparison) -> Vec<Vec<Cell>> {
    let methods = || comparison.methods.iter();
    let paired =
        comparison.anyone_hits() && methods().any(|method| method.controller_against.is_some());
    let diverged = methods().any(|method| method.diverged > 0);
    let guarded = methods().any(|method| method.interventions > 0);
    let scores = comparison.algoperf_scores();
    let (has_accuracy, metrics) = (comparison.has_accuracy(), comparison.other_metrics());
    methods()
        .enumerate()
        .map(|(position, method)| {
            let hit = &method.first_hit;
            let mut cells = vec![Cell::new(
                "First hit, step",
                first_hit_text(hit),
                hit.figure(),
            )];
            if paired {
                let difference = method.controller_against.as_ref();
                let text = difference
                    .map_or_else(String::new, |paired| step_interval_text(&paired.difference));
                cells.push(Cell::new("Controller − method", text, f64::NAN));
            }
            let reached = format!("{}/{}", hit.reached, hit.starts);
            cells.push(Cell::new("Reached", reached, f64::NAN));
            if let Some(score) = scores.as_ref().map(|scores| &scores[position]) {
                cells.push(Cell::new("AlgoPerf score", score_text(score), -score.value));
            }
            for (column, loss) in [
                ("Training loss", &method.final_train_loss),
                ("Validation loss", &method.final_validation_loss),
            ] {
                cells.push(Cell::new(column, interval_text(loss), loss.iqm));
            }
            if has_accuracy {
                let accuracy = &method.validation_accuracy;
                let text = percent_interval_text(accuracy);
                cells.push(Cell::new("Accuracy, %", text, -accuracy.iqm));
            }
            for &metric in &metrics {
                let estimate = method.other_metric(metric);
                let sign = if metric.larger_is_better() { -1.0 } else { 1.0 };
                let text = interval_text(&estimate);
                cells.push(Cell::new(metric.heading(), text, sign * estimate.iqm));
            }
            if diverged {
                cells.push(Cell {
                    bad: method.diverged > 0,
                    ..Cell::new("Diverged", method.diverged.to_string(), f64::NAN)
                });
            }
            if guarded {
                let count = method.interventions.to_string();
                cells.push(Cell::new("Interventions", count, f64::NAN));
            }
            cells
        })
        .collect()
}

/// One row for each method; the best figure of each column is bold.
fn summary_table(comparison: &Comparison) -> String {
    let rows = cells(comparison);
    let columns: Vec<&str> = rows
        .first()
        .map_or_else(Vec::new, |row| row.iter().map(|cell| cell.column).collect());
    let best: Vec<f64> = (0..columns.len())
        .map(|column| {
            // `min` passes over NaN.
            let ranks = rows.iter().map(|row| row[column].rank);
            ranks.fold(f64::NAN, f64::min)
        })
        .collect();
    let heads: String = columns
        .iter()
        .map(|name| format!("<th scope=\"col\">{name}</th>"))
        .collect();
    let mut table = format!(
        "<div class=\"table\"><table>\n<thead><tr><th scope=\"col\">Method</th>{heads}</tr></thead>\n<tbody>\n"
    );
    let mut in_controls = false;
    for (position, style) in shown_positions(comparison) {
        let method = &comparison.methods[position];
        if method.role == Role::Control && !in_controls {
            in_controls = true;
            table.push_str(&format!(
                "<tr class=\"group\"><th colspan=\"{}\">Negative controls: what the controller must beat if its \
                 feedback and its training are worth anything</th></tr>\n",
                columns.len() + 1
            ));
        }
        table.push_str(&row(method, style, &rows[position], &best));
    }
    table.push_str("</tbody>\n</table></div>\n");
    table.push_str(
        "<p class=\"note\">Interquartile mean and, in brackets, its 95 % bootstrap interval over the starts; controller \
         − method: from the same starts. Bold: the best of each column. ≥: a bound, since a quarter of the starts or \
         more never reach the threshold; – as the end of an interval: not known, since starts that never reach it are in \
         it.</p>\n",
    );
    table.push_str("<details><summary>Settings of the methods</summary>\n");
    for method in &comparison.methods {
        let settings = serde_json::to_string_pretty(&method.settings).unwrap_or_default();
        table.push_str(&format!(
            "<pre>{}: {}</pre>\n",
            escape(&method.name),
            escape(&settings)
        ));
    }
    table.push_str("</details>\n");
    table
}

fn row(method: &MethodResult, style: usize, cells: &[Cell], best: &[f64]) -> String {
    let class = match method.role {
        _ if style == 0 => " class=\"controller\"",
        Role::Control => " class=\"control\"",
        Role::Controller | Role::Rival => "",
    };
    let mut text = format!(
        "<tr{class}><td><div class=\"method\">{}<span>{}</span></div>{}</td>",
        swatch(style),
        escape(&method.name),
        tuning(method)
    );
    for (cell, best) in cells.iter().zip(best) {
        let class = match cell {
            cell if cell.rank == *best => " class=\"best\"",
            cell if cell.bad => " class=\"bad\"",
            _ => "",
        };
        let shown = match cell.text.as_str() {
            "" => String::new(),
            text => format!("<span>{}</span>", with_pale_interval(text)),
        };
        text.push_str(&format!(
            "<td{class} data-label=\"{}\">{shown}</td>",
            cell.column
        ));
    }
    text.push_str("</tr>\n");
    text
}

/// What a method's settings cost to find.
fn tuning(method: &MethodResult) -> String {
    let Some(tuning) = &method.tuning else {
        return String::new();
    };
    let rates: Vec<String> = tuning.grid.iter().map(|&rate| setting(rate)).collect();
    format!(
        "<span class=\"aside\">best of {} settings (η = {}) for the {} on {} other starts; the search took {} steps</span>",
        tuning.tried,
        rates.join(", "),
        escape(&tuning.objective.replace('-', " ")),
        tuning.starts,
        significant(tuning.steps as f64, 3)
    )
}

/// A figure's text with the interval in its own element.
fn with_pale_interval(text: &str) -> String {
    match text.split_once(" [") {
        Some((value, interval)) => {
            format!(
                "{} <span class=\"ci\">[{}</span>",
                escape(value),
                escape(interval)
            )
        }
        None => escape(text),
    }
}
