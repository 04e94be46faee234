//! Trains agents on problems whose best scores are published, and prints a line of JSON for each training.
//!
//! ```text
//! cargo run --release -p descender-agent --example known_scores > results/known/scores.jsonl
//! cargo run --release -p descender-agent --example known_scores -- dqn:CartPole-v1
//! ```
//!
//! Without arguments: everything that `results/known` tells of, five seeds each.

#![allow(clippy::print_stdout, reason = "the lines are what it is for")]

#[path = "../../tests/known/mod.rs"]
mod known;

use known::cases::{Case, Scores, all};

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |case: &Case| asked.is_empty() || asked.contains(&case.name());
    for case in all().into_iter().filter(wanted) {
        for seed in 1..=5 {
            let scores = case.run(seed);
            let line = serde_json::json!({
                "case": case.name(),
                "seed": seed,
                "steps": case.steps,
                "episodes": scores.chosen.len(),
                "score": Scores::mean(&scores.chosen),
                "last": Scores::mean(&scores.last),
                "bar": case.bar,
            });
            println!("{line}");
        }
    }
}
