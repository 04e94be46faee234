//! The standing panel: the rivals that every table of record has.

use super::Objective;

/// The item that stands for the panel.
pub const PANEL: &str = "panel";

/// What practitioners use today and what recent benchmarks and competitions were won with, each tuned for the objective that
/// is reported:
///
/// | rival | why |
/// |---|---|
/// | schedule-free AdamW with warm-up | leads AlgoPerf's self-tuning track (2024) |
/// | one-cycle, linear and cosine decay with warm-up over Adam(W) | the usual recipes; linear decay to 0 makes the best η most stable (arXiv 2502.15938) |
/// | NAdamW, all of its settings searched together | AlgoPerf's target-setting optimizer; "calibrated defaults are the rival" (arXiv 2505.24005) |
/// | Nesterov with linear decay | the strong recipe without a second moment |
/// | Prodigy, constant and with decay | what people install to tune nothing |
/// | GreedyLR | the paper's actions by a hand-written rule (arXiv 2512.14527) |
/// | linear decay with a cut on the validation loss | the rule that won DAC4SGD (2022) |
const RIVALS: [&str; 10] = [
    "schedule-free-adamw;warmup=0.05;beta2=0.99/0.999",
    "one-cycle;optimizer=adam;rise=0.1;beta2=0.99/0.999",
    "linear;optimizer=adamw;warmup=0.05;beta2=0.99/0.999",
    "cosine;optimizer=adamw;warmup=0.05;beta2=0.99/0.999",
    "cosine;optimizer=nadamw;warmup=0.05/0.1;beta1=0.8/0.9;beta2=0.95/0.99",
    "linear;optimizer=nesterov",
    "prodigy",
    "linear;optimizer=prodigy",
    "greedy;optimizer=adam",
    "linear-cut;optimizer=adamw",
];

/// The items of the panel: each rival tuned for each objective.
pub fn panel() -> impl Iterator<Item = String> {
    RIVALS
        .iter()
        .flat_map(|rival| Objective::ALL.map(|objective| format!("tuned:{rival};for={objective}")))
}
