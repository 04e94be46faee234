//! The settings of a deep deterministic policy gradient.

use serde::{Deserialize, Serialize};

use crate::SettingsError;
use crate::action_noise::ActionNoise;
use crate::actor_critic_settings::{ActorCriticSettings, check_deviation};
use crate::error::require;

/// Settings of DDPG. The defaults are the usual ones of a small problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DdpgSettings {
    /// Widths of the hidden layers (ReLU) of the policy and of the critic, first to last; may be empty. Default
    /// `[64, 64]`.
    pub hidden: Vec<usize>,
    /// Learning rate of Adam for the critic. Default 0.001.
    pub learning_rate: f32,
    /// Learning rate of Adam for the policy. Default 0.001.
    pub policy_learning_rate: f32,
    /// γ, the discount of a reward one decision later, in [0, 1]. Default 0.99.
    pub discount: f32,
    /// The noise that is added to actions in training. Default `gaussian`.
    pub noise: ActionNoise,
    /// σ of that noise, in units of the actions, which lie in [−1, 1]; 0: none. Default 0.1.
    pub noise_deviation: f32,
    /// θ, the part of Ornstein-Uhlenbeck noise that is lost at each decision, in (0, 1]; without meaning for Gaussian
    /// noise. Default 0.15.
    pub noise_return: f32,
    /// τ, how far the target networks go towards the networks at each update, in (0, 1]; 1 copies. Default 0.005.
    pub target_rate: f32,
    /// Transitions in one update, sampled with replacement. Default 128.
    pub batch_size: usize,
    /// Transitions that the replay memory holds; then each new one replaces the oldest. Default 100,000.
    pub replay_capacity: usize,
    /// Transitions in the memory before the first update; until then actions are drawn uniformly. Default 1,000.
    pub warm_up: usize,
    /// Updates for each transition; below 1, one update every few transitions. Default 1.
    pub updates_per_decision: f64,
}

impl Default for DdpgSettings {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            learning_rate: 1e-3,
            policy_learning_rate: 1e-3,
            discount: 0.99,
            noise: ActionNoise::Gaussian,
            noise_deviation: 0.1,
            noise_return: 0.15,
            target_rate: 0.005,
            batch_size: 128,
            replay_capacity: 100_000,
            warm_up: 1_000,
            updates_per_decision: 1.0,
        }
    }
}

impl DdpgSettings {
    /// Those that all agents of its kind have.
    pub(crate) fn shared(&self) -> ActorCriticSettings<'_> {
        ActorCriticSettings {
            hidden: &self.hidden,
            learning_rate: self.learning_rate,
            policy_learning_rate: self.policy_learning_rate,
            discount: self.discount,
            target_rate: self.target_rate,
            batch_size: self.batch_size,
            replay_capacity: self.replay_capacity,
            warm_up: self.warm_up,
            updates_per_decision: self.updates_per_decision,
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.shared().check()?;
        check_deviation("noise_deviation", self.noise_deviation)?;
        require(
            self.noise_return > 0.0 && self.noise_return <= 1.0,
            "noise_return",
            self.noise_return,
            "a number above 0, at most 1",
        )
    }
}
