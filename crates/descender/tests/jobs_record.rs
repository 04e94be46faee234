//! The tables of `results/jobs/README.md`, of the README and of the controller's card are the committed results and nothing else.

use descender_compare::comparison::Comparison;
use descender_control::ShippedController;
use descender_jobs::{FamilyFigures, JobsComparison, JobsMethod};
use descender_statistics::{Estimate, Interval};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The sets, with their words in the README.
const SETS: [(&str, &str); 5] = [
    ("jobs", "fresh jobs"),
    ("data-sets", "other data sets"),
    ("architectures", "other architectures"),
    ("overfitting", "jobs that overfit"),
    ("horizons", "longer jobs"),
];

fn read(file: &str) -> String {
    std::fs::read_to_string(format!("{ROOT}/{file}")).expect("the file is committed")
}

fn committed(set: &str) -> JobsComparison {
    serde_json::from_str(&read(&format!("results/jobs/{set}/comparison.json")))
        .expect("a result file is a comparison")
}

fn text_of(interval: &Interval) -> String {
    let [low, high] = interval.ci95;
    format!("{:+.3} [{low:+.3}, {high:+.3}]", interval.value)
}

fn over_all(method: &JobsMethod) -> &FamilyFigures {
    &method.figures[0]
}

/// A line of the README: the set, the controller, the best rival, and the mean difference.
fn line(set: &str, words: &str) -> String {
    let comparison = committed(set);
    let (own, rivals) = comparison.methods.split_first().expect("there are methods");
    assert_eq!(own.name, "controller");
    let best = (rivals.iter())
        .filter(|method| method.name.starts_with("tuned:"))
        .min_by(|a, b| {
            over_all(a)
                .regret
                .value
                .total_cmp(&over_all(b).regret.value)
        })
        .expect("there are rivals");
    let name = best
        .name
        .trim_start_matches("tuned:")
        .split(";for=")
        .next()
        .unwrap_or_default();
    let against = over_all(best)
        .against_first
        .as_ref()
        .expect("it is a rival");
    let rate = best.settings["learning_rate"]
        .as_f64()
        .expect("it is tuned");
    format!(
        "| {words} | {} | {} | {} (`{name}`, η = {rate}) | {} |",
        comparison.settings.jobs,
        text_of(&over_all(own).regret),
        text_of(&over_all(best).regret),
        text_of(against),
    )
}

#[test]
fn the_page_shows_the_committed_tables() {
    let page = read("results/jobs/README.md");
    for (set, _) in SETS {
        let table = committed(set).to_string();
        let table: Vec<&str> = table.lines().map(str::trim_end).collect();
        let table = table.join("\n");
        assert!(page.contains(table.trim()), "{set}\n{table}");
    }
}

#[test]
fn the_page_shows_what_a_probe_is_worth() {
    let page = read("results/jobs/README.md");
    for (set, words) in SETS {
        let text = read(&format!("results/jobs/feedback/{set}.json"));
        // Of a time when comparisons had no middle half.
        let both: serde_json::Value = serde_json::from_str(&text).expect("a result file");
        let figure = |method: usize, name: &str| {
            let figure = both["methods"][method]["figures"][0][name].clone();
            text_of(&serde_json::from_value(figure).expect("it is an interval"))
        };
        let line = format!(
            "| {words} | {} | {} | {} | {} |",
            both["settings"]["jobs"],
            figure(0, "regret"),
            figure(1, "regret"),
            figure(1, "against_first"),
        );
        assert!(page.contains(&line), "{line}");
    }
}

#[test]
fn readme_and_card_show_the_committed_figures() {
    let (readme, card) = (
        read("README.md"),
        read("crates/control/controllers/pretrained.md"),
    );
    for (set, words) in SETS {
        let line = line(set, words);
        assert!(readme.contains(&line), "{line}");
        assert!(card.contains(&line), "{line}");
    }
    let lost: usize = SETS
        .iter()
        .map(|(set, _)| committed(set).methods[0].lost)
        .sum();
    let jobs: u64 = SETS
        .iter()
        .map(|(set, _)| committed(set).settings.jobs)
        .sum();
    assert!(readme.contains(&format!("{lost} of its {jobs} descents were lost")));
    assert!(card.contains(&format!("{lost} of {jobs} jobs were lost")));

    let text = read("results/jobs/mnist-cnn/comparison.json");
    let paper: Comparison = serde_json::from_str(&text).expect("a result file is a comparison");
    let (own, rivals) = paper.methods.split_first().expect("there are methods");
    let best = (rivals.iter())
        .min_by(|a, b| {
            let (a, b) = (a.final_validation_loss.iqm, b.final_validation_loss.iqm);
            a.total_cmp(&b)
        })
        .expect("there are rivals");
    for method in [own, best] {
        let Estimate { iqm, ci95 } = method.final_validation_loss;
        let figure = format!("{iqm:.4} [{:.4}, {:.4}]", ci95[0], ci95[1]);
        assert!(
            readme.contains(&figure) && card.contains(&figure),
            "{figure}"
        );
    }
}

#[test]
fn the_card_names_the_file_that_is_shipped() {
    use sha2::{Digest, Sha256};
    let shipped = ShippedController::by_name("pretrained").expect("it is shipped");
    let sum = Sha256::digest(shipped.bytes());
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(shipped.card.contains(&sum), "{sum}");
}

/// A row of the page of ablations: a controller, with its regret or its difference from the first on each set.
fn ablation_row(name: &str) -> String {
    let cells = SETS.map(|(set, _)| {
        let text = read(&format!("results/jobs/ablations/{set}.json"));
        let comparison: JobsComparison =
            serde_json::from_str(&text).expect("a result file is a comparison");
        let mut methods = comparison.methods.iter();
        let method = methods.find(|method| method.name == name);
        let figures = over_all(method.expect("every set has every controller"));
        text_of(figures.against_first.as_ref().unwrap_or(&figures.regret))
    });
    format!("| {name} | {} |", cells.join(" | "))
}

#[test]
fn the_page_of_ablations_shows_the_committed_figures() {
    let page = read("results/jobs/ablations/README.md");
    let text = read("results/jobs/ablations/jobs.json");
    let comparison: JobsComparison = serde_json::from_str(&text).expect("it is a comparison");
    assert_eq!(comparison.methods.len(), 9);
    for method in &comparison.methods {
        let row = ablation_row(&method.name);
        assert!(page.contains(&row), "{row}");
    }
}
