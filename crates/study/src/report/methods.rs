//! The comparison of methods: the table, and the order of the figures.

use super::method_figures::{estimate_figure, first_hit_figure, learning_rate_figure, loss_figure};
use super::profiles;
use crate::comparison::{CONTROLLER, Comparison, MethodResult, Role, first_hit_text};
use crate::escape::escape;
use crate::figure::{control, swatch};
use crate::number::{
    interval_text, percent_interval_text, setting, significant, step_interval_text,
};

/// The style index of each method, in their order: one for the controller, one for each rival, and those of negative
/// controls.
pub(super) fn styles(comparison: &Comparison) -> Vec<usize> {
    let (mut rivals, mut controls) = (0, 0);
    comparison
        .methods
        .iter()
        .map(|method| {
            if method.name == CONTROLLER {
                return 0;
            }
            if method.role == Role::Control {
                controls += 1;
                return control(controls - 1);
            }
            rivals += 1;
            rivals
        })
        .collect()
}

/// The style index of one method.
pub(super) fn style_of(comparison: &Comparison, method: &MethodResult) -> usize {
    let position = comparison
        .methods
        .iter()
        .position(|other| other.name == method.name);
    position.map_or(0, |position| styles(comparison)[position])
}

/// The methods with their style indices as they are shown: negative controls last.
pub(super) fn shown(comparison: &Comparison) -> Vec<(&MethodResult, usize)> {
    let mut methods: Vec<_> = comparison.methods.iter().zip(styles(comparison)).collect();
    methods.sort_by_key(|(method, _)| method.role == Role::Control);
    methods
}

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
    text.push_str(&first_hit_figure(comparison, threshold));
    text.push_str(&profiles::section(comparison, threshold));
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

/// A measure of a method: the number that ranks it (smaller is better) and its text.
struct Cell {
    rank: f64,
    text: String,
}

fn cells(method: &MethodResult) -> [Cell; 4] {
    let first_hit = &method.first_hit;
    [
        Cell {
            rank: if first_hit.reached == 0 {
                f64::NAN
            } else {
                first_hit.iqm
            },
            text: first_hit_text(first_hit),
        },
        Cell {
            rank: method.final_train_loss.iqm,
            text: interval_text(&method.final_train_loss),
        },
        Cell {
            rank: method.final_validation_loss.iqm,
            text: interval_text(&method.final_validation_loss),
        },
        Cell {
            rank: -method.validation_accuracy.iqm,
            text: percent_interval_text(&method.validation_accuracy),
        },
    ]
}

/// The names of the columns, which the rows repeat where a phone shows one below the other.
const COLUMNS: [&str; 7] = [
    "First hit, step",
    "Controller − method",
    "Reached",
    "Training loss",
    "Validation loss",
    "Accuracy, %",
    "Diverged",
];

/// One row for each method; the best figure of each column is bold.
fn summary_table(comparison: &Comparison) -> String {
    let methods = shown(comparison);
    let best: [f64; 4] = std::array::from_fn(|column| {
        // `min` passes over NaN.
        methods
            .iter()
            .map(|(method, _)| cells(method)[column].rank)
            .fold(f64::NAN, f64::min)
    });
    let paired = methods
        .iter()
        .any(|(method, _)| method.controller_against.is_some());
    let used = |name: &&&str| paired || **name != COLUMNS[1];
    let heads: String = COLUMNS
        .iter()
        .filter(used)
        .map(|name| format!("<th scope=\"col\">{name}</th>"))
        .collect();
    let columns = 1 + COLUMNS.iter().filter(used).count();
    let mut table = format!(
        "<div class=\"table\"><table>\n<thead><tr><th scope=\"col\">Method</th>{heads}</tr></thead>\n<tbody>\n"
    );
    let mut in_controls = false;
    for (method, style) in methods {
        if method.role == Role::Control && !in_controls {
            in_controls = true;
            table.push_str(&format!(
                "<tr class=\"group\"><th colspan=\"{columns}\">Negative controls: what the controller must beat if \
                 its feedback and its training are worth anything</th></tr>\n"
            ));
        }
        table.push_str(&row(method, style, &best, paired));
    }
    table.push_str("</tbody>\n</table></div>\n");
    table.push_str(
        "<p class=\"note\">Interquartile mean and, in brackets, its 95 % bootstrap interval over the starts. \
         Bold: the best of each column. A start that never reaches the threshold counts as the whole descent.</p>\n",
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

fn row(method: &MethodResult, style: usize, best: &[f64; 4], paired: bool) -> String {
    let class = match method.role {
        _ if style == 0 => " class=\"controller\"",
        Role::Control => " class=\"control\"",
        Role::Controller | Role::Rival => "",
    };
    let measures = cells(method);
    let cell = |column: usize, label: &str| {
        let class = if measures[column].rank == best[column] {
            " class=\"best\""
        } else {
            ""
        };
        let text = with_pale_interval(&measures[column].text);
        format!("<td{class} data-label=\"{label}\"><span>{text}</span></td>")
    };
    let mut text = format!(
        "<tr{class}><td><div class=\"method\">{}<span>{}</span></div>{}</td>{}",
        swatch(style),
        escape(&method.name),
        tuning(method),
        cell(0, COLUMNS[0])
    );
    if paired {
        let difference = method
            .controller_against
            .as_ref()
            .map_or_else(String::new, |paired| step_interval_text(&paired.difference));
        text.push_str(&format!(
            "<td data-label=\"{}\">{}</td>",
            COLUMNS[1],
            if difference.is_empty() {
                String::new()
            } else {
                format!("<span>{}</span>", with_pale_interval(&difference))
            }
        ));
    }
    text.push_str(&format!(
        "<td data-label=\"{}\">{}/{}</td>{}{}{}<td{} data-label=\"{}\">{}</td></tr>\n",
        COLUMNS[2],
        method.first_hit.reached,
        method.first_hit.starts,
        cell(1, COLUMNS[3]),
        cell(2, COLUMNS[4]),
        cell(3, COLUMNS[5]),
        if method.diverged > 0 {
            " class=\"bad\""
        } else {
            ""
        },
        COLUMNS[6],
        method.diverged,
    ));
    text
}

/// What a method's settings cost to find.
fn tuning(method: &MethodResult) -> String {
    let Some(tuning) = &method.tuning else {
        return String::new();
    };
    let rates: Vec<String> = tuning.grid.iter().map(|&rate| setting(rate)).collect();
    format!(
        "<span class=\"aside\">best of η = {} on {} other starts; the search took {} steps</span>",
        rates.join(", "),
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
