//! Reward for the end of a known budget of steps: how good the network is then on data that it wasn't trained on.
//!
//! ```text
//! r = −weight · ln( max(L, floor) )   after the last step,   0 before
//! ```
//!
//! L is the mean loss on the selection data of the task ([`Split::Selection`](
//! descender_task::Split::Selection)), which are neither trained on nor reported. The budget is the
//! length of a descent. Nothing comes after it, so the continuation is 0 there. One number for a whole descent says
//! little about its single decisions, so this reward suits agents that compare whole episodes.

use descender_task::StateError;
use serde::{Deserialize, Serialize};

use super::registry::{BuiltInReward, restore, save};
use crate::error::require;
use crate::reward::{EpisodeShape, Reward, RewardNeeds, StepReward};
use crate::{Ending, EnvironmentSettingsError};

/// Settings of the reward for the loss at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FinalLossSettings {
    /// Weight of the logarithm, 0 or more. Default 1.
    pub weight: f64,
    /// A loss below this counts as this much, above 0. Default 1e-6.
    pub floor: f64,
    /// Reward when the descent diverges, 0 or less. Default −5, as for a loss of e⁵.
    pub divergence: f64,
    /// Reward when η leaves its bounds and that ends the episode, 0 or less. Default −5.
    pub out_of_bounds: f64,
}

impl Default for FinalLossSettings {
    fn default() -> Self {
        Self {
            weight: 1.0,
            floor: 1e-6,
            divergence: -5.0,
            out_of_bounds: -5.0,
        }
    }
}

impl FinalLossSettings {
    /// The reward for the loss L after the last step; that of a divergence where L is not a number.
    fn value(&self, loss: f32) -> f64 {
        if loss.is_finite() {
            -self.weight * f64::from(loss).max(self.floor).ln()
        } else {
            self.divergence
        }
    }
}

impl BuiltInReward for FinalLossSettings {
    const NAME: &'static str = "final-loss";
    const DESCRIPTION: &'static str =
        "the log loss on data not trained on, at the end of a known budget of steps";

    fn check(&self) -> Result<(), EnvironmentSettingsError> {
        require(
            (0.0..=1e6).contains(&self.weight),
            "reward.weight",
            self.weight,
            "a number from 0 to 1e6",
        )?;
        require(
            self.floor.is_normal() && self.floor > 0.0,
            "reward.floor",
            self.floor,
            "a finite number above 0",
        )
    }

    fn build(&self) -> Box<dyn Reward> {
        Box::new(FinalLoss {
            settings: self.clone(),
        })
    }
}

/// The reward; it remembers nothing.
#[derive(Clone, Debug)]
struct FinalLoss {
    settings: FinalLossSettings,
}

impl Reward for FinalLoss {
    fn name(&self) -> &str {
        FinalLossSettings::NAME
    }

    fn ending(&self) -> Ending {
        Ending {
            out_of_bounds: self.settings.out_of_bounds,
            divergence: self.settings.divergence,
        }
    }

    fn needs(&self) -> RewardNeeds {
        RewardNeeds {
            final_loss: true,
            ..RewardNeeds::default()
        }
    }

    fn reset(&mut self, _shape: &EpisodeShape) {}

    fn step(&mut self, _loss: f32) -> StepReward {
        StepReward::NOTHING
    }

    fn finish(&mut self, loss: f32) -> f64 {
        self.settings.value(loss)
    }

    fn save(&self) -> Vec<u8> {
        save(&())
    }

    fn restore(&mut self, memory: &[u8]) -> Result<(), StateError> {
        restore(FinalLossSettings::NAME, memory)
    }

    fn boxed_clone(&self) -> Box<dyn Reward> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_loss_earns_more_and_a_broken_one_what_a_divergence_earns() {
        let settings = FinalLossSettings::default();
        assert!((settings.value(0.1) - 10.0_f64.ln()).abs() < 1e-6);
        assert!(settings.value(0.1) > settings.value(0.2));
        assert_eq!(settings.value(0.0), -(1e-6_f64.ln()));
        assert_eq!(settings.value(f32::NAN), -5.0);
        assert_eq!(settings.value(f32::INFINITY), -5.0);
    }
}
