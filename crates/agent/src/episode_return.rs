//! The return of an episode under way, for agents that compare whole episodes.

use serde::{Deserialize, Serialize};

use crate::Transition;

/// Σ_t r_t·Π_{s<t} continuation_s, undiscounted. −∞ once something in it was no number: what can't be valued is the worst
/// that there is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EpisodeReturn {
    value: f64,
    /// Product of the continuations so far.
    weight: f64,
}

impl EpisodeReturn {
    /// Of an episode that begins.
    pub(crate) const fn new() -> Self {
        Self {
            value: 0.0,
            weight: 1.0,
        }
    }

    /// Adds a transition; `false` if it can't be valued.
    pub(crate) fn add(&mut self, transition: &Transition<'_>) -> bool {
        let counts =
            transition.reward.is_finite() && (0.0..=1.0).contains(&transition.continuation);
        if counts {
            self.value += self.weight * f64::from(transition.reward);
            self.weight *= f64::from(transition.continuation);
        } else {
            self.value = f64::NEG_INFINITY;
        }
        counts
    }

    /// The return so far.
    pub(crate) const fn value(self) -> f64 {
        self.value
    }
}
