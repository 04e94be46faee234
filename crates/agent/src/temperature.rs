//! The temperature α of a soft actor-critic, learned so that the policy keeps a given entropy.
//!
//! ```text
//! J(ln α) = mean over the batch of −ln α · (ln π(a|s) + H̄)
//! ∂J/∂ ln α = −(mean of ln π(a|s) + H̄)
//! ```
//!
//! Where the policy's entropy −E[ln π] is below H̄, α rises and with it the price of being certain.
//!
//! Source: T. Haarnoja et al., "Soft Actor-Critic Algorithms and Applications", 2018, equation 18, with ln α in the place of
//! α, as in the authors' code.

use descender_optim::{Adam, HyperParameters, Method, Optimizer};
use serde::{Deserialize, Serialize};

use crate::gradient::LARGEST_NORM;
use crate::{AgentError, AgentStateError};

/// α, with its own Adam.
#[derive(Debug)]
pub(crate) struct Temperature {
    pub(crate) state: TemperatureState,
    /// H̄, of a whole action.
    target_entropy: f32,
    /// `None`: α stays.
    hyper_parameters: Option<HyperParameters>,
}

/// What it carries from one update to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TemperatureState {
    /// ln α.
    logarithm: f32,
    optimizer: Optimizer,
}

impl Temperature {
    /// α at first; a learning rate of 0 keeps it there.
    pub(crate) fn new(
        start: f32,
        learning_rate: f32,
        target_entropy: f32,
    ) -> Result<Self, AgentError> {
        let method = Method::Adam(Adam::default());
        Ok(Self {
            state: TemperatureState {
                logarithm: start.ln(),
                optimizer: Optimizer::new(method, 1)?,
            },
            target_entropy,
            hyper_parameters: (learning_rate > 0.0).then(|| method.hyper_parameters(learning_rate)),
        })
    }

    /// α.
    pub(crate) fn value(&self) -> f32 {
        self.state.logarithm.exp()
    }

    fn gradient(&self, mean_log_density: f32) -> f32 {
        -(mean_log_density + self.target_entropy)
    }

    /// One step of Adam, from the mean of ln π(a|s). `None`, and α has not moved, if that isn't usable.
    pub(crate) fn learn(&mut self, mean_log_density: f32) -> Option<()> {
        let gradient = self.gradient(mean_log_density);
        if gradient.is_nan() || f64::from(gradient.abs()) > LARGEST_NORM {
            return None;
        }
        if let Some(hyper_parameters) = &self.hyper_parameters {
            let logarithm = std::slice::from_mut(&mut self.state.logarithm);
            self.state
                .optimizer
                .step(hyper_parameters, logarithm, &[gradient]);
        }
        Some(())
    }
}

impl TemperatureState {
    /// Checks that it is usable.
    pub(crate) fn check(&self) -> Result<(), AgentStateError> {
        AgentStateError::compare(
            "number of parameters of the temperature's optimizer",
            self.optimizer.parameter_count(),
            1,
        )?;
        AgentStateError::compare(
            "consistency of the temperature",
            self.logarithm.is_finite(),
            true,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_where_the_entropy_is_too_low_and_falls_where_it_is_too_high() {
        // Entropy 1.5 with a goal of −2, then −3: the gradients are −(−1.5 − 2) and −(3 − 2).
        for (mean_log_density, gradient) in [(-1.5, 3.5), (3.0, -1.0)] {
            let mut temperature = Temperature::new(0.5, 0.01, -2.0).unwrap();
            assert!((temperature.value() - 0.5).abs() < 1e-6);
            assert_eq!(temperature.gradient(mean_log_density), gradient);
            temperature.learn(mean_log_density).unwrap();
            // The first step of Adam has the length of the learning rate.
            let expected = 0.5 * (-0.01 * gradient.signum()).exp();
            assert!((temperature.value() - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn it_stays_where_it_is_not_learned_or_told_nonsense() {
        let mut fixed = Temperature::new(0.5, 0.0, -1.0).unwrap();
        fixed.learn(7.0).unwrap();
        assert_eq!(fixed.value(), 0.5_f32.ln().exp());
        let mut temperature = Temperature::new(0.5, 0.1, -1.0).unwrap();
        for nonsense in [f32::NAN, f32::INFINITY, f32::MAX] {
            assert!(temperature.learn(nonsense).is_none());
        }
        assert_eq!(temperature.value(), fixed.value());
    }
}
