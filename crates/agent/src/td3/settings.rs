//! The settings of a twin delayed deep deterministic policy gradient.

use serde::{Deserialize, Serialize};

use crate::SettingsError;
use crate::actor_critic_settings::{ActorCriticSettings, check_deviation};
use crate::error::require;

/// Settings of TD3. Those that are its own have the paper's defaults; the others, the usual ones of a small problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Td3Settings {
    /// Widths of the hidden layers (ReLU) of the policy and of the critics, first to last; may be empty. Default
    /// `[64, 64]`.
    pub hidden: Vec<usize>,
    /// Learning rate of Adam for the critics. Default 0.001.
    pub learning_rate: f32,
    /// Learning rate of Adam for the policy. Default 0.001.
    pub policy_learning_rate: f32,
    /// γ, the discount of a reward one decision later, in [0, 1]. Default 0.99.
    pub discount: f32,
    /// Standard deviation of the Gaussian noise that is added to actions in training, which lie in [−1, 1]; 0: none.
    /// Default 0.1.
    pub noise_deviation: f32,
    /// Standard deviation of the noise that is added to the target policy's actions. Default 0.2.
    pub smoothing_deviation: f32,
    /// The largest size of that noise. Default 0.5.
    pub smoothing_limit: f32,
    /// Updates of the critics for each update of the policy and of the target networks. Default 2.
    pub policy_interval: u64,
    /// τ, how far the target networks go towards the networks at each of their updates, in (0, 1]; 1 copies. Default 0.005.
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

impl Default for Td3Settings {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            learning_rate: 1e-3,
            policy_learning_rate: 1e-3,
            discount: 0.99,
            noise_deviation: 0.1,
            smoothing_deviation: 0.2,
            smoothing_limit: 0.5,
            policy_interval: 2,
            target_rate: 0.005,
            batch_size: 128,
            replay_capacity: 100_000,
            warm_up: 1_000,
            updates_per_decision: 1.0,
        }
    }
}

impl Td3Settings {
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
        check_deviation("smoothing_deviation", self.smoothing_deviation)?;
        require(
            self.smoothing_limit >= 0.0,
            "smoothing_limit",
            self.smoothing_limit,
            "0 or more (infinity: none)",
        )?;
        require(
            self.policy_interval >= 1,
            "policy_interval",
            self.policy_interval,
            "a whole number from 1",
        )
    }
}
