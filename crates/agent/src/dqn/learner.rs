//! The learner of a Deep Q-Network: one gradient step on a batch, the target network, and the averaged weights.
//!
//! For each experience (s, a, R, s', D) of the batch (D = γ^k, or 0 after a termination), with importance weight w (1 in
//! uniform replay):
//!
//! ```text
//! a' = argmax_a' Q̂(s', a')                        DQN: the target network chooses
//! a' = argmax_a' Q(s', a')                        Double DQN: the network chooses
//! loss = mean over the batch of w · ℓ(outputs of (s, a), target of R, D and the target network's outputs of (s', a'))
//! ```
//!
//! What the outputs mean and what ℓ is, a [`ReturnModel`] says: [expected returns](super::expected_return) or
//! [distributions](super::distribution). Noise is drawn anew for each pass of a network.
//!
//! Sources: V. Mnih et al., "Human-level control through deep reinforcement learning", 2015, Algorithm 1;
//! H. van Hasselt, A. Guez, D. Silver, "Deep Reinforcement Learning with Double Q-learning", 2016, equation 4;
//! M. Hessel et al., "Rainbow: Combining Improvements in Deep Reinforcement Learning", 2018.

use descender_control::{Policy, PolicyError};
use descender_optim::{Adam, HyperParameters, Method, Optimizer};
use descender_random::{ChaCha8Rng, stream};
use serde::{Deserialize, Serialize};

use super::distribution::CategoricalReturn;
use super::expected_return::ExpectedReturn;
use super::return_model::ReturnModel;
use super::settings::DqnSettings;
use super::value_network::ValueNetwork;
use crate::gradient::{LARGEST_NORM, norm};
use crate::polyak::approach;
use crate::purpose;
use crate::replay::Batch;
use crate::{AgentError, AgentStateError};

/// The stream of the exploration's purpose for the noise of updates; those of environments begin at 0.
const NOISE_OF_UPDATES: u64 = 1 << 40;

/// What one update did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Update {
    /// Loss of the batch, before the update.
    pub(crate) loss: f32,
    /// Mean of Q(s, a) over the batch, before the update.
    pub(crate) mean_q: f32,
}

/// What a learner must carry from one update to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Weights {
    /// θ.
    pub(crate) online: Vec<f32>,
    /// θ⁻.
    pub(crate) target: Vec<f32>,
    /// The averaged weights; empty if the averaging is off.
    pub(crate) average: Vec<f32>,
    /// (1 − averaging rate)^updates.
    pub(crate) averaging_decay: f64,
    /// Updates done.
    pub(crate) updates: u64,
}

/// The network that learns, with all its memory.
#[derive(Debug)]
pub(crate) struct Learner {
    network: ValueNetwork,
    returns: Box<dyn ReturnModel>,
    pub(crate) weights: Weights,
    pub(crate) optimizer: Optimizer,
    /// Draws the noise of updates.
    pub(crate) noise: ChaCha8Rng,
    hyper_parameters: HyperParameters,
    gradient: Vec<f32>,
    output_gradient: Vec<f32>,
    /// The online network's best next action for each experience.
    best_next: Vec<usize>,
    /// How far each experience of the last batch was from its target.
    errors: Vec<f32>,
}

impl Learner {
    /// A network with initial weights from `seed`; the target network has the same.
    pub(crate) fn new(
        settings: &DqnSettings,
        observation_len: usize,
        actions: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        let batch = settings.batch_size;
        let width = settings.atoms.max(1);
        let network = ValueNetwork::new(settings, observation_len, actions, width)?;
        let returns: Box<dyn ReturnModel> = if settings.is_categorical() {
            let (least, most) = (settings.least_value, settings.most_value);
            Box::new(CategoricalReturn::new(width, least, most, batch))
        } else {
            Box::new(ExpectedReturn::new(settings.loss, batch))
        };
        let online = network.initialize(&mut stream(seed, purpose::WEIGHTS, 0));
        let method = Method::Adam(Adam::default());
        let averages = settings.averaging_rate > 0.0;
        Ok(Self {
            hyper_parameters: method.hyper_parameters(settings.learning_rate),
            optimizer: Optimizer::new(method, online.len())?,
            noise: stream(seed, purpose::EXPLORATION, NOISE_OF_UPDATES),
            gradient: vec![0.0; online.len()],
            weights: Weights {
                target: online.clone(),
                average: if averages { online.clone() } else { Vec::new() },
                online,
                averaging_decay: 1.0,
                updates: 0,
            },
            output_gradient: vec![0.0; batch * network.output_count()],
            best_next: vec![0; batch],
            errors: vec![0.0; batch],
            network,
            returns,
        })
    }

    /// The greedy action on one observation, with noise from `generator` if the network is noisy.
    pub(crate) fn best_action(&mut self, observation: &[f32], generator: &mut ChaCha8Rng) -> usize {
        let online = &self.weights.online;
        let outputs = self.network.forward(online, observation, 1, generator);
        self.returns.best_action(outputs)
    }

    /// The greedy policy of the averaged weights, or of the network's own.
    pub(crate) fn policy(&self) -> Result<Policy, PolicyError> {
        let head = self.returns.head();
        self.network.policy(head, self.policy_weights())
    }

    /// The weights that the policy is made of.
    fn policy_weights(&self) -> &[f32] {
        if self.weights.average.is_empty() {
            &self.weights.online
        } else {
            &self.weights.average
        }
    }

