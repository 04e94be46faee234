//! The README shows the committed result and nothing else.

use descender_study::comparison::{Comparison, table};

#[test]
fn the_readme_shows_the_committed_result() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let readme = std::fs::read_to_string(format!("{root}/README.md")).unwrap();
    for seed in 1..=3 {
        let file = format!("{root}/results/quick-{seed}/comparison.json");
        let comparison: Comparison =
            serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!((comparison.seed, comparison.starts), (seed, 32));
        let table = table(&comparison);
        let controller = table
            .lines()
            .find(|line| line.starts_with("controller"))
            .unwrap();
        assert!(
            readme.contains(controller.trim_end()),
            "seed {seed}: the README does not show\n{controller}"
        );
        if seed == 1 {
            assert!(
                readme.contains(table.trim_end()),
                "the README does not show\n{table}"
            );
        }
    }
}
