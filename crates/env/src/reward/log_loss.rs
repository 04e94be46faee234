//! Dense reward: how much the smoothed logarithm of the loss fell since the last decision.
//!
//! With ℓ_t = max(loss_t, floor) and the moving average s_t = β·s_{t−1} + (1−β)·ln ℓ_t (s_0 = ln ℓ_0), a decision
//! followed by k steps earns
//!
//! ```text
//! scale · (s_t − s_{t+k})
//! ```
//!
//! so that, without a discount, an episode's rewards add up to the fall of ln loss over the descent. The logarithm is
//! averaged, not the loss, so that a single spike counts little.

use serde::{Deserialize, Serialize};

use super::{Ending, Kind};
use crate::SettingsError;
use crate::error::require;
use crate::smoothed::Smoothed;

/// Settings of the reward for a falling log loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogLossSettings {
    /// Reward for a fall of the smoothed ln loss by 1, above 0. Default 1.
    pub scale: f64,
    /// β, the weight of the past in the moving average, in [0, 1). 0: no smoothing. Default 0.9.
    pub smoothing: f64,
    /// Losses below this count as this much, above 0. Default 1e-6.
    pub floor: f64,
    /// Reward when the descent diverges, 0 or less. Default −5.
    pub divergence: f64,
    /// Reward when η leaves its bounds and that ends the episode, 0 or less. Default −5.
    pub out_of_bounds: f64,
}

impl Default for LogLossSettings {
    fn default() -> Self {
        Self {
            scale: 1.0,
            smoothing: 0.9,
            floor: 1e-6,
            divergence: -5.0,
            out_of_bounds: -5.0,
        }
    }
}

impl Kind for LogLossSettings {
    fn name(&self) -> &'static str {
        "log-loss"
    }

    fn check(&self) -> Result<(), SettingsError> {
        require(
            self.scale > 0.0 && self.scale <= 1e6,
            "reward.scale",
            self.scale,
            "a number above 0, at most 1e6",
        )?;
        require(
            (0.0..1.0).contains(&self.smoothing),
            "reward.smoothing",
            self.smoothing,
            "a number from 0 to below 1",
        )?;
        require(
            self.floor.is_normal() && self.floor > 0.0,
            "reward.floor",
            self.floor,
            "a finite number above 0",
        )
    }

    fn ending(&self) -> Ending {
        Ending {
            out_of_bounds: self.out_of_bounds,
            divergence: self.divergence,
        }
    }

    fn worst_step(&self) -> Option<f64> {
        None
    }
}

/// The reward's memory within an episode.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LogLoss {
    smoothed: Smoothed,
    at_last_decision: f64,
}

impl LogLoss {
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(super) fn step(&mut self, settings: &LogLossSettings, loss: f32) {
        let log = f64::from(loss).max(settings.floor).ln();
        self.smoothed.push(settings.smoothing, log);
    }

    pub(super) fn begin(&mut self) {
        self.at_last_decision = self.smoothed.value().unwrap_or_default();
    }

    pub(super) fn decide(&mut self, settings: &LogLossSettings) -> f64 {
        let now = self.smoothed.value().unwrap_or_default();
        let fall = self.at_last_decision - now;
        self.at_last_decision = now;
        settings.scale * fall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewards_add_up_to_the_fall_of_the_smoothed_log_loss() {
        let settings = LogLossSettings {
            scale: 2.0,
            smoothing: 0.5,
            ..LogLossSettings::default()
        };
        let mut reward = LogLoss::default();
        reward.step(&settings, 1.0);
        reward.begin();
        let mut sum = 0.0;
        for pair in [[0.5_f32, 0.25], [0.25, 2.0]] {
            for loss in pair {
                reward.step(&settings, loss);
            }
            sum += reward.decide(&settings);
        }
        // In units of ln 2: 0 → −1/2 → −5/4 → −13/8 → −5/16.
        assert!(
            (sum - 2.0 * 5.0 / 16.0 * 2.0_f64.ln()).abs() < 1e-12,
            "{sum}"
        );
    }

    #[test]
    fn a_loss_of_zero_counts_as_the_floor() {
        let settings = LogLossSettings {
            smoothing: 0.0,
            floor: 1e-3,
            ..LogLossSettings::default()
        };
        let mut reward = LogLoss::default();
        reward.step(&settings, 1.0);
        reward.begin();
        reward.step(&settings, 0.0);
        assert!((reward.decide(&settings) - 1000.0_f64.ln()).abs() < 1e-12);
    }
}
