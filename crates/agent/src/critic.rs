//! A critic of continuous actions: a network from a pair of observation and action to its value.
//!
//! It learns by least squares, and its slope along the action is what an actor learns from:
//!
//! ```text
//! loss = mean over the batch of (Q(s, a) − y)²
//! ∇_a Q(s, a)
//! ```
//!
//! Source: T. Lillicrap et al., "Continuous control with deep reinforcement learning", 2016, Algorithm 1.

use descender_random::ChaCha8Rng;

use crate::AgentError;
use crate::state_action::StateAction;
use crate::trained_network::TrainedNetwork;

/// What one update of an actor and its critics did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CriticReport {
    /// Loss of the batch, before the update.
    pub(crate) loss: f32,
    /// Mean of Q(s, a) over the batch, before the update.
    pub(crate) mean_q: f32,
}

/// Q, with its target network.
#[derive(Debug)]
pub(crate) struct Critic {
    pub(crate) learned: TrainedNetwork,
    output_gradient: Vec<f32>,
    pair_gradient: Vec<f32>,
}

impl Critic {
    pub(crate) fn new(
        parts: StateAction,
        hidden: &[usize],
        batch_size: usize,
        learning_rate: f32,
        generator: &mut ChaCha8Rng,
    ) -> Result<Self, AgentError> {
        let shape = (parts.len(), hidden, 1);
        Ok(Self {
            learned: TrainedNetwork::new(shape, batch_size, learning_rate, generator)?,
            output_gradient: vec![0.0; batch_size],
            pair_gradient: vec![0.0; batch_size * parts.len()],
        })
    }

    /// Computes the gradient of the loss. `None` if the loss isn't finite or the gradient isn't usable.
    pub(crate) fn differentiate(&mut self, pairs: &[f32], targets: &[f32]) -> Option<CriticReport> {
        let values = self.learned.forward(pairs);
        let scale = 1.0 / targets.len() as f32;
        let (mut loss, mut mean_q) = (0.0, 0.0);
        let slopes = self.output_gradient.iter_mut();
        for ((slope, value), target) in slopes.zip(values).zip(targets) {
            let difference = value - target;
            loss += difference * difference;
            mean_q += value;
            *slope = 2.0 * difference * scale;
        }
        self.learned.backward(pairs, &self.output_gradient);
        (loss.is_finite() && self.learned.has_usable_gradient()).then_some(CriticReport {
            loss: loss * scale,
            mean_q: mean_q * scale,
        })
    }

    /// The gradient with respect to the pairs, as pairs, of the sum of these values (the last that were computed) with
    /// `weights`. Afterwards the critic's own gradient has no meaning.
    pub(crate) fn pair_gradient(&mut self, pairs: &[f32], weights: &[f32]) -> &[f32] {
        self.learned
            .backward_to_inputs(pairs, weights, &mut self.pair_gradient);
        &self.pair_gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purpose;
    use descender_random::stream;

    const PARTS: StateAction = StateAction {
        observation_len: 2,
        dimensions: 1,
    };
    const PAIRS: [f32; 9] = [0.3, -0.7, 0.5, -0.2, 0.9, -0.4, 1.1, 0.1, 0.2];

    fn critic(hidden: &[usize]) -> Critic {
        let mut generator = stream(3, purpose::WEIGHTS, 1);
        Critic::new(PARTS, hidden, 3, 0.1, &mut generator).unwrap()
    }

    /// A linear critic Q = 2 s₁ − s₂ + 3 a + ½: the slope along the action is 3, and by hand
    /// Q = 3.3 and 0.5 − 0.9 − 0.4 − 1.2 = −2.0 for the first two pairs, 2.2 − 0.1 + 0.6 + 0.5 = 3.2 for the third.
    #[test]
    fn a_linear_critic_s_loss_and_slopes_are_those_by_hand() {
        let mut critic = critic(&[]);
        critic.learned.state.weights = vec![2.0, -1.0, 3.0, 0.5];
        let report = critic.differentiate(&PAIRS, &[3.3, 0.0, 2.2]).unwrap();
        // Differences 0, −2 and 1.
        assert!((report.loss - 5.0 / 3.0).abs() < 1e-5, "{report:?}");
        assert!((report.mean_q - 4.5 / 3.0).abs() < 1e-5, "{report:?}");
        // 2/3 · Σ difference · (s₁, s₂, a, 1).
        let expected = [1.0, -1.133_333, 0.666_667, -0.666_667];
        for (ours, expected) in critic.learned.gradient.iter().zip(expected) {
            assert!((ours - expected).abs() < 1e-5, "{ours} and {expected}");
        }
        let slopes = critic.pair_gradient(&PAIRS, &[1.0, 0.0, -2.0]).to_vec();
        let actions: Vec<f32> = PARTS.actions(&slopes).flatten().copied().collect();
        assert_eq!(actions, [3.0, 0.0, -6.0]);
    }

    #[test]
    fn the_slope_along_the_action_is_the_finite_difference() {
        let mut critic = critic(&[16, 16]);
        critic.learned.forward(&PAIRS);
        let slopes = critic.pair_gradient(&PAIRS, &[1.0; 3]).to_vec();
        let step = 1e-2;
        for (place, slope) in slopes.iter().enumerate() {
            let mut sum_at = |offset: f32| -> f64 {
                let mut pairs = PAIRS;
                pairs[place] += offset;
                critic
                    .learned
                    .forward(&pairs)
                    .iter()
                    .map(|&q| f64::from(q))
                    .sum()
            };
            let difference = (sum_at(step) - sum_at(-step)) / (2.0 * f64::from(step));
            assert!(
                (f64::from(*slope) - difference).abs() < 1e-3,
                "entry {place}: {slope} and {difference}"
            );
        }
    }

    #[test]
    fn an_infinite_target_is_refused() {
        let mut critic = critic(&[4]);
        assert!(
            critic
                .differentiate(&PAIRS, &[0.0, f32::INFINITY, 0.0])
                .is_none()
        );
        assert!(
            critic
                .differentiate(&PAIRS, &[0.0, f32::NAN, 0.0])
                .is_none()
        );
    }
}
