//! Proximal policy optimization: many small steps on what the policy did, none of which takes it far away.
//!
//! With ρ = π(a|s) / π_old(a|s) of a step with advantage A (normalised over its batch), each step of the actor goes down
//!
//! ```text
//! L = −min(ρ A, clip(ρ, 1 − ε, 1 + ε) A) − w_H H(π(·|s))         mean over a batch
//! ```
//!
//! and each step of the critic down (V(s) − R)² / 2 with R = A + V_old(s). A rollout is passed over `epochs` times in
//! batches of random order. An epoch in which the policy went further than `most_change` (the estimate of the divergence
//! KL(π_old | π) of J. Schulman, the mean of ρ − 1 − ln ρ) is the last one.
//!
//! Source: J. Schulman, F. Wolski, P. Dhariwal, A. Radford, O. Klimov, "Proximal Policy Optimization Algorithms", 2017,
//! equation 7 and Algorithm 1.

use descender_control::ActionSpace;
use descender_random::{ChaCha8Rng, below};
use serde::{Deserialize, Serialize};

use crate::error::impossible;
use crate::on_policy::{OnPolicy, OnPolicyAlgorithm, OnPolicyBatch, OnPolicyPlan, OnPolicySums};
use crate::on_policy_check::check_on_policy;
use crate::on_policy_networks::{OnPolicyNetworks, Rates};
use crate::registry::BuiltInAgent;
use crate::{Agent, AgentBuilder, AgentError, SettingsError};

/// Settings of proximal policy optimization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PpoSettings {
    /// Widths of the hidden layers (tanh) of both networks, first to last; may be empty. Default `[64, 64]`.
    pub hidden: Vec<usize>,
    /// Learning rate of Adam, of both networks. Default 0.0003.
    pub learning_rate: f32,
    /// By how much of itself the learning rate falls over the training, in [0, 1]. Default 1: to 0 at the end.
    pub learning_rate_decay: f32,
    /// γ, the discount of a reward one decision later, in [0, 1]. Default 0.99.
    pub discount: f32,
    /// λ of the advantages: from the one-step difference (0) to the whole return (1). Default 0.95.
    pub lambda: f32,
    /// Steps of each environment between two learnings. Default 256.
    pub horizon: usize,
    /// Passes over what was collected. Default 10.
    pub epochs: u32,
    /// Steps in one update. Default 64.
    pub batch_size: usize,
    /// ε, how far the probability of an action may move in one learning. Default 0.2.
    pub clip: f32,
    /// The divergence after which a learning ends; 0: never. Default 0.02.
    pub most_change: f32,
    /// w_H, the weight of the entropy. Default 0.
    pub entropy: f32,
    /// The largest norm of a gradient; a longer one is scaled down to it. 0 or infinity: off. Default 0.5.
    pub gradient_clip: f32,
    /// ln of the deviation of continuous actions at the beginning, before the tanh. Default −0.5.
    pub log_deviation: f32,
}

impl Default for PpoSettings {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            learning_rate: 3e-4,
            learning_rate_decay: 1.0,
            discount: 0.99,
            lambda: 0.95,
            horizon: 256,
            epochs: 10,
            batch_size: 64,
            clip: 0.2,
            most_change: 0.02,
            entropy: 0.0,
            gradient_clip: 0.5,
            log_deviation: -0.5,
        }
    }
}

impl PpoSettings {
    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        check_on_policy(&self.plan())?;
        let number = |setting, value: f32, fits: bool, expected| match fits {
            true => Ok(()),
            false => Err(impossible(setting, value, expected)),
        };
        if !(1..=1_000).contains(&self.epochs) {
            return Err(impossible("epochs", self.epochs, "1 to 1000 passes"));
        }
        if !(1..=65_536).contains(&self.batch_size) {
            return Err(impossible(
                "batch_size",
                self.batch_size,
                "a whole number from 1 to 65536",
            ));
        }
        let clip = self.clip > 0.0 && self.clip <= 1.0;
        number("clip", self.clip, clip, "a number above 0, at most 1")?;
        let change = self.most_change >= 0.0;
        number("most_change", self.most_change, change, "0 (off) or more")
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
            batch_size: self.batch_size.max(1),
        }
    }
}

impl AgentBuilder for PpoSettings {
    fn name(&self) -> &str {
        Ppo::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        self.check()?;
        let algorithm = Ppo(self.clone());
        let plan = self.plan();
        let agent = OnPolicy::new(algorithm, plan, observation_len, space, environments, seed)?;
        Ok(Box::new(agent))
    }
}

impl BuiltInAgent for PpoSettings {
    const NAME: &'static str = Ppo::NAME;
    const DESCRIPTION: &'static str =
        "proximal policy optimization with generalized advantages, discrete and continuous";
    const WORDS: &'static str = "proximal policy optimization";
}

