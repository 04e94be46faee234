//! The settings of the regression on perturbed descents.

use serde::{Deserialize, Serialize};

use crate::SettingsError;
use crate::error::impossible;

/// Settings of [`Regression`](super::Regression).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegressionSettings {
    /// σ, the standard deviation of the offsets at the beginning, above 0; at the end of the training it is half of this.
    /// Default 0.3.
    pub spread: f64,
    /// Decisions of the first segment; each further one is twice as long. From 1. Default 1.
    pub hold: usize,
    /// Pairs of descents from a start, from 1; one more descent has no offsets. Default 3.
    pub pairs: usize,
    /// Starts after which the policy moves, from 2. Default 5.
    pub round: usize,
    /// How far an output may move in a round, above 0. Default 0.3.
    pub trust: f64,
    /// The most starts whose descents a regression uses, the latest ones; at least `round`. Default 256.
    pub memory: usize,
}

impl Default for RegressionSettings {
    fn default() -> Self {
        Self {
            spread: 0.3,
            hold: 1,
            pairs: 3,
            round: 5,
            trust: 0.3,
            memory: 256,
        }
    }
}

impl RegressionSettings {
    /// Episodes from one start.
    #[must_use]
    pub fn episodes_of_start(&self) -> u64 {
        2 * self.pairs as u64 + 1
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        for (field, value) in [("spread", self.spread), ("trust", self.trust)] {
            if !(0.001..=10.0).contains(&value) {
                return Err(impossible(field, value, "a number from 0.001 to 10"));
            }
        }
        if !(1..=100_000).contains(&self.hold) {
            return Err(impossible("hold", self.hold, "1 to 100000 decisions"));
        }
        if !(1..=1000).contains(&self.pairs) {
            return Err(impossible("pairs", self.pairs, "1 to 1000 pairs"));
        }
        if !(2..=100_000).contains(&self.round) {
            return Err(impossible("round", self.round, "2 to 100000 starts"));
        }
        if !(self.round..=100_000).contains(&self.memory) {
            return Err(impossible(
                "memory",
                self.memory,
                "at least as many starts as in a round, and at most 100000",
            ));
        }
        Ok(())
    }
}
