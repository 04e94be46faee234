//! Generalized advantage estimation: how much better a step was than expected.
//!
//! With V the critic's value, c the probability that the return goes on, and λ between the one-step difference (0) and the
//! whole return (1):
//!
//! ```text
//! δ_t = r_t + γ c_t V(s_{t+1}) − V(s_t)
//! A_t = δ_t + γ λ c_t A_{t+1}          A_{t+1} = 0 where the episode, or what is known of it, ends at t
//! ```
//!
//! After a termination V(s_{t+1}) counts 0; after a truncation it counts, for the return goes on.
//! Source: J. Schulman, P. Moritz, S. Levine, M. Jordan, P. Abbeel, "High-Dimensional Continuous Control Using Generalized
//! Advantage Estimation", 2016, equations 11 to 16.

/// A step with the values that the critic gives to both of its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ValuedStep {
    /// r.
    pub(crate) reward: f32,
    /// V(s).
    pub(crate) value: f32,
    /// V(s'), 0 after a termination.
    pub(crate) next_value: f32,
    /// c.
    pub(crate) continuation: f32,
    /// Whether the next step of the list follows on this one.
    pub(crate) goes_on: bool,
}

/// The advantage of each step, γ = `discount`, λ = `lambda`.
pub(crate) fn advantages(
    steps: &[ValuedStep],
    discount: f32,
    lambda: f32,
) -> impl DoubleEndedIterator<Item = f32> + use<> {
    let mut advantages = vec![0.0; steps.len()];
    let mut following = 0.0;
    for (step, advantage) in steps.iter().zip(&mut advantages).rev() {
        if !step.goes_on {
            following = 0.0;
        }
        let kept = discount * step.continuation;
        let difference = step.reward + kept * step.next_value - step.value;
        following = difference + kept * lambda * following;
        *advantage = following;
    }
    advantages.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(reward: f32, value: f32, next_value: f32, goes_on: bool) -> ValuedStep {
        ValuedStep {
            reward,
            value,
            next_value,
            continuation: 1.0,
            goes_on,
        }
    }

    #[test]
    fn three_steps_by_hand() {
        // δ = 1 + 0.9·2 − 1 = 1.8, 0 + 0.9·3 − 2 = 0.7, 2 + 0.9·0 − 3 = −1 (terminated).
        let steps = [
            step(1.0, 1.0, 2.0, true),
            step(0.0, 2.0, 3.0, true),
            step(2.0, 3.0, 0.0, false),
        ];
        // γλ = 0.45: A = 1.8 + 0.45·(0.7 − 0.45), 0.7 − 0.45, −1.
        let found: Vec<f32> = advantages(&steps, 0.9, 0.5).collect();
        for (found, by_hand) in found.into_iter().zip([1.9125, 0.25, -1.0]) {
            assert!((found - by_hand).abs() < 1e-6, "{found} and {by_hand}");
        }
    }

    #[test]
    fn an_end_keeps_what_follows_apart_and_lambda_has_its_two_limits() {
        let cut = [step(1.0, 0.0, 5.0, false), step(1.0, 0.0, 0.0, false)];
        // A truncation counts the value behind it: 1 + 0.5·5.
        let found: Vec<f32> = advantages(&cut, 0.5, 1.0).collect();
        assert_eq!(found, [3.5, 1.0]);
        let steps = [step(1.0, 4.0, 2.0, true), step(1.0, 2.0, 8.0, false)];
        let one_step: Vec<f32> = advantages(&steps, 0.5, 0.0).collect();
        assert_eq!(one_step, [-2.0, 3.0]);
        // The whole return: 1 + 0.5·(1 + 0.5·8) − 4.
        let whole: Vec<f32> = advantages(&steps, 0.5, 1.0).collect();
        assert_eq!(whole, [-0.5, 3.0]);
    }

    #[test]
    fn a_return_that_may_not_go_on_counts_less() {
        let mut first = step(0.0, 0.0, 4.0, true);
        first.continuation = 0.25;
        let steps = [first, step(4.0, 4.0, 0.0, false)];
        // δ = 0.25·4 = 1 and 0; A = 1 + 0.25·0.
        let found: Vec<f32> = advantages(&steps, 1.0, 1.0).collect();
        assert_eq!(found, [1.0, 0.0]);
    }
}
