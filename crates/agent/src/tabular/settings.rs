//! The settings of a tabular agent, and the cells that they make.

use serde::{Deserialize, Serialize};

use crate::error::impossible;
use crate::{Exploration, SettingsError};

/// The most cells: the policy has a unit for each.
const MOST_CELLS: usize = 4096;

/// What the value of the next cell is taken to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TabularRule {
    /// That of its best action.
    #[default]
    QLearning,
    /// That of the action that is taken there.
    Sarsa,
}

/// Settings of a tabular agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TabularSettings {
    /// Q-learning or SARSA. Default `q-learning`.
    pub rule: TabularRule,
    /// Numbers of the features that are looked at, from 0. Empty, the default: the first, and the last.
    pub features: Vec<usize>,
    /// Bins of each feature, from 2. Default 6.
    pub bins: usize,
    /// The lower end of the bins; what is below belongs to the first. Default −2.
    pub low: f32,
    /// The upper end of the bins; what is above belongs to the last. Default 2.
    pub high: f32,
    /// α. Default 0.1.
    pub learning_rate: f32,
    /// γ, the discount of a reward one decision later, in [0, 1]. Default 0.99.
    pub discount: f32,
    /// ε over the training. Default from 0.5 to 0.05 over the first half.
    pub exploration: Exploration,
}

impl Default for TabularSettings {
    fn default() -> Self {
        Self {
            rule: TabularRule::QLearning,
            features: Vec::new(),
            bins: 6,
            low: -2.0,
            high: 2.0,
            learning_rate: 0.1,
            discount: 0.99,
            exploration: Exploration {
                start: 0.5,
                end: 0.05,
                fraction: 0.5,
            },
        }
    }
}

impl TabularSettings {
    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        let mut sorted = self.features.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != self.features.len() || sorted.len() > 12 {
            return Err(impossible(
                "features",
                &self.features,
                "at most 12 numbers of features, each once",
            ));
        }
        let looked_at = self.features.len().max(1) as u32;
        let cells = self.bins.checked_pow(looked_at);
        if self.bins < 2 || cells.is_none_or(|cells| cells > MOST_CELLS) {
            return Err(impossible(
                "bins",
                self.bins,
                "2 or more, and at most 4096 cells: bins to the power of the number of features",
            ));
        }
        if !(self.low.is_finite() && self.high.is_finite() && self.low < self.high) {
            return Err(impossible("high", self.high, "a finite number above low"));
        }
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return Err(impossible(
                "learning_rate",
                self.learning_rate,
                "a number above 0, at most 1",
            ));
        }
        if !(0.0..=1.0).contains(&self.discount) {
            return Err(impossible(
                "discount",
                self.discount,
                "a number from 0 to 1",
            ));
        }
        self.exploration.check()
    }

    /// The cell of an observation.
    pub(super) fn cell(&self, features: &[usize], observation: &[f32]) -> usize {
        let width = (self.high - self.low) / self.bins as f32;
        features.iter().fold(0, |cell, &feature| {
            let bin = ((observation[feature] - self.low) / width).floor();
            // What is no number belongs to the first bin.
            cell * self.bins + bin.clamp(0.0, (self.bins - 1) as f32) as usize
        })
    }
}
