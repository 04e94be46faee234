//! The README shows the committed results and nothing else.

use descender_compare::comparison::{Comparison, table};
use descender_paper::PaperFinding;
use descender_train::configuration::{Preset, Resolver};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn committed(folder: &str) -> Comparison {
    let text = std::fs::read_to_string(format!("{ROOT}/results/{folder}/comparison.json"))
        .expect("the results are committed");
    serde_json::from_str(&text).expect("a result file is a comparison")
}

/// The controller's row of a comparison's table.
fn controller_row(comparison: &Comparison) -> String {
    let table = table(comparison);
    let row = table.lines().find(|line| line.starts_with("controller "));
    row.expect("every table has its controller").to_owned()
}

#[test]
fn the_readme_shows_the_committed_results() {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let whole = table(&committed("quick-1"));
    assert!(
        readme.contains(whole.trim_end()),
        "the README does not show\n{whole}"
    );
    for folder in ["best-1", "dqn-1", "dqn-2", "dqn-3"] {
        let comparison = committed(folder);
        assert_eq!(comparison.starts, 32);
        let row = controller_row(&comparison);
        assert!(
            readme.contains(&row),
            "{folder}: the README does not show\n{row}"
        );
    }
}

/// What a preset says now is what the committed run was made with.
#[test]
fn the_committed_runs_are_those_of_the_presets() {
    for (folder, preset) in [("quick-1", "quick"), ("best-1", "best")] {
        let text = std::fs::read_to_string(format!("{ROOT}/results/{folder}/config.toml")).unwrap();
        let preset = Preset::by_name(preset).unwrap().configuration();
        assert_eq!(Resolver::complete(&text).unwrap(), preset, "{folder}");
    }
}

#[test]
fn the_readme_shows_the_findings_of_the_committed_reproduction() {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let text = std::fs::read_to_string(format!("{ROOT}/results/reproduce-full/findings.json"))
        .expect("the results are committed");
    let findings: Vec<PaperFinding> = serde_json::from_str(&text).expect("a list of findings");
    assert!(findings.len() >= 5);
    for PaperFinding {
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
