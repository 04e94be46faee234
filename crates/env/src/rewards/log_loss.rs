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

use descender_task::StateError;
use serde::{Deserialize, Serialize};

use super::registry::{BuiltInReward, restore, save};
use crate::error::require;
use crate::reward::{DecisionReward, EpisodeShape, Reward, StepReward};
use crate::smoothed::Smoothed;
use crate::{Ending, EnvironmentSettingsError};

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

impl BuiltInReward for LogLossSettings {
    const NAME: &'static str = "log-loss";
    const DESCRIPTION: &'static str =
        "dense: how much the smoothed log loss fell since the last decision";

    fn check(&self) -> Result<(), EnvironmentSettingsError> {
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

    fn build(&self) -> Box<dyn Reward> {
        Box::new(LogLoss::new(self.clone()))
    }
}

/// The reward at work.
#[derive(Clone, Debug)]
struct LogLoss {
    settings: LogLossSettings,
    memory: Memory,
}

/// What it remembers within an episode.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Memory {
    smoothed: Smoothed,
    at_last_decision: f64,
}

impl LogLoss {
    fn new(settings: LogLossSettings) -> Self {
        Self {
            settings,
            memory: Memory::default(),
        }
    }

    fn now(&self) -> f64 {
        self.memory.smoothed.value().unwrap_or_default()
    }
}

impl Reward for LogLoss {
    fn name(&self) -> &str {
        LogLossSettings::NAME
    }

    fn ending(&self) -> Ending {
        Ending {
            out_of_bounds: self.settings.out_of_bounds,
            divergence: self.settings.divergence,
        }
    }

    fn reset(&mut self, _shape: &EpisodeShape) {
        self.memory = Memory::default();
    }

    fn step(&mut self, loss: f32) -> StepReward {
        let log = f64::from(loss).max(self.settings.floor).ln();
        self.memory.smoothed.push(self.settings.smoothing, log);
        StepReward::NOTHING
    }

    fn begin(&mut self, _probe: &[f32]) {
        self.memory.at_last_decision = self.now();
    }

    fn decide(&mut self, _steps: u64, _probe: &[f32]) -> DecisionReward {
        let now = self.now();
        let fall = self.memory.at_last_decision - now;
        self.memory.at_last_decision = now;
        DecisionReward {
            value: self.settings.scale * fall,
            ..DecisionReward::NOTHING
        }
    }

    fn save(&self) -> Vec<u8> {
        save(&self.memory)
    }

    fn restore(&mut self, memory: &[u8]) -> Result<(), StateError> {
        self.memory = restore(LogLossSettings::NAME, memory)?;
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Reward> {
        Box::new(self.clone())
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
        let mut reward = LogLoss::new(settings);
        reward.step(1.0);
        reward.begin(&[]);
        let mut sum = 0.0;
        for pair in [[0.5_f32, 0.25], [0.25, 2.0]] {
            for loss in pair {
                reward.step(loss);
            }
            sum += reward.decide(1, &[]).value;
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
        let mut reward = LogLoss::new(settings);
        reward.step(1.0);
        reward.begin(&[]);
        reward.step(0.0);
        assert!((reward.decide(1, &[]).value - 1000.0_f64.ln()).abs() < 1e-12);
    }
}