    /// Of each experience of the last batch, how far it was from its target.
    pub(crate) fn errors(&self) -> &[f32] {
        &self.errors
    }

    /// Mean size of the noise on the weights, if there is any.
    pub(crate) fn mean_noise(&self) -> Option<f64> {
        self.network.mean_noise(&self.weights.online)
    }

    /// Computes the target of every experience of the batch.
    fn compute_targets(&mut self, settings: &DqnSettings, batch: &Batch) {
        let (size, row) = (batch.size(), self.network.output_count());
        let (next, width) = (&batch.next_observations, self.returns.width());
        if settings.double {
            let online = &self.weights.online;
            let outputs = self.network.forward(online, next, size, &mut self.noise);
            for (best, outputs) in self.best_next.iter_mut().zip(outputs.chunks_exact(row)) {
                *best = self.returns.best_action(outputs);
            }
        }
        let target = &self.weights.target;
        let outputs = self.network.forward(target, next, size, &mut self.noise);
        for (index, outputs) in outputs.chunks_exact(row).enumerate() {
            let best = if settings.double {
                self.best_next[index]
            } else {
                self.returns.best_action(outputs)
            };
            let (reward, discount) = (batch.rewards[index], batch.discounts[index]);
            let of_best = &outputs[best * width..][..width];
            self.returns.set_target(index, reward, discount, of_best);
        }
    }

    /// The loss of the batch, the mean of Q(s, a) and the gradient of the loss with respect to θ, towards the targets that
    /// were computed last.
    fn compute_gradient(&mut self, batch: &Batch, weights: Option<&[f32]>) -> Update {
        let (size, row) = (batch.size(), self.network.output_count());
        let (online, width) = (&self.weights.online, self.returns.width());
        let seen = &batch.observations;
        let outputs = self.network.forward(online, seen, size, &mut self.noise);
        self.output_gradient.fill(0.0);
        let (mut loss, mut mean_q) = (0.0, 0.0);
        let scale = 1.0 / size as f32;
        for index in 0..size {
            let place = index * row + batch.actions[index] as usize * width;
            let slopes = &mut self.output_gradient[place..][..width];
            let compared = (self.returns).compare(index, &outputs[place..][..width], slopes);
            let weight = weights.map_or(1.0, |weights| weights[index]);
            loss += weight * compared.loss;
            mean_q += compared.value;
            self.errors[index] = compared.error;
            slopes.iter_mut().for_each(|slope| *slope *= scale * weight);
        }
        let gradient = &mut self.gradient;
        (self.network).backward(online, seen, &self.output_gradient, gradient);
        Update {
            loss: loss * scale,
            mean_q: mean_q * scale,
        }
    }

    /// One gradient step on `batch`, whose losses count `weights` (1 if there are none). `None`, and no weight has changed, if
    /// the loss isn't finite or the gradient is longer than [`LARGEST_NORM`].
    pub(crate) fn update(
        &mut self,
        settings: &DqnSettings,
        batch: &Batch,
        weights: Option<&[f32]>,
    ) -> Option<Update> {
        self.compute_targets(settings, batch);
        let update = self.compute_gradient(batch, weights);
        let mut norm = norm(&self.gradient);
        if settings.clips() && norm.is_finite() && norm > f64::from(settings.gradient_clip) {
            let factor = (f64::from(settings.gradient_clip) / norm) as f32;
            self.gradient.iter_mut().for_each(|g| *g *= factor);
            norm = f64::from(settings.gradient_clip);
        }
        if !(update.loss.is_finite() && norm <= LARGEST_NORM) {
            return None;
        }
        self.optimizer.step(
            &self.hyper_parameters,
            &mut self.weights.online,
            &self.gradient,
        );
        self.weights.follow(settings);
        Some(update)
    }
}

impl Weights {
    /// After an update of θ: counts it, and lets the target network and the average follow.
    fn follow(&mut self, settings: &DqnSettings) {
        self.updates = self.updates.wrapping_add(1);
        if self.updates.is_multiple_of(settings.target_interval) {
            if settings.target_rate == 1.0 {
                self.target.copy_from_slice(&self.online);
            } else {
                approach(&mut self.target, &self.online, settings.target_rate);
            }
        }
        if settings.averaging_rate > 0.0 {
            // The k-th update counts rate / (1 − (1 − rate)^k), all of it at k = 1: see `averaging_rate`.
            let rate = f64::from(settings.averaging_rate);
            self.averaging_decay *= 1.0 - rate;
            let share = rate / (1.0 - self.averaging_decay);
            approach(&mut self.average, &self.online, share as f32);
        }
    }

    /// Checks that `self`, read from a saved state, has the sizes of `other` and usable numbers.
    pub(crate) fn check_like(&self, other: &Self) -> Result<(), AgentStateError> {
        let lengths = |weights: &Self| {
            [
                weights.online.len(),
                weights.target.len(),
                weights.average.len(),
            ]
        };
        AgentStateError::compare(
            "number of weights (network, target, average)",
            lengths(self),
            lengths(other),
        )?;
        let finite = [&self.online, &self.target, &self.average]
            .into_iter()
            .flatten()
            .all(|weight| weight.is_finite());
        let fits = finite && (0.0..=1.0).contains(&self.averaging_decay);
        AgentStateError::compare("consistency of the weights", fits, true)
    }
}

#[cfg(test)]
mod tests;
