//! The learner of a Deep Q-Network: one gradient step on a batch, the target network, and the averaged weights.
//!
//! For each experience (s, a, R, s', D) of the batch (D = γ^k, or 0 after a termination):
//!
//! ```text
//! y = R + D · max_a' Q̂(s', a')                          DQN
//! y = R + D · Q̂(s', argmax_a' Q(s', a'))                Double DQN
//! loss = mean over the batch of ℓ(Q(s, a) − y)
//! ```
//!
//! Sources: V. Mnih et al., "Human-level control through deep reinforcement learning", 2015, Algorithm 1;
//! H. van Hasselt, A. Guez, D. Silver, "Deep Reinforcement Learning with Double Q-learning", 2016, equation 4.

use descender_control::highest;
use descender_nn::{Activation, Network, NetworkSpecification, Workspace};
use descender_optim::{Adam, HyperParameters, Method, Optimizer};
use descender_random::stream;
use serde::{Deserialize, Serialize};

use super::{DqnLoss, DqnSettings};
use crate::gradient::{LARGEST_NORM, norm};
use crate::polyak::approach;
use crate::purpose;
use crate::replay::Batch;
use crate::{AgentError, AgentStateError};

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
    pub(crate) network: Network,
    pub(crate) weights: Weights,
    pub(crate) optimizer: Optimizer,
    hyper_parameters: HyperParameters,
    workspace: Workspace,
    gradient: Vec<f32>,
    output_gradient: Vec<f32>,
    /// y of each experience.
    targets: Vec<f32>,
    /// The online network's best next action for each experience.
    best_next: Vec<u32>,
}

impl Learner {
    /// A network with initial weights from `seed`; the target network has the same.
    pub(crate) fn new(
        settings: &DqnSettings,
        observation_len: usize,
        actions: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        let specification = NetworkSpecification::multi_layer_perceptron(
            observation_len,
            &settings.hidden,
            actions,
            Activation::Relu,
        );
        let network = Network::new(specification)?;
        let count = network.parameter_count();
        let mut online = vec![0.0; count];
        network.initialize(&mut stream(seed, purpose::WEIGHTS, 0), &mut online);
        let method = Method::Adam(Adam::default());
        let averages = settings.averaging_rate > 0.0;
        Ok(Self {
            workspace: Workspace::new(&network, settings.batch_size),
            hyper_parameters: method.hyper_parameters(settings.learning_rate),
            optimizer: Optimizer::new(method, count)?,
            weights: Weights {
                target: online.clone(),
                average: if averages { online.clone() } else { Vec::new() },
                online,
                averaging_decay: 1.0,
                updates: 0,
            },
            gradient: vec![0.0; count],
            output_gradient: vec![0.0; settings.batch_size * actions],
            targets: vec![0.0; settings.batch_size],
            best_next: vec![0; settings.batch_size],
            network,
        })
    }

    /// The greedy action on one observation.
    pub(crate) fn best_action(&mut self, observation: &[f32]) -> usize {
        let online = &self.weights.online;
        highest(
            self.network
                .forward(&mut self.workspace, online, observation, 1),
        )
    }

    /// The weights that the policy is made of.
    pub(crate) fn policy_weights(&self) -> &[f32] {
        if self.weights.average.is_empty() {
            &self.weights.online
        } else {
            &self.weights.average
        }
    }

    /// Computes y for every experience of the batch.
    fn compute_targets(&mut self, settings: &DqnSettings, batch: &Batch) -> &[f32] {
        let size = batch.size();
        let actions = self.network.output_count();
        if settings.double {
            let values = self.network.forward(
                &mut self.workspace,
                &self.weights.online,
                &batch.next_observations,
                size,
            );
            for (best, values) in self.best_next.iter_mut().zip(values.chunks_exact(actions)) {
                *best = highest(values) as u32;
            }
        }
        let values = self.network.forward(
            &mut self.workspace,
            &self.weights.target,
            &batch.next_observations,
            size,
        );
        for (index, values) in values.chunks_exact(actions).enumerate() {
            let best = if settings.double {
                self.best_next[index] as usize
            } else {
                highest(values)
            };
            self.targets[index] = batch.rewards[index] + batch.discounts[index] * values[best];
        }
        &self.targets
    }

    /// One gradient step on `batch`. `None`, and no weight has changed, if the loss isn't finite or the gradient is
    /// longer than [`LARGEST_NORM`].
    pub(crate) fn update(&mut self, settings: &DqnSettings, batch: &Batch) -> Option<Update> {
        let size = batch.size();
        let actions = self.network.output_count();
        self.compute_targets(settings, batch);

        let values = self.network.forward(
            &mut self.workspace,
            &self.weights.online,
            &batch.observations,
            size,
        );
        self.output_gradient.fill(0.0);
        let (mut loss, mut mean_q) = (0.0, 0.0);
        let scale = 1.0 / size as f32;
        for index in 0..size {
            let place = index * actions + batch.actions[index] as usize;
            let difference = values[place] - self.targets[index];
            let (own_loss, slope) = match settings.loss {
                DqnLoss::Squared => (difference * difference, 2.0 * difference),
                DqnLoss::Huber if difference.abs() <= 1.0 => {
                    (0.5 * difference * difference, difference)
                }
                DqnLoss::Huber => (difference.abs() - 0.5, difference.signum()),
            };
            loss += own_loss;
            mean_q += values[place];
            self.output_gradient[place] = slope * scale;
        }
        self.network.backward(
            &mut self.workspace,
            &self.weights.online,
            &batch.observations,
            &self.output_gradient,
            &mut self.gradient,
        );

        let mut norm = norm(&self.gradient);
        if settings.clips() && norm.is_finite() && norm > f64::from(settings.gradient_clip) {
            let factor = (f64::from(settings.gradient_clip) / norm) as f32;
            self.gradient.iter_mut().for_each(|g| *g *= factor);
            norm = f64::from(settings.gradient_clip);
        }
        if !(loss.is_finite() && norm <= LARGEST_NORM) {
            return None;
        }
        self.optimizer.step(
            &self.hyper_parameters,
            &mut self.weights.online,
            &self.gradient,
        );
        self.weights.follow(settings);
        Some(Update {
            loss: loss * scale,
            mean_q: mean_q * scale,
        })
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
