//! First on the page: what was trained, what it was compared with, and what came of it.

use super::RunReport;
use super::shown::style_of;
use descender_compare::comparison::{CONTROLLER, Comparison, FirstHit, MethodResult, Role};
use descender_figure::class;
use descender_figure::escape;
use descender_statistics::number::{significant, tenths};

/// The summary of a run.
pub(super) fn section(run: &RunReport) -> String {
    let mut text = String::new();
    for paragraph in &run.lead {
        text.push_str(&format!("<p>{}</p>\n", escape(paragraph)));
    }
    if !run.facts.trained.is_empty() {
        text.push_str(&format!(
            "<p class=\"said\">{}</p>\n",
            escape(&run.facts.trained)
        ));
    }
    if let Some(cost) = run.training_cost() {
        text.push_str(&format!(
            "<p class=\"said\">The training cost {}.</p>\n",
            escape(&cost)
        ));
    }
    if let Some(comparison) = &run.comparison {
        text.push_str(&compared(comparison));
        if !comparison.methods.is_empty() {
            text.push_str(&format!(
                "<p class=\"verdict\">{}</p>\n",
                escape(&comparison.verdict().sentence)
            ));
        }
        text.push_str(&cards(comparison));
    } else if !run.episodes.is_empty() {
        text.push_str("<p class=\"said\">It has not been compared with other methods.</p>\n");
    }
    text
}

/// What was compared, as a sentence.
fn compared(comparison: &Comparison) -> String {
    let count = |role: Role| {
        comparison
            .methods
            .iter()
            .filter(|method| method.role == role && method.name != CONTROLLER)
            .count()
    };
    let some = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let (rivals, controls) = (count(Role::Rival), count(Role::Control));
    let others = match (rivals, controls) {
        (0, 0) => return String::new(),
        (_, 0) => some(rivals, "method"),
        (0, _) => some(controls, "negative control"),
        _ => format!(
            "{} and {}",
            some(rivals, "method"),
            some(controls, "negative control")
        ),
    };
    let names: Vec<String> = comparison
        .methods
        .iter()
        .filter(|method| method.role == Role::Rival && method.name != CONTROLLER)
        .map(|method| escape(&method.name))
        .collect();
    let list = if names.is_empty() {
        String::new()
    } else {
        format!(": {}", names.join(", "))
    };
    let what = if comparison.controller().is_some() {
        "It was compared with"
    } else {
        "Compared:"
    };
    format!(
        "<p class=\"said\">{what} {others} on {} held-out start points of <b>{}</b>, {} steps each{list}.</p>\n",
        comparison.starts,
        escape(&comparison.task),
        comparison.steps
    )
}

/// The first hits of the controller and its best rival, if anyone hits, and how well the controller did at the end.
fn cards(comparison: &Comparison) -> String {
    let Some(controller) = comparison.controller() else {
        return String::new();
    };
    let mut cards = String::from("<div class=\"cards\">\n");
    let mut card = |method: &MethodResult, name: &str, value: &str, more: &str| {
        cards.push_str(&format!(
            "<div class=\"card {}\"><div class=\"name\">{}</div><div class=\"value\">{value}</div>\
             <div class=\"more\">{}</div></div>\n",
            class(style_of(comparison, method)),
            escape(name),
            escape(more)
        ));
    };
    let mut first_hit_card = |method: &MethodResult| {
        let FirstHit {
            ci95: [low, high],
            reached,
            starts,
            ..
        } = method.first_hit;
        let value = match reached {
            0 => "never".to_owned(),
            _ => format!("<small>step</small> {}", method.first_hit.value_text()),
        };
        let of = format!("{reached} of {starts} starts");
        let more = match (reached, method.first_hit.is_bound()) {
            (0, _) => of,
            (_, true) => format!("a bound: {of} got there"),
            _ if high.is_finite() => format!("{} to {} (95 %); {of}", tenths(low), tenths(high)),
            _ => format!("{} or later (95 %); {of}", tenths(low)),
        };
        card(
            method,
            &format!("First hit, {}", method.name),
            &value,
            &more,
        );
    };
    if comparison.anyone_hits() {
        first_hit_card(controller);
        if let Some(rival) = comparison.best_rival() {
            first_hit_card(rival);
        }
    }
    let interval = |[low, high]: [f64; 2], show: &dyn Fn(f64) -> String| {
        format!("{} to {} (95 %)", show(low), show(high))
    };
    let loss = controller.final_validation_loss;
    let three = |value| significant(value, 3);
    card(
        controller,
        "Validation loss, controller",
        &three(loss.iqm),
        &interval(loss.ci95, &three),
    );
    if comparison.has_accuracy() {
        let accuracy = controller.validation_accuracy;
        let percent = |share: f64| format!("{} %", tenths(share * 100.0));
        card(
            controller,
            "Validation accuracy, controller",
            &format!("{} <small>%</small>", tenths(accuracy.iqm * 100.0)),
            &interval(accuracy.ci95, &percent),
        );
    }
    cards.push_str("</div>\n");
    cards
}
