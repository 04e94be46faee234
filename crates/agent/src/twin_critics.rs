//! Two critics that learn the same, of which the smaller value counts: a remedy for values that are too high because the
//! policy seeks out what is overestimated.
//!
//! ```text
//! y = R + D · min(Q̂₁(s', a'), Q̂₂(s', a'))
//! ```
//!
//! Source: S. Fujimoto, H. van Hoof, D. Meger, "Addressing Function Approximation Error in Actor-Critic Methods", 2018,
//! equation 10.

use crate::AgentStateError;
use crate::critic::{Critic, CriticReport};
use crate::trained_network::NetworkState;

/// The two critics.
#[derive(Debug)]
pub(crate) struct TwinCritics {
    pub(crate) critics: [Critic; 2],
    /// The smaller value of each pair.
    smaller: Vec<f32>,
    /// For each critic, 1 where its value is the smaller one.
    weights: [Vec<f32>; 2],
    pair_gradient: Vec<f32>,
}

impl TwinCritics {
    /// From two critics of pairs of this length, for batches of this size.
    pub(crate) fn new(critics: [Critic; 2], pair_len: usize, batch_size: usize) -> Self {
        Self {
            critics,
            smaller: vec![0.0; batch_size],
            weights: [vec![0.0; batch_size], vec![0.0; batch_size]],
            pair_gradient: vec![0.0; batch_size * pair_len],
        }
    }

    /// The smaller of the two target networks' values of each pair.
    pub(crate) fn target_values(&mut self, pairs: &[f32]) -> &[f32] {
        let [first, second] = &mut self.critics;
        self.smaller
            .copy_from_slice(first.learned.forward_target(pairs));
        for (smaller, value) in self
            .smaller
            .iter_mut()
            .zip(second.learned.forward_target(pairs))
        {
            // A value that is not a number stays, from either.
            if value.is_nan() || value < smaller {
                *smaller = *value;
            }
        }
        &self.smaller
    }

    /// One step of both critics towards `targets`; `None`, and neither has moved, if that isn't finite. What is
    /// reported is the mean over the two.
    pub(crate) fn learn(&mut self, pairs: &[f32], targets: &[f32]) -> Option<CriticReport> {
        let [first, second] = &mut self.critics;
        let one = first.differentiate(pairs, targets)?;
        let two = second.differentiate(pairs, targets)?;
        first.learned.step();
        second.learned.step();
        Some(CriticReport {
            loss: 0.5 * (one.loss + two.loss),
            mean_q: 0.5 * (one.mean_q + two.mean_q),
        })
    }

    /// The gradient of the sum over the batch of min(Q₁, Q₂) with respect to the pairs, as pairs.
    pub(crate) fn pair_gradient(&mut self, pairs: &[f32]) -> &[f32] {
        let [first, second] = &mut self.critics;
        let [of_first, of_second] = &mut self.weights;
        let values = first.learned.forward(pairs).iter();
        let places = of_first.iter_mut().zip(of_second.iter_mut());
        for ((value, other), (one, two)) in values.zip(second.learned.forward(pairs)).zip(places) {
            (*one, *two) = if value <= other {
                (1.0, 0.0)
            } else {
                (0.0, 1.0)
            };
        }
        self.pair_gradient
            .copy_from_slice(first.pair_gradient(pairs, of_first));
        for (sum, slope) in self
            .pair_gradient
            .iter_mut()
            .zip(second.pair_gradient(pairs, of_second))
        {
            *sum += slope;
        }
        &self.pair_gradient
    }

    /// Lets the target networks follow by τ.
    pub(crate) fn follow(&mut self, rate: f32) {
        for critic in &mut self.critics {
            critic.learned.follow(rate);
        }
    }

    /// What must be saved of the two.
    pub(crate) fn states(&self) -> [NetworkState; 2] {
        [0, 1].map(|number| self.critics[number].learned.state.clone())
    }

    /// Checks that states could be their own.
    pub(crate) fn check(&self, states: &[NetworkState; 2]) -> Result<(), AgentStateError> {
        let [first, second] = &self.critics;
        states[0].check_like(&first.learned.state)?;
        states[1].check_like(&second.learned.state)
    }

    /// Goes back to states that have passed the check.
    pub(crate) fn replace(&mut self, states: [NetworkState; 2]) {
        for (critic, state) in self.critics.iter_mut().zip(states) {
            critic.learned.state = state;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purpose;
    use crate::state_action::StateAction;
    use descender_random::stream;

    /// Q₁ = s + a and Q₂ = −s + 2 a, as the networks and as their targets.
    fn twins() -> TwinCritics {
        let parts = StateAction {
            observation_len: 1,
            dimensions: 1,
        };
        let critics = [[1.0, 1.0, 0.0], [-1.0, 2.0, 0.0]].map(|weights| {
            let mut generator = stream(1, purpose::WEIGHTS, 1);
            let mut critic = Critic::new(parts, &[], 2, 0.1, &mut generator).unwrap();
            critic.learned.state.weights = weights.to_vec();
            critic.learned.state.target = weights.to_vec();
            critic
        });
        TwinCritics::new(critics, 2, 2)
    }

    #[test]
    fn the_smaller_value_counts_and_gives_the_slope() {
        let mut twins = twins();
        // Q₁ = 1.5, Q₂ = 0; then Q₁ = −1, Q₂ = 1.
        let pairs = [1.0, 0.5, -1.0, 0.0];
        assert_eq!(twins.target_values(&pairs), [0.0, -1.0]);
        assert_eq!(twins.pair_gradient(&pairs), [-1.0, 2.0, 1.0, 1.0]);
        let report = twins.learn(&pairs, &[0.0, 0.0]).unwrap();
        assert!((report.loss - 0.5 * ((2.25 + 1.0) / 2.0 + 0.5)).abs() < 1e-6);
        assert!((report.mean_q - 0.5 * (0.25 + 0.5)).abs() < 1e-6);
    }

    #[test]
    fn neither_moves_where_one_is_not_finite() {
        let mut twins = twins();
        twins.critics[1].learned.state.weights[0] = f32::MAX;
        twins.critics[1].learned.state.target[0] = f32::NAN;
        let before = twins.critics[0].learned.state.clone();
        assert!(twins.learn(&[4.0, 0.5, -4.0, 0.0], &[1.0, 1.0]).is_none());
        assert_eq!(twins.critics[0].learned.state, before);
        assert!(twins.target_values(&[1.0, 0.0, 0.0, 0.0])[0].is_nan());
    }
}
