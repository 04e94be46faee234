//! The settings of a Deep Q-Network.

use serde::{Deserialize, Serialize};

use crate::error::impossible;
use crate::{Exploration, SettingsError};

/// What the learner makes small: a function of the difference d between target and value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DqnLoss {
    /// d².
    #[default]
    Squared,
    /// d² / 2 where |d| ≤ 1, |d| − 1/2 beyond: no single error pulls with more than a force of 1.
    Huber,
}

/// Settings of a Deep Q-Network.
///
/// The defaults are the paper's agent. The paper prints the replay size, the target interval, and the numbers of
/// inputs and outputs; the rest is our choice (the classic small DQN that shares these figures).
/// [`DqnSettings::quick`] is what works better in a few minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DqnSettings {
    /// Widths of the hidden layers (ReLU), first to last; may be empty. Default `[50]`.
    pub hidden: Vec<usize>,
    /// Learning rate of Adam, with its usual other settings. Default 0.01.
    pub learning_rate: f32,
    /// γ, the discount of a reward one decision later, in [0, 1]. Default 0.9.
    pub discount: f32,
    /// ε over the training. Default 0.1 throughout.
    pub exploration: Exploration,
    /// Transitions in one update, sampled with replacement. Default 32.
    pub batch_size: usize,
    /// Transitions that the replay memory holds; then each new one replaces the oldest. Default 2,000.
    pub replay_capacity: usize,
    /// Transitions in the memory before the first update. Default 32, one batch.
    pub warm_up: usize,
    /// Updates for each transition; below 1, one update every few transitions. Default 1.
    pub updates_per_decision: f64,
    /// C, updates of the network between two updates of the target network. Default 100.
    pub target_interval: u64,
    /// τ, how far the target network goes towards the network at each of its updates, in (0, 1]; 1 copies.
    /// Default 1.
    pub target_rate: f32,
    /// The loss. Default `squared`.
    pub loss: DqnLoss,
    /// Double DQN: the network chooses the best next action, the target network values it. Default off.
    pub double: bool,
    /// n of the n-step returns: rewards that are summed before the bootstrap. Default 1.
    pub return_steps: usize,
    /// The largest norm of the gradient; a longer one is scaled down to it. 0 or infinity: off. Default 0.
    pub gradient_clip: f32,
    /// Rate at which the policy's weights follow the network's, for each update, in [10⁻⁹, 1). 0: the policy uses the
    /// network's own weights. Default 0.
    ///
    /// The average is w̄_k = Σ_i c_i w_i / Σ_i c_i over the weights after the updates i = 1..k, with
    /// c_i = (1 − rate)^(k − i). It starts at the weights after the first update, so the random initial weights
    /// have no part in it, and is nearly the plain mean of all weights until about 1 / rate updates.
    pub averaging_rate: f32,
    /// Dueling network: the last layer puts out the state's value and each action's advantage. Default off.
    pub dueling: bool,
    /// σ₀ of a noisy network, the noise on its weights at first, over the root of a layer's inputs; it explores, so that
    /// `exploration` can be 0. 0: no noise. Default 0.
    pub noise: f32,
    /// α of prioritized replay, in [0, 1]: how much more often experiences with large errors are sampled. 0: uniform replay.
    /// Default 0.
    pub priority_exponent: f64,
    /// β of prioritized replay at the start of the training, in [0, 1]: how much the importance weights make up for the sampling.
    /// It rises to 1 at the end. Default 0.4.
    pub importance_exponent: f64,
    /// Returns that the distribution of each action tells apart, 2 or more; `loss` is then the cross-entropy. 0: expected returns
    /// alone. Default 0.
    pub atoms: usize,
    /// The lowest return of a distribution. Default −10.
    pub least_value: f32,
    /// The highest return of a distribution. Default 10.
    pub most_value: f32,
    /// Rewards are divided by the running standard deviation of their discounted return. Default off.
    pub scale_rewards: bool,
}

impl Default for DqnSettings {
    fn default() -> Self {
        Self::paper()
    }
}

impl DqnSettings {
    /// The paper's agent (and the defaults).
    #[must_use]
    pub fn paper() -> Self {
        Self {
            hidden: vec![50],
            learning_rate: 0.01,
            discount: 0.9,
            exploration: Exploration::constant(0.1),
            batch_size: 32,
            replay_capacity: 2_000,
            warm_up: 32,
            updates_per_decision: 1.0,
            target_interval: 100,
            target_rate: 1.0,
            loss: DqnLoss::Squared,
            double: false,
            return_steps: 1,
            gradient_clip: 0.0,
            averaging_rate: 0.0,
            dueling: false,
            noise: 0.0,
            priority_exponent: 0.0,
            importance_exponent: 0.4,
            atoms: 0,
            least_value: -10.0,
            most_value: 10.0,
            scale_rewards: false,
        }
    }

