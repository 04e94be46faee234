//! Advantage actor-critic: one step on what the policy did in a few steps of all environments, and on.
//!
//! ```text
//! actor:   L = −A ln π(a|s) − w_H H(π(·|s))        mean over all steps
//! critic:  (V(s) − R)² / 2,  R = A + V(s)
//! ```
//!
//! A is the generalized advantage; with λ = 1 it is the n-step return less the value, as in the source. Source: V. Mnih et
//! al., "Asynchronous Methods for Deep Reinforcement Learning", 2016, in its synchronous form; it is the method of the
//! controller of C. Xu, T. Qin, G. Wang, T.-Y. Liu, "Reinforcement Learning for Learning Rate Control", 2017, with an
//! entropy. Adam takes the place of RMSProp.

use descender_control::ActionSpace;
use descender_random::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::on_policy::{OnPolicy, OnPolicyAlgorithm, OnPolicyBatch, OnPolicyPlan, OnPolicySums};
use crate::on_policy_check::check_on_policy;
use crate::on_policy_networks::{OnPolicyNetworks, Rates};
use crate::registry::BuiltInAgent;
use crate::{Agent, AgentBuilder, AgentError, SettingsError};

/// Settings of the advantage actor-critic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct A2cSettings {
    /// Widths of the hidden layers (tanh) of both networks, first to last; may be empty. Default `[64, 64]`.
    pub hidden: Vec<usize>,
    /// Learning rate of Adam, of both networks. Default 0.001.
    pub learning_rate: f32,
    /// By how much of itself the learning rate falls over the training, in [0, 1]. Default 1: to 0 at the end.
    pub learning_rate_decay: f32,
    /// γ, the discount of a reward one decision later, in [0, 1]. Default 0.99.
    pub discount: f32,
    /// λ of the advantages: from the one-step difference (0) to the whole return (1). Default 1.
    pub lambda: f32,
    /// Steps of each environment between two learnings. Default 8.
    pub horizon: usize,
    /// w_H, the weight of the entropy. Default 0.
    pub entropy: f32,
    /// The largest norm of a gradient; a longer one is scaled down to it. 0 or infinity: off. Default 0.5.
    pub gradient_clip: f32,
    /// ln of the deviation of continuous actions at the beginning, before the tanh. Default −0.5.
    pub log_deviation: f32,
}

impl Default for A2cSettings {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            learning_rate: 1e-3,
            learning_rate_decay: 1.0,
            discount: 0.99,
            lambda: 1.0,
            horizon: 8,
            entropy: 0.0,
            gradient_clip: 0.5,
            log_deviation: -0.5,
        }
    }
}

impl A2cSettings {
    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        check_on_policy(&self.plan())
    }

    fn plan(&self) -> OnPolicyPlan {
        OnPolicyPlan {
            hidden: self.hidden.clone(),
            horizon: self.horizon,
            discount: self.discount,
            lambda: self.lambda,
            learning_rate: self.learning_rate,
            learning_rate_decay: self.learning_rate_decay,
            entropy: self.entropy,
            gradient_clip: self.gradient_clip,
            log_deviation: self.log_deviation,
            batch_size: 0,
        }
    }
}

impl AgentBuilder for A2cSettings {
    fn name(&self) -> &str {
        A2c::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        self.check()?;
        let plan = self.plan();
        let agent = OnPolicy::new(A2c, plan, observation_len, space, environments, seed)?;
        Ok(Box::new(agent))
    }
}

impl BuiltInAgent for A2cSettings {
    const NAME: &'static str = A2c::NAME;
    const DESCRIPTION: &'static str = "advantage actor-critic, discrete and continuous: the plain policy gradient with a learned baseline";
    const WORDS: &'static str = "an advantage actor-critic";
}

/// The algorithm.
#[derive(Clone, Copy, Debug)]
struct A2c;

impl OnPolicyAlgorithm for A2c {
    const NAME: &'static str = "a2c";
    const STATE_TAG: [u8; 8] = *b"a2c\0\0\0\0\x01";

    fn learn(
        &self,
        networks: &mut OnPolicyNetworks,
        batch: &OnPolicyBatch,
        rates: Rates,
        _shuffling: &mut ChaCha8Rng,
    ) -> OnPolicySums {
        let OnPolicyBatch {
            observations,
            kept,
            advantages,
            returns,
        } = batch;
        let actor = networks.update_actor(observations, kept, rates, |step, log_probability| {
            [-advantages[step] * log_probability, -advantages[step]]
        });
        let critic = networks.update_critic(observations, returns, rates);
        match (actor, critic) {
            (Some(actor), Some(value)) => OnPolicySums {
                updates: 1,
                skipped: 0,
                loss: f64::from(actor.loss),
                value: f64::from(value),
                entropy: f64::from(actor.entropy),
            },
            _ => OnPolicySums {
                skipped: 1,
                ..OnPolicySums::default()
            },
        }
    }
}
