//! Sparse reward: every step costs until the loss is at the threshold.
//!
//! A step earns −step_cost while the (optionally smoothed) batch loss has not been at or below the threshold, `bonus`
//! when it is so for the first time, and nothing afterwards. The smoothed loss is the moving average
//! s_t = β·s_{t−1} + (1−β)·loss_t, s_0 = loss_0; with β = 0 it is the batch loss itself.
//!
//! The hit is seen by the agent in its rewards, so ending the episode there is a termination, if it is asked for.

use descender_task::StateError;
use serde::{Deserialize, Serialize};

use super::registry::{BuiltInReward, restore, save};
use crate::error::require;
use crate::reward::{EpisodeShape, Reward, StepReward};
use crate::smoothed::Smoothed;
use crate::{Ending, EnvironmentSettingsError};

/// Settings of the reward for reaching the threshold soon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeToThresholdSettings {
    /// Cost of each step before the hit, 0 or more. Default 0.01.
    pub step_cost: f64,
    /// Reward at the hit, 0 or more. Default 1.
    pub bonus: f64,
    /// β, the weight of the past in the smoothed loss, in [0, 1). Default 0: the batch loss as it is.
    pub smoothing: f64,
    /// Whether the episode ends at the hit, as a termination. Default true.
    pub end_at_hit: bool,
    /// Reward when the descent diverges, 0 or less. Default −15: more than living can cost at γ = 0.99 with a
    /// decision every 10 steps.
    pub divergence: f64,
    /// Reward when η leaves its bounds and that ends the episode, 0 or less. Default −15.
    pub out_of_bounds: f64,
}

impl Default for TimeToThresholdSettings {
    fn default() -> Self {
        Self {
            step_cost: 0.01,
            bonus: 1.0,
            smoothing: 0.0,
            end_at_hit: true,
            divergence: -15.0,
            out_of_bounds: -15.0,
        }
    }
}

impl BuiltInReward for TimeToThresholdSettings {
    const NAME: &'static str = "time-to-threshold";
    const DESCRIPTION: &'static str =
        "sparse: every step costs until the batch loss is at the threshold, with a bonus there";

    fn check(&self) -> Result<(), EnvironmentSettingsError> {
        for (setting, value) in [
            ("reward.step_cost", self.step_cost),
            ("reward.bonus", self.bonus),
        ] {
            require(
                (0.0..=1e6).contains(&value),
                setting,
                value,
                "a number from 0 to 1e6",
            )?;
        }
        require(
            (0.0..1.0).contains(&self.smoothing),
            "reward.smoothing",
            self.smoothing,
            "a number from 0 to below 1",
        )
    }

    fn build(&self) -> Box<dyn Reward> {
        Box::new(TimeToThreshold::new(self.clone()))
    }
}

/// The reward at work.
#[derive(Clone, Debug)]
struct TimeToThreshold {
    settings: TimeToThresholdSettings,
    threshold: f32,
    memory: Memory,
}

/// What it remembers within an episode.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Memory {
    smoothed: Smoothed,
    reached: bool,
}

impl TimeToThreshold {
    fn new(settings: TimeToThresholdSettings) -> Self {
        Self {
            settings,
            threshold: 0.0,
            memory: Memory::default(),
        }
    }
}

impl Reward for TimeToThreshold {
    fn name(&self) -> &str {
        TimeToThresholdSettings::NAME
    }

    fn ending(&self) -> Ending {
        Ending {
            out_of_bounds: self.settings.out_of_bounds,
            divergence: self.settings.divergence,
        }
    }

    fn worst_step(&self) -> Option<f64> {
        Some(-self.settings.step_cost)
    }

    fn reset(&mut self, shape: &EpisodeShape) {
        self.threshold = shape.threshold;
        self.memory = Memory::default();
    }

    fn step(&mut self, loss: f32) -> StepReward {
        let memory = &mut self.memory;
        let smoothed = memory
            .smoothed
            .push(self.settings.smoothing, f64::from(loss));
        let value = if memory.reached {
            0.0
        } else if smoothed <= f64::from(self.threshold) {
            memory.reached = true;
            self.settings.bonus
        } else {
            -self.settings.step_cost
        };
        StepReward {
            value,
            ends: memory.reached && self.settings.end_at_hit,
        }
    }

    fn save(&self) -> Vec<u8> {
        save(&self.memory)
    }

    fn restore(&mut self, memory: &[u8]) -> Result<(), StateError> {
        self.memory = restore(TimeToThresholdSettings::NAME, memory)?;
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Reward> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewards(settings: &TimeToThresholdSettings, losses: &[f32]) -> Vec<(f64, bool)> {
        let mut reward = TimeToThreshold::new(settings.clone());
        reward.reset(&EpisodeShape::new(0.02, 10));
        losses
            .iter()
            .map(|&loss| {
                let step = reward.step(loss);
                (step.value, step.ends)
            })
            .collect()
    }

    #[test]
    fn costs_until_the_hit_pays_once_and_ends_if_asked() {
        let losses = [1.0, 0.03, 0.02, 0.5, 0.01];
        let ending = rewards(&TimeToThresholdSettings::default(), &losses);
        assert_eq!(ending[..3], [(-0.01, false), (-0.01, false), (1.0, true)]);
        let going_on = TimeToThresholdSettings {
            end_at_hit: false,
            ..TimeToThresholdSettings::default()
        };
        let going_on = rewards(&going_on, &losses);
        assert_eq!(going_on[2..], [(1.0, false), (0.0, false), (0.0, false)]);
    }

    #[test]
    fn smoothing_asks_for_more_than_one_lucky_batch() {
        let settings = TimeToThresholdSettings {
            smoothing: 0.5,
            ..TimeToThresholdSettings::default()
        };
        // Moving average: 0.08, 0.045, 0.0225, 0.01125.
        let got = rewards(&settings, &[0.08, 0.01, 0.0, 0.0]);
        assert_eq!(
            got.iter().map(|step| step.1).collect::<Vec<_>>(),
            [false, false, false, true]
        );
    }
}