    /// The agent of the preset `quick`, for one decision every ten steps or so: Double DQN with 3-step returns, a
    /// soft target, and a policy from averaged weights.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            hidden: vec![64, 64],
            learning_rate: 0.0005,
            discount: 0.99,
            exploration: Exploration {
                start: 0.6,
                end: 0.05,
                fraction: 0.3,
            },
            batch_size: 64,
            replay_capacity: 50_000,
            warm_up: 500,
            updates_per_decision: 8.0,
            target_interval: 1,
            target_rate: 0.01,
            loss: DqnLoss::Huber,
            double: true,
            return_steps: 3,
            gradient_clip: 0.0,
            averaging_rate: 1e-4,
            ..Self::paper()
        }
    }

    /// The agent `rainbow`: [`DqnSettings::quick`] with all of it on. The noise is a fifth of its article's, for small networks that
    /// are noisy from their first layer on, and ε stays, because on small problems noise alone explored too little. Rewards are
    /// scaled, so that the range of the returns fits whatever their unit.
    #[must_use]
    pub fn rainbow() -> Self {
        Self {
            dueling: true,
            noise: 0.1,
            priority_exponent: 0.5,
            atoms: 51,
            scale_rewards: true,
            ..Self::quick()
        }
    }

    /// Whether gradients are clipped.
    pub(crate) fn clips(&self) -> bool {
        self.gradient_clip > 0.0 && self.gradient_clip.is_finite()
    }

    /// Whether weights have noise.
    pub(crate) fn is_noisy(&self) -> bool {
        self.noise > 0.0
    }

    /// Whether experiences have priorities.
    pub(crate) fn is_prioritized(&self) -> bool {
        self.priority_exponent > 0.0
    }

    /// Whether actions have distributions over returns.
    pub(crate) fn is_categorical(&self) -> bool {
        self.atoms > 0
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        let refuse = |condition: bool,
                      setting: &'static str,
                      value: &dyn std::fmt::Debug,
                      expected: &'static str| {
            if condition {
                Ok(())
            } else {
                Err(impossible(setting, value, expected))
            }
        };
        refuse(
            self.hidden.len() <= 16 && self.hidden.iter().all(|width| (1..=4096).contains(width)),
            "hidden",
            &self.hidden,
            "at most 16 widths, each from 1 to 4096",
        )?;
        refuse(
            self.learning_rate > 0.0 && self.learning_rate.is_finite(),
            "learning_rate",
            &self.learning_rate,
            "a finite number above 0",
        )?;
        refuse(
            (0.0..=1.0).contains(&self.discount),
            "discount",
            &self.discount,
            "a number from 0 to 1",
        )?;
        self.exploration.check()?;
        refuse(
            (1..=65_536).contains(&self.batch_size),
            "batch_size",
            &self.batch_size,
            "a whole number from 1 to 65536",
        )?;
        refuse(
            (1..=100_000_000).contains(&self.replay_capacity),
            "replay_capacity",
            &self.replay_capacity,
            "a whole number from 1 to 100000000",
        )?;
        refuse(
            (1..=self.replay_capacity).contains(&self.warm_up),
            "warm_up",
            &self.warm_up,
            "a whole number from 1 to replay_capacity",
        )?;
        refuse(
            self.updates_per_decision > 0.0 && self.updates_per_decision <= 10_000.0,
            "updates_per_decision",
            &self.updates_per_decision,
            "a number above 0, at most 10000",
        )?;
        refuse(
            self.target_interval >= 1,
            "target_interval",
            &self.target_interval,
            "a whole number from 1",
        )?;
        refuse(
            self.target_rate > 0.0 && self.target_rate <= 1.0,
            "target_rate",
            &self.target_rate,
            "a number above 0, at most 1 (1 copies)",
        )?;
        refuse(
            (1..=1_000).contains(&self.return_steps),
            "return_steps",
            &self.return_steps,
            "a whole number from 1 to 1000",
        )?;
        refuse(
            self.gradient_clip >= 0.0,
            "gradient_clip",
            &self.gradient_clip,
            "0 or more (0 or infinity: off)",
        )?;
        refuse(
            self.averaging_rate == 0.0 || (1e-9..1.0).contains(&self.averaging_rate),
            "averaging_rate",
            &self.averaging_rate,
            "0 (off), or from 1e-9 to below 1",
        )?;
        refuse(
            (0.0..=100.0).contains(&self.noise),
            "noise",
            &self.noise,
            "a number from 0 (off) to 100",
        )?;
        refuse(
            (0.0..=1.0).contains(&self.priority_exponent),
            "priority_exponent",
            &self.priority_exponent,
            "a number from 0 (uniform replay) to 1",
        )?;
        refuse(
            (0.0..=1.0).contains(&self.importance_exponent),
            "importance_exponent",
            &self.importance_exponent,
            "a number from 0 to 1",
        )?;
        refuse(
            self.atoms == 0 || (2..=1_001).contains(&self.atoms),
            "atoms",
            &self.atoms,
            "0 (off), or a whole number from 2 to 1001",
        )?;
        refuse(
            self.least_value.is_finite(),
            "least_value",
            &self.least_value,
            "a finite number",
        )?;
        let range = self.most_value - self.least_value;
        refuse(
            range > 0.0 && range.is_finite(),
            "most_value",
            &self.most_value,
            "a finite number above least_value",
        )
    }
}
