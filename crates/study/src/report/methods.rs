//! The comparison of methods: the result in a sentence, the table, and the order of the figures.

use super::method_figures::{estimate_figure, first_hit_figure, learning_rate_figure, loss_figure};
use crate::comparison::{CONTROLLER, Comparison, FirstHit, MethodResult, first_hit_text};
use crate::escape::escape;
use crate::figure::{colour, dashed};
use crate::number::{
    interval_text, percent_interval_text, setting, significant, step_interval_text, tenths,
};

/// The section of a comparison. `threshold` is the loss of the first hit, NaN if it is not known.
pub(super) fn section(comparison: &Comparison, threshold: f64) -> String {
    let mut text = format!(
        "<h2>Result</h2>\n{}{}",
        verdict(comparison, threshold),
        cards(comparison)
    );
    text.push_str(&format!(
        "<h2>Comparison on held-out starts</h2>\n<p>{} steps of <b>{}</b> from each of {} start points that were \
         seen neither in training nor in the choice of the controller (seed {}); all methods from the same starts \
         with the same batch orders.</p>\n",
        comparison.steps,
        escape(&comparison.task),
        comparison.starts,
        comparison.seed,
    ));
    text.push_str(&summary_table(comparison));
    text.push_str(&first_hit_figure(comparison, threshold));
    text.push_str("<div class=\"figures\">\n");
    text.push_str(&estimate_figure(
        comparison,
        ("Final training loss", "mean of the last 50 batch losses"),
        |method| method.final_train_loss,
    ));
    text.push_str(&estimate_figure(
        comparison,
        (
            "Final validation loss",
            "loss on the validation data after the last step",
        ),
        |method| method.final_validation_loss,
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

/// The result in two sentences.
fn verdict(comparison: &Comparison, threshold: f64) -> String {
    let Some(controller) = comparison.controller() else {
        return String::new();
    };
    let level = if threshold.is_finite() {
        format!("a batch loss of {}", setting(threshold))
    } else {
        "the loss threshold".to_owned()
    };
    let own = &controller.first_hit;
    let mut text = if own.reached == 0 {
        format!(
            "The controller did not reach {level} from any of {} starts.",
            own.starts
        )
    } else {
        format!(
            "The controller first reaches {level} at step <b>{}</b> (interquartile mean over {} starts, 95 % interval).",
            step_interval_text(&own.estimate()),
            own.starts
        )
    };
    if let Some(rival) = comparison.best_rival() {
        text.push_str(&format!(
            " The earliest of the other methods, <b>{}</b>, gets there at step <b>{}</b>",
            escape(&rival.name),
            step_interval_text(&rival.first_hit.estimate())
        ));
        if let Some(paired) = rival
            .controller_against
            .as_ref()
            .filter(|_| own.reached > 0)
        {
            text.push_str(&format!(
                "; from the same starts, controller − {} is <b>{}</b> steps",
                escape(&rival.name),
                step_interval_text(&paired.difference)
            ));
        }
        text.push('.');
    } else if comparison.methods.len() > 1 {
        text.push_str(" None of the other methods gets there.");
    }
    format!("<p class=\"lead\">{text}</p>\n")
}

/// The first hits of the controller and its best rival, and how well the controller did at the end.
fn cards(comparison: &Comparison) -> String {
    let Some(controller) = comparison.controller() else {
        return String::new();
    };
    let mut cards = String::from("<div class=\"cards\">\n");
    let mut card = |method: &MethodResult, name: &str, value: &str, more: &str| {
        let style = comparison
            .methods
            .iter()
            .position(|other| other.name == method.name)
            .unwrap_or(0);
        cards.push_str(&format!(
            "<div class=\"card\" style=\"border-top-color: {}\"><div class=\"name\">{}</div>\
             <div class=\"value\">{}</div><div class=\"more\">{}</div></div>\n",
            colour(style),
            escape(name),
            escape(value),
            escape(more)
        ));
    };
    let mut first_hit_card = |method: &MethodResult| {
        let FirstHit {
            iqm,
            ci95: [low, high],
            reached,
            starts,
        } = method.first_hit;
        let value = if reached == 0 {
            "never".to_owned()
        } else {
            tenths(iqm)
        };
        let more = format!(
            "95 % interval {} to {}; reached {reached}/{starts}",
            tenths(low),
            tenths(high)
        );
        card(
            method,
            &format!("First hit, {}", method.name),
            &value,
            &more,
        );
    };
    first_hit_card(controller);
    if let Some(rival) = comparison.best_rival() {
        first_hit_card(rival);
    }
    let interval = |[low, high]: [f64; 2], show: &dyn Fn(f64) -> String| {
        format!("95 % interval {} to {}", show(low), show(high))
    };
    let loss = controller.final_validation_loss;
    let three = |value| significant(value, 3);
    card(
        controller,
        "Validation loss, controller",
        &three(loss.iqm),
        &interval(loss.ci95, &three),
    );
    let accuracy = controller.validation_accuracy;
    let percent = |share: f64| format!("{} %", tenths(share * 100.0));
    card(
        controller,
        "Validation accuracy, controller",
        &percent(accuracy.iqm),
        &interval(accuracy.ci95, &percent),
    );
    cards.push_str("</div>\n");
    cards
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

/// One row for each method; the best figure of each column is bold.
fn summary_table(comparison: &Comparison) -> String {
    let rows: Vec<[Cell; 4]> = comparison.methods.iter().map(cells).collect();
    let best: [f64; 4] = std::array::from_fn(|column| {
        // `min` passes over NaN.
        rows.iter()
            .map(|row| row[column].rank)
            .fold(f64::NAN, f64::min)
    });
    let mut table = String::from(
        "<div class=\"sheet\"><table>\n<thead><tr><th>Method</th><th>First hit, step</th><th>Reached</th>\
         <th>Final training loss</th><th>Final validation loss</th><th>Validation accuracy, %</th>\
         <th>Diverged</th></tr></thead>\n<tbody>\n",
    );
    for (index, (method, row)) in comparison.methods.iter().zip(&rows).enumerate() {
        let measures: [String; 4] = std::array::from_fn(|column| {
            let class = if row[column].rank == best[column] {
                " class=\"best\""
            } else {
                ""
            };
            format!("<td{class}>{}</td>", with_pale_interval(&row[column].text))
        });
        let [first_hit, train_loss, validation_loss, accuracy] = measures;
        table.push_str(&format!(
            "<tr{}><td><span class=\"swatch{}\" style=\"color: {}\"></span>{}</td>{first_hit}\
             <td>{}/{}</td>{train_loss}{validation_loss}{accuracy}<td{}>{}</td></tr>\n",
            if method.name == CONTROLLER {
                " class=\"controller\""
            } else {
                ""
            },
            if dashed(index) { " hollow" } else { "" },
            colour(index),
            escape(&method.name),
            method.first_hit.reached,
            method.first_hit.starts,
            if method.diverged > 0 {
                " class=\"bad\""
            } else {
                ""
            },
            method.diverged,
        ));
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
