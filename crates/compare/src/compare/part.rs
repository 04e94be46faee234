//! The parts of a comparison and their progress.

use serde::{Deserialize, Serialize};

use descender_record::Phase;

/// The purpose of a descent in a comparison. The parts run in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// Calibrating the controller, for its negative controls.
    Calibrating,
    /// Searching the learning rates of tuned methods.
    Tuning,
    /// The comparison itself.
    Comparing,
}

impl Part {
    /// All parts, in their order.
    pub const ALL: [Self; 3] = [Self::Calibrating, Self::Tuning, Self::Comparing];

    /// The part as a phase, for progress reports.
    #[must_use]
    pub const fn phase(self) -> Phase {
        match self {
            Self::Calibrating => Phase::Calibrating,
            Self::Tuning => Phase::Tuning,
            Self::Comparing => Phase::Comparing,
        }
    }
}

/// The progress of a part of a comparison. Every descent has the same number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartProgress<'a> {
    /// The part.
    pub part: Part,
    /// Finished descents, including those found in a [`TrialStore`](crate::compare::TrialStore).
    pub done: u64,
    /// All descents of the part.
    pub total: u64,
    /// The descent that has just ended, if it belongs to [`Part::Comparing`].
    pub ended: Option<Ended<'a>>,
}

/// The outcome of a descent of [`Part::Comparing`], for observers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended<'a> {
    /// The name of its method.
    pub method: &'a str,
    /// Its first hit; the number of steps if there was none.
    pub first_hit: u64,
    /// Whether there was one.
    pub reached: bool,
}
