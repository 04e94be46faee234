//! A deterministic policy a = tanh(z(s)), and how it climbs a critic's slope.
//!
//! ```text
//! J = mean over the batch of Q(s, tanh(z(s)))
//! ∂J/∂z = 1/B · ∇_a Q(s, a) · (1 − a²)      at a = tanh(z(s))
//! ```
//!
//! Source: D. Silver et al., "Deterministic Policy Gradient Algorithms", 2014, equation 9, in the form of T. Lillicrap et
//! al., "Continuous control with deep reinforcement learning", 2016, equation 6.

use descender_control::{Policy, PolicyError, PolicyHead};
use descender_random::ChaCha8Rng;

use crate::AgentError;
use crate::critic::Critic;
use crate::state_action::StateAction;
use crate::trained_network::TrainedNetwork;

/// The policy, with its target network.
#[derive(Debug)]
pub(crate) struct DeterministicActor {
    pub(crate) learned: TrainedNetwork,
    parts: StateAction,
    observations: Vec<f32>,
    output_gradient: Vec<f32>,
    /// A weight of 1 / B for each value.
    weights: Vec<f32>,
}

impl DeterministicActor {
    pub(crate) fn new(
        parts: StateAction,
        hidden: &[usize],
        batch_size: usize,
        learning_rate: f32,
        generator: &mut ChaCha8Rng,
    ) -> Result<Self, AgentError> {
        let shape = (parts.observation_len, hidden, parts.dimensions);
        Ok(Self {
            learned: TrainedNetwork::new(shape, batch_size, learning_rate, generator)?,
            parts,
            observations: vec![0.0; batch_size * parts.observation_len],
            output_gradient: vec![0.0; batch_size * parts.dimensions],
            weights: vec![1.0 / batch_size as f32; batch_size],
        })
    }

    /// The action on one observation.
    pub(crate) fn act(&mut self, observation: &[f32], action: &mut [f32]) {
        for (action, z) in action.iter_mut().zip(self.learned.forward(observation)) {
            *action = z.tanh();
        }
    }

    /// Writes the target policy's actions into these pairs.
    pub(crate) fn write_target_actions(&mut self, pairs: &mut [f32]) {
        self.parts.copy_observations(pairs, &mut self.observations);
        let outputs = self.learned.forward_target(&self.observations);
        write_squashed(self.parts, outputs, pairs);
    }

    /// One step of the policy up the critic's slope at the observations of `pairs`, whose actions become the policy's. `None`,
    /// and it has not moved, if the gradient isn't usable.
    pub(crate) fn climb(&mut self, critic: &mut Critic, pairs: &mut [f32]) -> Option<()> {
        self.differentiate(critic, pairs)?;
        self.learned.step();
        Some(())
    }

    /// Computes the gradient of −J.
    fn differentiate(&mut self, critic: &mut Critic, pairs: &mut [f32]) -> Option<()> {
        let parts = self.parts;
        parts.copy_observations(pairs, &mut self.observations);
        write_squashed(parts, self.learned.forward(&self.observations), pairs);
        critic.learned.forward(pairs);
        let slopes = critic.pair_gradient(pairs, &self.weights);
        let rows = self.output_gradient.chunks_exact_mut(parts.dimensions);
        for ((row, slopes), actions) in rows.zip(parts.actions(slopes)).zip(parts.actions(pairs)) {
            for ((gradient, slope), action) in row.iter_mut().zip(slopes).zip(actions) {
                *gradient = -slope * (1.0 - action * action);
            }
        }
        self.learned
            .backward(&self.observations, &self.output_gradient);
        self.learned.has_usable_gradient().then_some(())
    }

    /// The policy, frozen.
    pub(crate) fn policy(&self) -> Result<Policy, PolicyError> {
        Policy::with_head(
            PolicyHead::Squashed,
            self.learned.network.specification().clone(),
            self.learned.state.weights.clone(),
        )
    }
}

/// Writes tanh of the outputs in the place of the pairs' actions.
fn write_squashed(parts: StateAction, outputs: &[f32], pairs: &mut [f32]) {
    let rows = outputs.chunks_exact(parts.dimensions);
    for (actions, outputs) in parts.actions_mut(pairs).zip(rows) {
        for (action, z) in actions.iter_mut().zip(outputs) {
            *action = z.tanh();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purpose;
    use descender_control::Action;
    use descender_random::stream;

    const PARTS: StateAction = StateAction {
        observation_len: 2,
        dimensions: 2,
    };
    const PAIRS: [f32; 12] = [0.3, -0.7, 9.0, 9.0, -0.2, 0.9, 9.0, 9.0, 1.1, 0.4, 9.0, 9.0];

    fn actor() -> DeterministicActor {
        let mut generator = stream(3, purpose::WEIGHTS, 0);
        DeterministicActor::new(PARTS, &[8], 3, 0.1, &mut generator).unwrap()
    }

    #[test]
    fn the_gradient_is_the_finite_difference_of_the_value() {
        let mut actor = actor();
        let mut generator = stream(3, purpose::WEIGHTS, 1);
        let mut critic = Critic::new(PARTS, &[16], 3, 0.1, &mut generator).unwrap();
        actor
            .differentiate(&mut critic, &mut PAIRS.clone())
            .unwrap();
        let gradient = actor.learned.gradient.clone();
        assert!(gradient.iter().any(|g| g.abs() > 1e-2));
        let step = 5e-3;
        for (place, ours) in gradient.iter().enumerate() {
            let mut value_at = |offset: f32| -> f64 {
                let mut pairs = PAIRS;
                actor.learned.state.weights[place] += offset;
                actor
                    .parts
                    .copy_observations(&pairs, &mut actor.observations);
                write_squashed(
                    PARTS,
                    actor.learned.forward(&actor.observations),
                    &mut pairs,
                );
                actor.learned.state.weights[place] -= offset;
                let values = critic.learned.forward(&pairs).iter();
                values.map(|&q| f64::from(q)).sum::<f64>() / 3.0
            };
            let difference = (value_at(step) - value_at(-step)) / (2.0 * f64::from(step));
            assert!(
                (f64::from(*ours) + difference).abs() < 1e-3,
                "weight {place}: {ours} and {difference}"
            );
        }
    }

    #[test]
    fn the_frozen_policy_takes_the_actor_s_actions() {
        let mut actor = actor();
        let mut action = [0.0; 2];
        actor.act(&[0.3, -0.7], &mut action);
        let mut pairs = PAIRS;
        actor.write_target_actions(&mut pairs);
        assert_eq!(action, pairs[2..4]);
        let frozen = actor.policy().unwrap().act(&[0.3, -0.7]);
        assert_eq!(frozen, Action::Continuous(action.to_vec()));
    }
}
