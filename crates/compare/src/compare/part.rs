//! The parts of a comparison, and how far they are.

use serde::{Deserialize, Serialize};

use descender_record::Phase;

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

    /// The phase that the part is, for whoever reports progress.
    #[must_use]
    pub const fn phase(self) -> Phase {
        match self {
            Self::Calibrating => Phase::Calibrating,
            Self::Tuning => Phase::Tuning,
            Self::Comparing => Phase::Comparing,
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
