//! A stochastic policy (the actor) and the value of what is seen (the critic): two networks, learned side by side.

use descender_control::{ActionSpace, Policy, PolicyError, PolicyHead};
use descender_nn::{Activation, Network, NetworkSpecification, Workspace};
use descender_optim::{Adam, HyperParameters, Method, Optimizer};
use descender_random::{ChaCha8Rng, stream};
use serde::{Deserialize, Serialize};

use crate::action_distribution::ActionDistribution;
use crate::gradient::{LARGEST_NORM, norm};
use crate::{AgentError, AgentStateError, purpose};

/// A weight vector with its optimizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Learned {
    pub(crate) weights: Vec<f32>,
    pub(crate) optimizer: Optimizer,
}

impl Learned {
    fn new(weights: Vec<f32>) -> Result<Self, AgentError> {
        Ok(Self {
            optimizer: Optimizer::new(Method::Adam(Adam::default()), weights.len())?,
            weights,
        })
    }

    /// One step of Adam along a gradient that is cut to a norm of at most `longest` (0: not). `false`, and nothing has
    /// changed, if the gradient can't be used.
    fn step(&mut self, gradient: &mut [f32], learning_rate: f32, longest: f32) -> bool {
        let norm = norm(gradient);
        if norm.is_nan() || norm > LARGEST_NORM {
            return false;
        }
        if longest > 0.0 && norm > f64::from(longest) {
            let factor = (f64::from(longest) / norm) as f32;
            gradient.iter_mut().for_each(|slope| *slope *= factor);
        }
        let mu: HyperParameters = Method::Adam(Adam::default()).hyper_parameters(learning_rate);
        self.optimizer.step(&mu, &mut self.weights, gradient);
        true
    }

    /// Checks one that was read from a saved state.
    pub(crate) fn check_like(&self, own: &Self) -> Result<(), AgentStateError> {
        AgentStateError::compare(
            "number of weights",
            [self.weights.len(), self.optimizer.parameter_count()],
            [own.weights.len(), own.optimizer.parameter_count()],
        )?;
        let finite = self.weights.iter().all(|weight| weight.is_finite());
        AgentStateError::compare("consistency of the weights", finite, true)
    }
}

/// What is learned in one step, beside the slopes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) learning_rate: f32,
    /// Weight of the entropy.
    pub(crate) entropy: f32,
    /// The longest gradient; 0: any.
    pub(crate) gradient_clip: f32,
}

/// What an update of the actor came to: means over its steps, before the update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ActorUpdate {
    pub(crate) loss: f32,
    pub(crate) entropy: f32,
}

/// The two networks.
#[derive(Debug)]
pub(crate) struct OnPolicyNetworks {
    pub(crate) distribution: ActionDistribution,
    head: PolicyHead,
    actor_network: Network,
    critic_network: Network,
    actor_workspace: Workspace,
    critic_workspace: Workspace,
    /// The network's weights, then the logarithms of the deviations.
    pub(crate) actor: Learned,
    pub(crate) critic: Learned,
    actor_gradient: Vec<f32>,
    critic_gradient: Vec<f32>,
    output_gradient: Vec<f32>,
    /// Most examples at a time.
    most: usize,
}

impl OnPolicyNetworks {
    /// Networks with hidden layers (tanh) of these widths, for at most `most` examples at a time. The actor's outputs begin near
    /// 0 and the deviations at exp(`log_deviation`), so that the first policy is nearly the same whatever is seen.
    pub(crate) fn new(
        hidden: &[usize],
        observation_len: usize,
        space: ActionSpace,
        log_deviation: f32,
        most: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        let distribution = ActionDistribution::of(space);
        let outputs = distribution.output_count();
        let made = |outputs, index| -> Result<(Network, Vec<f32>), AgentError> {
            let network = Network::new(NetworkSpecification::multi_layer_perceptron(
                observation_len,
                hidden,
                outputs,
                Activation::Tanh,
            ))?;
            let mut weights = vec![0.0; network.parameter_count()];
            let mut generator = stream(seed, purpose::WEIGHTS, index);
            network.initialize(&mut generator, &mut weights);
            Ok((network, weights))
        };
        let (actor_network, mut actor) = made(outputs, 0)?;
        let (critic_network, critic) = made(1, 1)?;
        let below = hidden.last().copied().unwrap_or(observation_len);
        let last = actor.len() - (below + 1) * outputs;
        actor[last..].iter_mut().for_each(|weight| *weight *= 0.01);
        actor.extend(vec![log_deviation; distribution.deviation_count()]);
        let networks = Self {
            distribution,
            head: match space {
                ActionSpace::Discrete(_) => PolicyHead::GreedyValues,
                ActionSpace::Continuous { .. } => PolicyHead::Squashed,
            },
            actor_workspace: Workspace::new(&actor_network, most),
            critic_workspace: Workspace::new(&critic_network, most),
            actor_gradient: vec![0.0; actor.len()],
            critic_gradient: vec![0.0; critic.len()],
            output_gradient: vec![0.0; most * outputs.max(1)],
            actor: Learned::new(actor)?,
            critic: Learned::new(critic)?,
            actor_network,
            critic_network,
            most,
        };
        networks.policy()?;
        Ok(networks)
    }

