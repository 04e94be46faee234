//! A random policy of continuous actions: a network whose outputs are the means and then the log-deviations of a
//! [squashed Gaussian](crate::squashed_gaussian).
//!
//! It learns to make its actions valuable and uncertain. With a = tanh(μ(s) + σ(s) ε) and ε held fixed:
//!
//! ```text
//! J = mean over the batch of α ln π(a|s) − min(Q₁(s, a), Q₂(s, a))
//! ```
//!
//! The frozen policy is tanh of the means: the same network without the outputs for log-deviations.
//!
//! Source: T. Haarnoja et al., "Soft Actor-Critic Algorithms and Applications", 2018, equations 9 and 10.

use descender_control::{Policy, PolicyError, PolicyHead};
use descender_nn::{Activation, NetworkSpecification};
use descender_random::ChaCha8Rng;

use crate::AgentError;
use crate::action_noise::fill_normal;
use crate::squashed_gaussian::SquashedDraw;
use crate::state_action::StateAction;
use crate::trained_network::TrainedNetwork;
use crate::twin_critics::TwinCritics;

/// The policy.
#[derive(Debug)]
pub(crate) struct StochasticActor {
    pub(crate) learned: TrainedNetwork,
    parts: StateAction,
    hidden: Vec<usize>,
    observations: Vec<f32>,
    output_gradient: Vec<f32>,
    /// ε of each dimension of each action.
    noise: Vec<f32>,
    /// What came of it.
    draws: Vec<SquashedDraw>,
    /// ln π of each action.
    log_densities: Vec<f32>,
}

impl StochasticActor {
    pub(crate) fn new(
        parts: StateAction,
        hidden: &[usize],
        batch_size: usize,
        learning_rate: f32,
        generator: &mut ChaCha8Rng,
    ) -> Result<Self, AgentError> {
        let shape = (parts.observation_len, hidden, 2 * parts.dimensions);
        let numbers = batch_size * parts.dimensions;
        Ok(Self {
            learned: TrainedNetwork::new(shape, batch_size, learning_rate, generator)?,
            parts,
            hidden: hidden.to_vec(),
            observations: vec![0.0; batch_size * parts.observation_len],
            output_gradient: vec![0.0; 2 * numbers],
            noise: vec![0.0; numbers],
            draws: vec![SquashedDraw::new(0.0, 0.0, 0.0); numbers],
            log_densities: vec![0.0; batch_size],
        })
    }

    /// A random action on one observation.
    pub(crate) fn act(
        &mut self,
        observation: &[f32],
        generator: &mut ChaCha8Rng,
        action: &mut [f32],
    ) {
        fill_normal(generator, action);
        let outputs = self.learned.forward(observation);
        let (means, log_deviations) = outputs.split_at(self.parts.dimensions);
        for ((action, mean), l) in action.iter_mut().zip(means).zip(log_deviations) {
            *action = SquashedDraw::new(*mean, *l, *action).action;
        }
    }

    /// Writes random actions into these pairs, and gives ln π of each.
    pub(crate) fn write_actions(
        &mut self,
        pairs: &mut [f32],
        generator: &mut ChaCha8Rng,
    ) -> &[f32] {
        fill_normal(generator, &mut self.noise);
        self.write_drawn_actions(pairs)
    }

    /// Likewise, with the noise as it is.
    fn write_drawn_actions(&mut self, pairs: &mut [f32]) -> &[f32] {
        let dimensions = self.parts.dimensions;
        self.parts.copy_observations(pairs, &mut self.observations);
        let outputs = self.learned.forward(&self.observations);
        let rows = outputs
            .chunks_exact(2 * dimensions)
            .zip(self.noise.chunks_exact(dimensions))
            .zip(self.draws.chunks_exact_mut(dimensions));
        let actions = self.parts.actions_mut(pairs).zip(&mut self.log_densities);
        for (((outputs, noise), draws), (action, log_density)) in rows.zip(actions) {
            let (means, log_deviations) = outputs.split_at(dimensions);
            *log_density = 0.0;
            for index in 0..dimensions {
                let draw = SquashedDraw::new(means[index], log_deviations[index], noise[index]);
                action[index] = draw.action;
                *log_density += draw.log_density;
                draws[index] = draw;
            }
        }
        &self.log_densities
    }

    /// One step of Adam down the slope of J, at the observations of `pairs`, whose actions become the policy's. Gives the mean
    /// of ln π; `None`, and the policy has not moved, if the gradient isn't usable.
    pub(crate) fn learn(
        &mut self,
        critics: &mut TwinCritics,
        temperature: f32,
        pairs: &mut [f32],
        generator: &mut ChaCha8Rng,
    ) -> Option<f32> {
        fill_normal(generator, &mut self.noise);
        let mean = self.differentiate(critics, temperature, pairs)?;
        self.learned.step();
        Some(mean)
    }

    /// Computes the gradient of J with the noise as it is.
    fn differentiate(
        &mut self,
        critics: &mut TwinCritics,
        temperature: f32,
        pairs: &mut [f32],
    ) -> Option<f32> {
        let dimensions = self.parts.dimensions;
        let log_densities = self.write_drawn_actions(pairs);
        let scale = 1.0 / log_densities.len() as f32;
        let mean = log_densities.iter().sum::<f32>() * scale;
        let slopes = self.parts.actions(critics.pair_gradient(pairs));
        let rows = self
            .output_gradient
            .chunks_exact_mut(2 * dimensions)
            .zip(self.draws.chunks_exact(dimensions));
        for ((row, draws), slopes) in rows.zip(slopes) {
            let (by_means, by_log_deviations) = row.split_at_mut(dimensions);
            for index in 0..dimensions {
                let [by_mean, by_l] = draws[index].gradient(temperature, -slopes[index]);
                by_means[index] = scale * by_mean;
                by_log_deviations[index] = scale * by_l;
            }
        }
        self.learned
            .backward(&self.observations, &self.output_gradient);
        (mean.is_finite() && self.learned.has_usable_gradient()).then_some(mean)
    }

    /// The policy of the means, frozen: of the last layer's weights, `[inputs, outputs]`, and its biases the first half of
    /// each row.
    pub(crate) fn policy(&self) -> Result<Policy, PolicyError> {
        let StateAction {
            observation_len,
            dimensions,
        } = self.parts;
        let specification = NetworkSpecification::multi_layer_perceptron(
            observation_len,
            &self.hidden,
            dimensions,
            Activation::Relu,
        );
        let inputs = self.hidden.last().copied().unwrap_or(observation_len);
        let weights = &self.learned.state.weights;
        let (before, last) = weights.split_at(weights.len() - (inputs + 1) * 2 * dimensions);
        let mut parameters = before.to_vec();
        for row in last.chunks_exact(2 * dimensions) {
            parameters.extend_from_slice(&row[..dimensions]);
        }
        Policy::with_head(PolicyHead::Squashed, specification, parameters)
    }
}

#[cfg(test)]
mod tests;
