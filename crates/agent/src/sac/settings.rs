//! The settings of a soft actor-critic.

use serde::{Deserialize, Serialize};

use crate::SettingsError;
use crate::actor_critic_settings::ActorCriticSettings;
use crate::error::require;

/// Settings of SAC. The defaults are the usual ones of a small problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SacSettings {
    /// Widths of the hidden layers (ReLU) of the policy and of the critics, first to last; may be empty. Default
    /// `[64, 64]`.
    pub hidden: Vec<usize>,
    /// Learning rate of Adam for the critics. Default 0.001.
    pub learning_rate: f32,
    /// Learning rate of Adam for the policy. Default 0.001.
    pub policy_learning_rate: f32,
    /// γ, the discount of a reward one decision later, in [0, 1]. Default 0.99.
    pub discount: f32,
    /// α at the start, above 0: what a unit of entropy is worth in rewards. Default 1.
    pub temperature: f32,
    /// Learning rate of Adam for ln α; 0: α stays. Default 0.001.
    pub temperature_learning_rate: f32,
    /// The entropy for each dimension of the action that α is learned to reach. Default −1; an even choice in [−1, 1] has
    /// ln 2 ≈ 0.69.
    pub target_entropy: f32,
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

impl Default for SacSettings {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            learning_rate: 1e-3,
            policy_learning_rate: 1e-3,
            discount: 0.99,
            temperature: 1.0,
            temperature_learning_rate: 1e-3,
            target_entropy: -1.0,
            target_rate: 0.005,
            batch_size: 128,
            replay_capacity: 100_000,
            warm_up: 1_000,
            updates_per_decision: 1.0,
        }
    }
}

impl SacSettings {
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
        require(
            self.temperature > 0.0 && self.temperature.is_finite(),
            "temperature",
            self.temperature,
            "a finite number above 0",
        )?;
        require(
            self.temperature_learning_rate >= 0.0 && self.temperature_learning_rate.is_finite(),
            "temperature_learning_rate",
            self.temperature_learning_rate,
            "a finite number, 0 or more (0: the temperature stays)",
        )?;
        require(
            self.target_entropy.is_finite(),
            "target_entropy",
            self.target_entropy,
            "a finite number",
        )
    }
}
