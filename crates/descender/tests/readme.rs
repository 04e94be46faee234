//! The README shows the committed results and nothing else.

use descender_compare::comparison::{AcrossRuns, Comparison, table_within};
use descender_paper::PaperFinding;
use descender_train::configuration::{Preset, Resolver};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Columns enough for a whole table.
const WIDE: usize = 1000;

fn committed(folder: &str) -> Comparison {
    let text = std::fs::read_to_string(format!("{ROOT}/results/{folder}/comparison.json"))
        .expect("the results are committed");
    serde_json::from_str(&text).expect("a result file is a comparison")
}

/// The controller's row of a comparison's table.
fn controller_row(comparison: &Comparison) -> String {
    let table = table_within(comparison, WIDE);
    let row = table.lines().find(|line| line.starts_with("controller "));
    row.expect("every table has its controller").to_owned()
}

#[test]
fn the_readme_shows_the_committed_results() {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let whole = table_within(&committed("quick-1"), WIDE);
    // The verdict after the tables says the same in words.
    let (whole, _) = whole.split_once("\nThe controller ").unwrap();
    assert!(
        readme.contains(whole.trim_end()),
        "the README does not show\n{whole}"
    );
    for folder in ["dqn-1", "dqn-2", "dqn-3"] {
        let comparison = committed(folder);
        assert_eq!(comparison.starts, 32);
        let row = controller_row(&comparison);
        assert!(
            readme.contains(&row),
            "{folder}: the README does not show\n{row}"
        );
    }
}

/// The five trainings of a preset's record.
fn recorded(preset: &str) -> Vec<Comparison> {
    (11..=15)
        .map(|seed| committed(&format!("record/{preset}/seed-{seed}")))
        .collect()
}

#[test]
fn the_page_of_the_record_shows_its_ten_trainings() {
    let page = std::fs::read_to_string(format!("{ROOT}/results/record/README.md")).unwrap();
    for preset in ["best", "quick"] {
        let runs = recorded(preset);
        assert!(runs.iter().all(|run| run.starts == 100));
        let across = AcrossRuns::of(&runs.iter().collect::<Vec<_>>()).unwrap();
        let table = across.table(WIDE);
        for line in table.lines() {
            assert!(
                page.contains(line.trim_end()),
                "the page does not show\n{table}"
            );
        }
    }
}

/// What a preset says now is what the committed run was made with.
#[test]
fn the_committed_runs_are_those_of_the_presets() {
    let quick = Preset::by_name("quick").unwrap().configuration();
    let settings = |folder: &str| {
        let text = std::fs::read_to_string(format!("{ROOT}/results/{folder}/config.toml")).unwrap();
        Resolver::complete(&text).unwrap()
    };
    assert_eq!(settings("quick-1"), quick);
    for name in ["quick", "best"] {
        let preset = Preset::by_name(name).unwrap().configuration();
        for seed in 11..=15 {
            let mut recorded = settings(&format!("record/{name}/seed-{seed}"));
            assert_eq!((recorded.seed, recorded.comparison.seed), (seed, 11));
            // The record has other rivals and more starts, all from one seed.
            recorded.seed = preset.seed;
            recorded.comparison = preset.comparison.clone();
            assert_eq!(recorded, preset, "{name}, seed {seed}");
        }
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
