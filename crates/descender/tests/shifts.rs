//! The tables of `results/shifts/README.md` are the committed results and nothing else.

use std::fmt::Write as _;

use descender_compare::comparison::{Comparison, MethodResult};
use descender_statistics::Estimate;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The change, and its words in the table.
const CHANGES: [(&str, &str); 5] = [
    ("batch=16", "batch size 16"),
    ("batch=128", "batch size 128"),
    ("width=0.5", "half the width"),
    ("data=0.25", "a quarter of the data"),
    ("noise=0.2", "20 % wrong labels"),
];
/// How the rivals' names begin, in the order of the columns.
const RIVALS: [&str; 5] = [
    "schedule-free-adamw:0.02;",
    "schedule-free-adamw:0.01414;",
    "cosine:0.016;optimizer=nadamw",
    "linear:0.01131;optimizer=adamw",
    "linear:0.05;optimizer=momentum",
];

fn committed(change: &str) -> Comparison {
    let text = std::fs::read_to_string(format!("{ROOT}/results/shifts/{change}/comparison.json"))
        .expect("the results are committed");
    serde_json::from_str(&text).expect("a result file is a comparison")
}

/// The five controllers: the one that was compared, and the four it was compared with.
fn controllers(comparison: &Comparison) -> Vec<&MethodResult> {
    let all = comparison.methods.iter();
    let found: Vec<_> = all
        .filter(|method| method.name == "controller" || method.name.starts_with("controller:"))
        .collect();
    assert_eq!(found.len(), 5);
    found
}

/// Mean, lowest and highest of the five, and the figures of the rivals and of the replayed schedule.
fn row(
    comparison: &Comparison,
    figure: impl Fn(&MethodResult) -> Estimate,
    digits: usize,
) -> (String, f64) {
    let own: Vec<f64> = controllers(comparison)
        .into_iter()
        .map(|method| figure(method).iqm)
        .collect();
    let mean = own.iter().sum::<f64>() / own.len() as f64;
    let low = own.iter().copied().fold(f64::INFINITY, f64::min);
    let high = own.iter().copied().fold(0.0, f64::max);
    let mut cells = format!("{mean:.digits$} ({low:.digits$} to {high:.digits$})");
    let mut best = mean;
    for name in RIVALS.into_iter().chain(["replay"]) {
        let mut methods = comparison.methods.iter();
        let found = methods
            .find(|method| method.name.starts_with(name))
            .unwrap_or_else(|| panic!("{name} was not compared"));
        let Estimate { iqm, ci95 } = figure(found);
        write!(
            cells,
            " | {iqm:.digits$} [{:.digits$}, {:.digits$}]",
            ci95[0], ci95[1]
        )
        .expect("text can grow");
        best = best.min(iqm);
    }
    (cells, mean / best)
}

fn table(
    changes: &[(&str, &str)],
    figure: impl Fn(&MethodResult) -> Estimate,
    digits: usize,
) -> String {
    let (mut rows, mut near) = (String::new(), 0);
    for (change, words) in changes {
        let comparison = committed(change);
        assert!(comparison.starts >= 30 && comparison.steps == 500);
        assert!(
            controllers(&comparison)
                .iter()
                .all(|method| method.diverged == 0)
        );
        let (cells, share) = row(&comparison, &figure, digits);
        near += usize::from(share <= 1.05);
        writeln!(rows, "| {words} | {cells} | {share:.2} |").expect("text can grow");
    }
    let count = changes.len();
    writeln!(
        rows,
        "best or within 5 % of the best in {near} of these {count}"
    )
    .expect("text can grow");
    rows
}

#[test]
fn the_page_shows_the_committed_results() {
    let page = std::fs::read_to_string(format!("{ROOT}/results/shifts/README.md"))
        .expect("the page is committed");
    let losses = table(&CHANGES, |method| method.final_validation_loss, 4);
    // With wrong labels nobody reaches the threshold.
    assert!(
        committed("noise=0.2")
            .methods
            .iter()
            .all(|method| method.first_hit.reached == 0)
    );
    let hits = table(
        &CHANGES[..4],
        |method| Estimate {
            iqm: method.first_hit.iqm,
            ci95: method.first_hit.ci95,
        },
        1,
    );
    for line in losses.lines().chain(hits.lines()) {
        assert!(
            page.contains(line),
            "the page does not show\n{losses}\n{hits}"
        );
    }
}
