//! Rewards divided by the running standard deviation of their discounted returns, so that a learner sees the same sizes
//! whatever the unit of the reward.
//!
//! Each environment e has a return that restarts with its episodes, and all share the statistics:
//!
//! ```text
//! R_e ← γ R_e + r,    (mean, variance, n) of all R_e so far,    r' = clip(r / √(variance + 10⁻⁸), ±10)
//! ```
//!
//! The statistics begin with mean 0 and variance 1 of n = 10⁻⁴. Rewards keep their sign, for the mean is not taken away.
//! Source: L. Engstrom et al., "Implementation Matters in Deep Policy Gradients", 2020, appendix A.2; the numbers are those of
//! `VecNormalize` in OpenAI Baselines and Stable-Baselines3, and the variance is updated by T. Chan, G. Golub and R. LeVeque's
//! formula (1979) for one more value.

use serde::{Deserialize, Serialize};

use crate::AgentStateError;

/// The largest scaled reward.
const LIMIT: f64 = 10.0;
/// What is added to the variance.
const LEAST_VARIANCE: f64 = 1e-8;
/// The weight of the statistics at the beginning, in values.
const BEGINNING: f64 = 1e-4;

/// Scales the rewards of several environments; all of it is saved with the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RewardScale {
    discount: f64,
    /// R of each environment.
    returns: Vec<f64>,
    mean: f64,
    variance: f64,
    count: f64,
}

impl RewardScale {
    /// For this many environments and discount γ.
    #[must_use]
    pub fn new(environments: usize, discount: f64) -> Self {
        Self {
            discount,
            returns: vec![0.0; environments],
            mean: 0.0,
            variance: 1.0,
            count: BEGINNING,
        }
    }

    /// The standard deviation by which rewards are divided at the moment.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        (self.variance + LEAST_VARIANCE).sqrt()
    }

    /// Takes in the finite reward of one step, and scales it. `ends`: the episode ended with this step.
    ///
    /// # Panics
    /// If there is no such environment.
    pub fn scale(&mut self, environment: usize, reward: f32, ends: bool) -> f32 {
        let own = &mut self.returns[environment];
        *own = *own * self.discount + f64::from(reward);
        let difference = *own - self.mean;
        let count = self.count + 1.0;
        let spread = self.variance * self.count + difference * difference * self.count / count;
        self.mean += difference / count;
        self.variance = spread / count;
        self.count = count;
        if ends {
            *own = 0.0;
        }
        (f64::from(reward) / self.deviation()).clamp(-LIMIT, LIMIT) as f32
    }

    /// Tells that an episode was broken off: its return starts anew.
    ///
    /// # Panics
    /// If there is no such environment.
    pub fn restart(&mut self, environment: usize) {
        self.returns[environment] = 0.0;
    }

    /// Checks that `self`, read from a saved state, is like `other` and has usable numbers.
    ///
    /// # Errors
    /// Names what differs.
    pub fn check_like(&self, other: &Self) -> Result<(), AgentStateError> {
        AgentStateError::compare(
            "number of environments of the reward scale",
            self.returns.len(),
            other.returns.len(),
        )?;
        AgentStateError::compare(
            "discount of the reward scale",
            self.discount,
            other.discount,
        )?;
        let fits = self.returns.iter().all(|own| own.is_finite())
            && self.mean.is_finite()
            && self.variance.is_finite()
            && self.variance >= 0.0
            && self.count.is_finite()
            && self.count >= BEGINNING;
        AgentStateError::compare("consistency of the reward scale", fits, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against `VecNormalize` of one environment, with γ = 0.5, in NumPy:
    ///
    /// ```text
    /// mean, var, count, R = 0.0, 1.0, 1e-4, 0.0
    /// for r, done in zip([1.0, 1.0, -2.0, 4.0, 0.5], [0, 0, 0, 1, 0]):
    ///     R = R * 0.5 + r
    ///     delta, total = R - mean, count + 1
    ///     var = (var * count + delta ** 2 * count / total) / total   # the batch's variance is 0
    ///     mean, count = mean + delta / total, total
    ///     print(np.clip(r / np.sqrt(var + 1e-8), -10, 10))
    ///     R = 0.0 if done else R
    /// ```
    #[test]
    fn rewards_are_scaled_as_by_vec_normalize() {
        let mut scale = RewardScale::new(2, 0.5);
        let rewards = [1.0, 1.0, -2.0, 4.0, 0.5];
        let expected = [10.0, 3.996_006, -1.672_164_2, 2.428_099_3, 0.334_076_83];
        for (place, (reward, expected)) in rewards.into_iter().zip(expected).enumerate() {
            let scaled = scale.scale(1, reward, place == 3);
            assert!((scaled - expected).abs() < 1e-5, "{place}: {scaled}");
        }
        assert_eq!(scale.returns, [0.0, 0.5]);
    }

    #[test]
    fn the_deviation_is_that_of_the_returns_of_all_environments() {
        let mut scale = RewardScale::new(2, 1.0);
        let mut returns = Vec::new();
        for episode in 0..200 {
            let mut sums = [0.0_f64; 2];
            for step in 0..5 {
                for (environment, sum) in sums.iter_mut().enumerate() {
                    let reward = (episode * 7 + step * 3 + environment) as f32 * 0.37;
                    let reward = reward.sin() * 1_000.0;
                    scale.scale(environment, reward, step == 4);
                    *sum += f64::from(reward);
                    returns.push(*sum);
                }
            }
        }
        let mean = returns.iter().sum::<f64>() / 2_000.0;
        let squares: f64 = returns.iter().map(|own| (own - mean) * (own - mean)).sum();
        let deviation = (squares / 2_000.0).sqrt();
        assert!((scale.deviation() / deviation - 1.0).abs() < 1e-4);
        // Signs stay, and the unit of the reward does not matter.
        let scaled = scale.scale(0, 500.0, false);
        assert!((f64::from(scaled) - 500.0 / scale.deviation()).abs() < 1e-6);
        assert!(scale.scale(0, -500.0, false) < 0.0);
        assert_eq!(scale.scale(0, 1e9, false), 10.0);
        scale.restart(0);
        assert_eq!(scale.returns[0], 0.0);
    }

    #[test]
    fn a_saved_scale_comes_back_and_another_is_refused() {
        let mut scale = RewardScale::new(2, 0.9);
        scale.scale(0, 3.0, false);
        let bytes = postcard::to_stdvec(&scale).unwrap();
        let read: RewardScale = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(read, scale);
        assert!(read.check_like(&RewardScale::new(2, 0.9)).is_ok());
        assert!(read.check_like(&RewardScale::new(3, 0.9)).is_err());
        assert!(read.check_like(&RewardScale::new(2, 0.8)).is_err());
        let broken = RewardScale {
            variance: f64::NAN,
            ..scale
        };
        assert!(broken.check_like(&RewardScale::new(2, 0.9)).is_err());
    }
}