    /// The policy without its chance: the most probable action, or tanh of the mean.
    pub(crate) fn policy(&self) -> Result<Policy, PolicyError> {
        let (weights, _) = self.split();
        let specification = self.actor_network.specification().clone();
        Policy::with_head(self.head, specification, weights.to_vec())
    }

    /// The actor's network weights, and the logarithms of the deviations.
    fn split(&self) -> (&[f32], &[f32]) {
        self.actor
            .weights
            .split_at(self.actor_network.parameter_count())
    }

    /// Draws an action, as it is kept.
    pub(crate) fn draw(&mut self, observation: &[f32], generator: &mut ChaCha8Rng) -> Vec<f32> {
        let (weights, deviations) =
            (self.actor.weights).split_at(self.actor_network.parameter_count());
        let outputs =
            (self.actor_network).forward(&mut self.actor_workspace, weights, observation, 1);
        self.distribution.draw(outputs, deviations, generator)
    }

    /// Appends the value of each observation.
    pub(crate) fn values(&mut self, observations: &[f32], values: &mut Vec<f32>) {
        let width = self.critic_network.input_count();
        for part in observations.chunks(self.most * width) {
            let count = part.len() / width;
            let found = (self.critic_network).forward(
                &mut self.critic_workspace,
                &self.critic.weights,
                part,
                count,
            );
            values.extend(found);
        }
    }

    /// Appends ln of the probability of each action that is kept.
    pub(crate) fn log_probabilities(
        &mut self,
        observations: &[f32],
        kept: &[f32],
        found: &mut Vec<f32>,
    ) {
        let distribution = self.distribution;
        let (width, own) = (self.actor_network.input_count(), distribution.kept_count());
        let (weights, deviations) =
            (self.actor.weights).split_at(self.actor_network.parameter_count());
        let parts = observations.chunks(self.most * width);
        for (part, kept) in parts.zip(kept.chunks(self.most * own)) {
            let count = part.len() / width;
            let outputs =
                (self.actor_network).forward(&mut self.actor_workspace, weights, part, count);
            let rows = outputs.chunks_exact(distribution.output_count());
            found
                .extend(rows.zip(kept.chunks_exact(own)).map(|(outputs, kept)| {
                    distribution.log_probability(outputs, deviations, kept)
                }));
        }
    }

    /// One step of the actor down the mean of a loss less the weighted entropy. `objective` is told the place of a step and ln of its
    /// action's probability, and returns the loss and its slope. `None`, and nothing has changed, if it isn't finite.
    pub(crate) fn update_actor(
        &mut self,
        observations: &[f32],
        kept: &[f32],
        rates: Rates,
        objective: impl Fn(usize, f32) -> [f32; 2],
    ) -> Option<ActorUpdate> {
        let distribution = self.distribution;
        let (own, outputs_len) = (distribution.kept_count(), distribution.output_count());
        let count = kept.len() / own;
        let network_len = self.actor_network.parameter_count();
        let (weights, deviations) = self.actor.weights.split_at(network_len);
        let (gradient, deviation_gradient) = self.actor_gradient.split_at_mut(network_len);
        deviation_gradient.fill(0.0);
        let output_gradient = &mut self.output_gradient[..count * outputs_len];
        output_gradient.fill(0.0);
        let outputs =
            (self.actor_network).forward(&mut self.actor_workspace, weights, observations, count);
        let (mut loss, mut entropy) = (0.0, 0.0);
        let scale = 1.0 / count as f32;
        let rows = outputs
            .chunks_exact(outputs_len)
            .zip(kept.chunks_exact(own));
        let slopes = output_gradient.chunks_exact_mut(outputs_len);
        for (place, ((outputs, kept), slopes)) in rows.zip(slopes).enumerate() {
            let log_probability = distribution.log_probability(outputs, deviations, kept);
            let [own_loss, slope] = objective(place, log_probability);
            loss += own_loss * scale;
            entropy += distribution.entropy(outputs, deviations) * scale;
            distribution.add_slopes(
                (outputs, deviations, kept),
                [slope * scale, -rates.entropy * scale],
                slopes,
                deviation_gradient,
            );
        }
        self.actor_network.backward(
            &mut self.actor_workspace,
            weights,
            observations,
            output_gradient,
            gradient,
        );
        let Rates {
            learning_rate,
            gradient_clip,
            ..
        } = rates;
        let stepped = loss.is_finite()
            && (self.actor).step(&mut self.actor_gradient, learning_rate, gradient_clip);
        stepped.then_some(ActorUpdate { loss, entropy })
    }