/// The algorithm.
#[derive(Clone, Debug)]
struct Ppo(PpoSettings);

impl OnPolicyAlgorithm for Ppo {
    const NAME: &'static str = "ppo";
    const STATE_TAG: [u8; 8] = *b"ppo\0\0\0\0\x01";

    fn learn(
        &self,
        networks: &mut OnPolicyNetworks,
        batch: &OnPolicyBatch,
        rates: Rates,
        shuffling: &mut ChaCha8Rng,
    ) -> OnPolicySums {
        let settings = &self.0;
        let steps = batch.advantages.len();
        let width = batch.observations.len() / steps;
        let own = batch.kept.len() / steps;
        let mut old = Vec::with_capacity(steps);
        networks.log_probabilities(&batch.observations, &batch.kept, &mut old);
        let mut order: Vec<usize> = (0..steps).collect();
        let mut sums = OnPolicySums::default();
        let (mut observations, mut kept, mut returns) = (Vec::new(), Vec::new(), Vec::new());
        for epoch in 0..settings.epochs {
            // Fisher and Yates.
            for place in (1..steps).rev() {
                order.swap(place, below(shuffling, place + 1));
            }
            for part in order.chunks(settings.batch_size) {
                if part.len() == 1 && epoch > 0 {
                    continue; // a rest of one step says nothing when its advantage is normalised
                }
                observations.clear();
                kept.clear();
                returns.clear();
                for &step in part {
                    observations.extend(&batch.observations[step * width..][..width]);
                    kept.extend(&batch.kept[step * own..][..own]);
                    returns.push(batch.returns[step]);
                }
                let advantages = normalized(part.iter().map(|step| batch.advantages[*step]));
                let actor =
                    networks.update_actor(&observations, &kept, rates, |place, log_probability| {
                        let ratio = (log_probability - old[part[place]]).exp();
                        clipped(ratio, advantages[place], settings.clip)
                    });
                let critic = networks.update_critic(&observations, &returns, rates);
                match (actor, critic) {
                    (Some(actor), Some(value)) => {
                        sums.updates += 1;
                        sums.loss += f64::from(actor.loss);
                        sums.entropy += f64::from(actor.entropy);
                        sums.value += f64::from(value);
                    }
                    _ => sums.skipped += 1,
                }
            }
            if settings.most_change > 0.0 {
                let mut now = Vec::with_capacity(steps);
                networks.log_probabilities(&batch.observations, &batch.kept, &mut now);
                let change =
                    |(now, old): (&f32, &f32)| f64::from((now - old).exp_m1() - (now - old));
                let change = now.iter().zip(&old).map(change).sum::<f64>() / steps as f64;
                if change.is_nan() || change > f64::from(settings.most_change) {
                    break;
                }
            }
        }
        sums
    }
}

/// The loss −min(ρ A, clip(ρ) A), and its slope along ln π: −ρ A where the first is the smaller one, 0 where the clipped one
/// is.
fn clipped(ratio: f32, advantage: f32, clip: f32) -> [f32; 2] {
    let plain = ratio * advantage;
    let cut = ratio.clamp(1.0 - clip, 1.0 + clip) * advantage;
    match plain <= cut {
        true => [-plain, -plain],
        false => [-cut, 0.0],
    }
}

/// The numbers less their mean, in units of their standard deviation.
fn normalized(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut values: Vec<f32> = values.collect();
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / (count - 1.0).max(1.0);
    let scale = 1.0 / (variance.sqrt() + 1e-8);
    values
        .iter_mut()
        .for_each(|value| *value = (*value - mean) * scale);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clipped_objective_by_hand() {
        // A good action that has become likelier than 1 + ε is not pushed on; a bad one is pushed back.
        for (ratio, advantage, loss, slope) in [
            (1.0, 2.0, -2.0, -2.0),
            (1.1, 2.0, -2.2, -2.2),
            (1.5, 2.0, -2.4, 0.0),
            (1.5, -2.0, 3.0, 3.0),
            (0.5, 2.0, -1.0, -1.0),
            (0.5, -2.0, 1.6, 0.0),
        ] {
            let found = clipped(ratio, advantage, 0.2);
            assert!(
                (found[0] - loss).abs() < 1e-6,
                "{ratio} {advantage}: {found:?}"
            );
            assert!(
                (found[1] - slope).abs() < 1e-6,
                "{ratio} {advantage}: {found:?}"
            );
        }
    }

    #[test]
    fn normalized_numbers_have_mean_0_and_deviation_1() {
        let found = normalized([1.0, 2.0, 3.0].into_iter());
        assert_eq!(found, [-1.0, 0.0, 1.0]);
        assert_eq!(normalized([5.0].into_iter()), [0.0]);
    }
}
