//! The learners beside each other in `results/record/README.md` are the committed results and nothing else.

use descender_compare::comparison::Comparison;
use descender_statistics::interquartile_mean;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The starts that all three were compared on: the first of the record.
const STARTS: usize = 32;

/// First hit and validation loss of a training on those starts.
fn figures(folder: &str, seed: u64) -> [f64; 2] {
    let file = format!("{ROOT}/results/record/{folder}/seed-{seed}/comparison.json");
    let text = std::fs::read_to_string(file).expect("the results are committed");
    let comparison: Comparison = serde_json::from_str(&text).expect("a result is a comparison");
    assert_eq!((comparison.seed, comparison.steps), (11, 500));
    let controller = comparison.controller().expect("it has a controller");
    let starts = &controller.by_start[..STARTS];
    let hits: Vec<f64> = (starts.iter())
        .map(|start| start.first_hit.unwrap_or(500) as f64)
        .collect();
    let losses: Vec<f64> = (starts.iter())
        .map(|start| start.final_validation_loss)
        .collect();
    [interquartile_mean(&hits), interquartile_mean(&losses)]
}

#[test]
fn the_page_shows_the_committed_learners() {
    let page = std::fs::read_to_string(format!("{ROOT}/results/record/README.md"))
        .expect("the page is committed");
    for (learner, folder) in [
        ("evolution", "quick"),
        ("regression", "regression"),
        ("random search", "random-search"),
    ] {
        let all: Vec<[f64; 2]> = (11..=15).map(|seed| figures(folder, seed)).collect();
        let column = |place: usize, digits: usize| {
            let values: Vec<String> = (all.iter())
                .map(|figures| format!("{:.digits$}", figures[place]))
                .collect();
            let mean = all.iter().map(|figures| figures[place]).sum::<f64>() / all.len() as f64;
            format!("{} | {mean:.digits$}", values.join(", "))
        };
        let line = format!("| {learner} | {} | {} |", column(0, 1), column(1, 4));
        assert!(page.contains(&line), "{line}");
    }
}
