//! Noise that is added to a continuous action to explore: independent from step to step, or an Ornstein-Uhlenbeck process.
//!
//! ```text
//! x ← σ ε                     Gaussian
//! x ← (1 − θ) x + σ ε         Ornstein-Uhlenbeck, in steps of one decision
//! ```
//!
//! with ε from the normal distribution in each dimension. The process begins at 0 with each episode; its noise stays on
//! one side for about 1/θ decisions, and its standard deviation in the long run is σ / √(θ (2 − θ)).
//! Sources: G. Uhlenbeck and L. Ornstein, "On the Theory of the Brownian Motion", 1930; T. Lillicrap et al., "Continuous
//! control with deep reinforcement learning", 2016, section 7 (θ = 0.15, σ = 0.2).

use descender_random::{ChaCha8Rng, normal_pair};
use serde::{Deserialize, Serialize};

/// The kind of noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionNoise {
    /// Independent from decision to decision.
    #[default]
    Gaussian,
    /// A process that drifts and returns to 0.
    OrnsteinUhlenbeck,
}

/// Fills `values` with draws from the normal distribution with mean 0 and variance 1.
pub(crate) fn fill_normal(generator: &mut ChaCha8Rng, values: &mut [f32]) {
    values.fill(0.0);
    advance(values, 0.0, 1.0, generator);
}

/// Moves the noise x of one environment on by a decision; `remains` is 1 − θ, and 0 for Gaussian noise.
pub(crate) fn advance(x: &mut [f32], remains: f32, deviation: f32, generator: &mut ChaCha8Rng) {
    for pair in x.chunks_mut(2) {
        for (x, draw) in pair.iter_mut().zip(normal_pair(generator)) {
            *x = remains * *x + deviation * draw as f32;
        }
    }
}

/// Adds noise to an action and keeps it in [−1, 1].
pub(crate) fn add_clipped(action: &mut [f32], noise: &[f32]) {
    for (action, noise) in action.iter_mut().zip(noise) {
        *action = (*action + noise).clamp(-1.0, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purpose;
    use descender_random::stream;

    /// Variance and covariance of neighbours, of 100,000 decisions; a standard error is below a hundredth of either.
    fn moments(remains: f32, deviation: f32) -> (f64, f64) {
        let mut generator = stream(1, purpose::EXPLORATION, 0);
        let mut x = [0.0; 3];
        let (mut square, mut neighbours, count) = (0.0, 0.0, 100_000);
        for _ in 0..count {
            let before = x[2];
            advance(&mut x, remains, deviation, &mut generator);
            square += f64::from(x[2] * x[2]);
            neighbours += f64::from(x[2] * before);
        }
        (square / f64::from(count), neighbours / f64::from(count))
    }

    #[test]
    fn gaussian_noise_has_its_deviation_and_no_memory() {
        let (variance, covariance) = moments(0.0, 0.3);
        assert!((variance - 0.09).abs() < 0.003, "{variance}");
        assert!(covariance.abs() < 0.003, "{covariance}");
    }

    #[test]
    fn the_process_has_its_deviation_in_the_long_run_and_its_memory() {
        // σ² / (θ (2 − θ)) = 0.04 / 0.2775, and 0.85 of it between neighbours.
        let (variance, covariance) = moments(0.85, 0.2);
        assert!((variance - 0.144_144).abs() < 0.01, "{variance}");
        assert!((covariance / variance - 0.85).abs() < 0.01, "{covariance}");
    }

    #[test]
    fn noisy_actions_stay_in_their_space() {
        let mut action = [0.9, -0.9, 0.0];
        add_clipped(&mut action, &[0.5, -3.0, 0.25]);
        assert_eq!(action, [1.0, -1.0, 0.25]);
    }
}
