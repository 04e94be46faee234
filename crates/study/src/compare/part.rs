//! The parts of a comparison, and how far they are.

use serde::{Deserialize, Serialize};

use crate::observer::{CALIBRATING, COMPARING, TUNING};

/// What a descent of a comparison is for. The parts come in this order.
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
    /// All parts, in their order.
    pub const ALL: [Self; 3] = [Self::Calibrating, Self::Tuning, Self::Comparing];

    /// The part in a few words: the purpose of its trials, as observers are told it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calibrating => CALIBRATING,
            Self::Tuning => TUNING,
            Self::Comparing => COMPARING,
        }
    }
}

/// How far a part of a comparison is. Every descent has the same number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartProgress<'a> {
    /// The part.
    pub part: Part,
    /// Finished descents, those that were found in a [`TrialStore`](super::TrialStore) among them.
    pub done: u64,
    /// All descents of the part.
    pub total: u64,
    /// The descent of the comparison itself that has just ended, if it is one.
    pub ended: Option<Ended<'a>>,
}

/// What came of a descent of [`Part::Comparing`], for whoever watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its first hit; the number of steps, if there was none.
    pub first_hit: u64,
}
