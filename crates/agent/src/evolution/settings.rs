//! The settings of the evolution strategy.

use serde::{Deserialize, Serialize};

use crate::SettingsError;
use crate::error::impossible;

/// Settings of [`Evolution`](super::Evolution).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvolutionSettings {
    /// Widths of the hidden layers (tanh), first to last. Default none: a linear policy.
    pub hidden: Vec<usize>,
    /// λ, the policies that are compared in a generation: an even number from 4. Default 12.
    pub population: usize,
    /// Episodes of each policy in the first generation, from starts that all its policies share, from 1. Default 4. With
    /// one start there are no halves whose ranks could disagree: there will always be one.
    pub starts: usize,
    /// The most episodes of each policy in a generation, to which their number doubles while the ranks are noise, from 1. At
    /// or below `starts` the number never grows. Default 128.
    pub most_starts: usize,
    /// σ, the standard deviation of the first generation's parameters, above 0. Default 0.4.
    pub spread: f64,
}

impl Default for EvolutionSettings {
    fn default() -> Self {
        Self {
            hidden: Vec::new(),
            population: 12,
            starts: 4,
            most_starts: 128,
            spread: 0.4,
        }
    }
}

impl EvolutionSettings {
    /// Episodes of the first generation, and of those after it while the number of starts does not grow and nothing is
    /// reviewed.
    #[must_use]
    pub fn episodes_of_generation(&self) -> u64 {
        (self.population * self.starts) as u64
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        if let Some(width) = self.hidden.iter().find(|width| !(1..=256).contains(*width)) {
            return Err(impossible("hidden", width, "widths from 1 to 256"));
        }
        if !(4..=10_000).contains(&self.population) || !self.population.is_multiple_of(2) {
            return Err(impossible(
                "population",
                self.population,
                "an even number of policies from 4 to 10000",
            ));
        }
        if !(1..=10_000).contains(&self.starts) {
            return Err(impossible(
                "starts",
                self.starts,
                "1 to 10000 starts for each policy",
            ));
        }
        if !(1..=10_000).contains(&self.most_starts) {
            return Err(impossible(
                "most_starts",
                self.most_starts,
                "1 to 10000 starts for each policy",
            ));
        }
        if !(0.001..=10.0).contains(&self.spread) {
            return Err(impossible(
                "spread",
                self.spread,
                "a number from 0.001 to 10",
            ));
        }
        Ok(())
    }
}
