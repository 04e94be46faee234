//! The parts of a comparison, and how far it is.

use serde::{Deserialize, Serialize};

/// What a descent of a comparison is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// Watching the controller, for its negative controls.
    Calibrating,
    /// Searching the learning rates of tuned methods.
    Tuning,
    /// The comparison itself.
    Comparing,
}

impl Part {
    /// The part in a word or two.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calibrating => "watching the controller",
            Self::Tuning => "tuning",
            Self::Comparing => "comparing",
        }
    }
}

/// How far a comparison is, all parts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompareProgress {
    /// What the latest news is about.
    pub part: Part,
    /// Finished descents, those of an earlier start of the program among them.
    pub done: u64,
    /// All descents.
    pub total: u64,
    /// Steps that are done. A descent that ended early counts as whole.
    pub steps_done: u64,
    /// Steps of all descents.
    pub steps_total: u64,
}

impl CompareProgress {
    /// The share of the steps that is done, in [0, 1].
    #[must_use]
    pub fn fraction(&self) -> f64 {
        self.steps_done as f64 / self.steps_total.max(1) as f64
    }
}
