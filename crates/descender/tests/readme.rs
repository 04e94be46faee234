//! The README shows the committed results and nothing else.

use descender_study::comparison::{Comparison, table};
use descender_study::reproduce::Finding;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn committed(folder: &str) -> Comparison {
    let text = std::fs::read_to_string(format!("{ROOT}/results/{folder}/comparison.json"))
        .expect("the results are committed");
    serde_json::from_str(&text).expect("a result file is a comparison")
}

#[test]
fn the_readme_shows_the_committed_results() {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let whole = table(&committed("quick-1"));
    assert!(
        readme.contains(whole.trim_end()),
        "the README does not show\n{whole}"
    );
    for seed in [2, 3] {
        let comparison = committed(&format!("quick-{seed}"));
        assert_eq!((comparison.seed, comparison.starts), (seed, 32));
        let table = table(&comparison);
        let controller = table
            .lines()
            .find(|line| line.starts_with("controller "))
            .unwrap();
        assert!(
            readme.contains(controller),
            "seed {seed}: the README does not show\n{controller}"
        );
    }
}

#[test]
fn the_readme_shows_the_findings_of_the_committed_reproduction() {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let text = std::fs::read_to_string(format!("{ROOT}/results/reproduce-full/findings.json"))
        .expect("the results are committed");
    let findings: Vec<Finding> = serde_json::from_str(&text).expect("a list of findings");
    assert!(findings.len() >= 5);
    for Finding {
        figure,
        claim,
        seen,
        ..
    } in findings
    {
        let number = figure.trim_start_matches("fig");
        let row = format!("| {number} | {claim} | {} |", seen.words());
        assert!(readme.contains(&row), "the README does not show\n{row}");
    }
}