    /// One step of the critic down half the mean squared difference from these returns. `None`, and nothing has changed, if it
    /// isn't finite; otherwise the mean value before.
    pub(crate) fn update_critic(
        &mut self,
        observations: &[f32],
        returns: &[f32],
        rates: Rates,
    ) -> Option<f32> {
        let count = returns.len();
        let scale = 1.0 / count as f32;
        let values = self.critic_network.forward(
            &mut self.critic_workspace,
            &self.critic.weights,
            observations,
            count,
        );
        let output_gradient = &mut self.output_gradient[..count];
        let mut mean = 0.0;
        for ((slope, value), expected) in output_gradient.iter_mut().zip(values).zip(returns) {
            mean += value * scale;
            *slope = (value - expected) * scale;
        }
        self.critic_network.backward(
            &mut self.critic_workspace,
            &self.critic.weights,
            observations,
            output_gradient,
            &mut self.critic_gradient,
        );
        let Rates {
            learning_rate,
            gradient_clip,
            ..
        } = rates;
        let stepped = mean.is_finite()
            && (self.critic).step(&mut self.critic_gradient, learning_rate, gradient_clip);
        stepped.then_some(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates = Rates {
        learning_rate: 1e-3,
        entropy: 0.2,
        gradient_clip: 0.0,
    };

    /// The gradient that an update used is the slope of its loss, found by differences.
    #[test]
    fn both_gradients_are_those_of_finite_differences() {
        let observations: Vec<f32> = (0..12).map(|x| (x as f32 * 0.9).sin()).collect();
        let returns = [0.3, -0.2, 1.0, 0.5];
        let weights_of_steps = [1.0, -0.5, 2.0, 0.3];
        for (space, kept) in [
            (ActionSpace::Discrete(3), vec![0.0, 2.0, 1.0, 2.0]),
            (
                ActionSpace::Continuous { dimensions: 2 },
                vec![0.1, -0.4, 0.8, 0.2, -1.0, 0.3, 0.5, 0.6],
            ),
        ] {
            let mut networks = OnPolicyNetworks::new(&[5], 3, space, -0.3, 4, 7).unwrap();
            // Away from the small outputs of the beginning.
            for (place, weight) in networks.actor.weights.iter_mut().enumerate() {
                *weight += 0.3 * (place as f32 * 1.3).cos();
            }
            let objective = |step: usize, log: f32| {
                let weight: f32 = weights_of_steps[step];
                [weight * log, weight]
            };
            let actor = networks.actor.clone();
            networks
                .update_actor(&observations, &kept, RATES, objective)
                .unwrap();
            let found = networks.actor_gradient.clone();
            let mut loss = |weights: &[f32]| {
                networks.actor = actor.clone();
                networks.actor.weights.copy_from_slice(weights);
                let update = networks
                    .update_actor(&observations, &kept, RATES, objective)
                    .unwrap();
                f64::from(update.loss - RATES.entropy * update.entropy)
            };
            compare(&found, &actor.weights, &mut loss);

            let critic = networks.critic.clone();
            networks
                .update_critic(&observations, &returns, RATES)
                .unwrap();
            let found = networks.critic_gradient.clone();
            let mut loss = |weights: &[f32]| {
                networks.critic.weights.copy_from_slice(weights);
                let mut values = Vec::new();
                networks.values(&observations, &mut values);
                let squares = values
                    .iter()
                    .zip(returns)
                    .map(|(a, b)| f64::from(a - b).powi(2));
                squares.sum::<f64>() / 8.0
            };
            compare(&found, &critic.weights, &mut loss);
        }
    }

    fn compare(found: &[f32], weights: &[f32], loss: &mut dyn FnMut(&[f32]) -> f64) {
        const STEP: f32 = 1.0 / 256.0;
        let mut weights = weights.to_vec();
        for (place, found) in found.iter().enumerate() {
            let own = weights[place];
            weights[place] = own + STEP;
            let above = loss(&weights);
            weights[place] = own - STEP;
            let below = loss(&weights);
            weights[place] = own;
            let slope = (above - below) / f64::from(2.0 * STEP);
            assert!(
                (slope - f64::from(*found)).abs() < 2e-3 * (1.0 + slope.abs()),
                "weight {place}: {found} and {slope}"
            );
        }
    }
}
