//! The tables of `results/learning/README.md` are the committed results and nothing else.

use std::fmt::Write as _;

use descender_statistics::{Estimate, interquartile_mean};
use descender_study::comparison::{Comparison, MethodResult};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn page() -> String {
    std::fs::read_to_string(format!("{ROOT}/results/learning/README.md"))
        .expect("the page is committed")
}

fn committed(name: &str) -> Comparison {
    let text = std::fs::read_to_string(format!("{ROOT}/results/learning/{name}/comparison.json"))
        .expect("the results are committed");
    serde_json::from_str(&text).expect("a result file is a comparison")
}

fn method<'a>(comparison: &'a Comparison, name: &str) -> &'a MethodResult {
    let found = comparison
        .methods
        .iter()
        .find(|method| method.name.starts_with(name));
    found.unwrap_or_else(|| panic!("{name} was not compared"))
}

/// A loss with its interval.
fn loss(estimate: &Estimate) -> String {
    let [low, high] = estimate.ci95;
    format!("{:.4} [{low:.4}, {high:.4}]", estimate.iqm)
}

/// A descent that ended at chance, or not at all.
fn lost(method: &MethodResult) -> usize {
    let starts = method.by_start.iter();
    starts
        .filter(|start| {
            start.diverged
                || start.final_validation_loss.is_nan()
                || start.final_validation_loss > 2.2
        })
        .count()
}

fn expect_rows(rows: &str) {
    let page = page();
    for row in rows.lines() {
        assert!(
            page.contains(row),
            "the page does not show\n{row}\nof\n{rows}"
        );
    }
}

#[test]
fn every_method_on_a_hundred_unseen_starts() {
    let comparison = committed("random");
    assert!(comparison.starts >= 100 && comparison.steps == 500);
    let mut rows = String::new();
    for method in &comparison.methods {
        let [low, high] = method.first_hit.ci95;
        writeln!(
            rows,
            "| `{}` | {:.1} [{low:.1}, {high:.1}] | {}/{} | {} | {} |",
            method.name,
            method.first_hit.iqm,
            method.first_hit.reached,
            method.first_hit.starts,
            loss(&method.final_train_loss),
            loss(&method.final_validation_loss),
        )
        .expect("text can grow");
    }
    expect_rows(&rows);
}

#[test]
fn where_it_was_not_trained() {
    let mut rows = String::new();
    let mut near = 0;
    for (shift, words) in [
        ("batch=16", "batch size 16"),
        ("batch=128", "batch size 128"),
        ("width=0.5", "half the width"),
        ("data=0.25", "a quarter of the data"),
        ("noise=0.2", "20 % wrong labels"),
    ] {
        let comparison = committed(&format!("shift-{shift}"));
        assert!(comparison.starts >= 100 && comparison.steps == 500);
        let methods = ["controller", "schedule:", "sgd:", "momentum:", "adam:"]
            .map(|name| method(&comparison, name));
        let best = methods.map(|method| method.final_validation_loss.iqm);
        let best = best.into_iter().fold(f64::INFINITY, f64::min);
        let share = methods[0].final_validation_loss.iqm / best;
        near += usize::from(share <= 1.05);
        let cells = methods.map(|method| loss(&method.final_validation_loss));
        writeln!(rows, "| {words} | {} | {share:.2} |", cells.join(" | ")).expect("text can grow");
    }
    writeln!(rows, "best or within 5 % of the best in {near} of these 5").expect("text can grow");
    expect_rows(&rows);
}

#[test]
fn from_every_start_learning_rate() {
    let mut rows = String::new();
    let (mut hits, mut losses, mut descents, mut dead) = (Vec::new(), Vec::new(), 0, 0);
    let constants = committed("start-constants");
    for constant in &constants.methods {
        let rate = constant.name.trim_start_matches("sgd:");
        let comparison = committed(&format!("start-{rate}"));
        let controller = method(&comparison, "controller");
        writeln!(
            rows,
            "| {rate} | {:.1} | {} | {} of {} | {} | {} of {} |",
            controller.first_hit.iqm,
            loss(&controller.final_validation_loss),
            lost(controller),
            comparison.starts,
            loss(&constant.final_validation_loss),
            lost(constant),
            constants.starts,
        )
        .expect("text can grow");
        hits.push(controller.first_hit.iqm);
        losses.push(controller.final_validation_loss.iqm);
        descents += controller.by_start.len();
        dead += lost(controller);
    }
    assert!(descents >= 1000);
    let ratio = |values: &[f64]| {
        let low = values
            .iter()
            .fold(f64::INFINITY, |low, value| low.min(*value));
        values.iter().fold(0.0_f64, |high, value| high.max(*value)) / low
    };
    writeln!(
        rows,
        "{dead} of {descents} descents lost; worst over best start η: {:.2} in first hits, {:.2} in validation losses",
        ratio(&hits),
        ratio(&losses)
    )
    .expect("text can grow");
    expect_rows(&rows);
}

/// The bars that the controller was built for.
#[test]
fn the_bars() {
    let comparison = committed("random");
    let controller = method(&comparison, "controller");
    let hit = |name: &str| controller.first_hit.iqm / method(&comparison, name).first_hit.iqm;
    let mut rows = String::new();
    for name in [
        "adam:0.001",
        "sgd:0.1",
        "tuned:sgd",
        "tuned:momentum",
        "tuned:adam",
        "prodigy",
    ] {
        writeln!(
            rows,
            "| first hit, controller / `{name}` | {:.2} |",
            hit(name)
        )
        .expect("text can grow");
    }
    let validation = |name: &str| {
        controller.final_validation_loss.iqm / method(&comparison, name).final_validation_loss.iqm
    };
    for name in [
        "adam:0.001",
        "sgd:0.1",
        "linear:0.25",
        "linear:0.006;optimizer=adam",
    ] {
        writeln!(
            rows,
            "| validation loss, controller / `{name}` | {:.2} |",
            validation(name)
        )
        .expect("text can grow");
    }
    // Start by start, in both measures at once: what a fixed start would show.
    let both = |name: &str| {
        let rival = method(&comparison, name);
        let steps = comparison.steps;
        let pairs = controller.by_start.iter().zip(&rival.by_start);
        let better = pairs.filter(|(own, other)| {
            own.first_hit.unwrap_or(steps) < other.first_hit.unwrap_or(steps)
                && own.final_train_loss < other.final_train_loss
        });
        better.count()
    };
    for name in ["adam:0.001", "sgd:0.1"] {
        writeln!(
            rows,
            "| starts with an earlier hit and a lower final training loss than `{name}` | {} of {} |",
            both(name),
            comparison.starts
        )
        .expect("text can grow");
    }
    let hits: Vec<f64> = controller
        .by_start
        .iter()
        .map(|start| start.first_hit.unwrap_or(comparison.steps) as f64)
        .collect();
    assert!((interquartile_mean(&hits) - controller.first_hit.iqm).abs() < 1e-9);
    expect_rows(&rows);
}
