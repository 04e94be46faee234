//! A descent for tests: a noisy quadratic, cheap and with known behaviour.
//!
//! loss(θ) = Σ λ_i θ_i² / 2 · (1 + noise) + 0.01, gradient λ_i θ_i · (1 + noise), plain gradient descent with η of μ.
//! λ runs from 0.2 to 4, so the descent is stable for η < 0.5 and explodes above.

use descender_optim::{Feedback, HyperParameters, Method, StepStatistics};
use descender_task::{Capabilities, Descent, Evaluation, Split, StartPoint, StateError};

use crate::{Environment, EnvironmentSettings};

const SIZE: usize = 8;

#[derive(Clone)]
pub(crate) struct NoisyQuadratic {
    parameters: [f32; SIZE],
    start: u64,
    step: u64,
    /// The losses from this step on are not a number.
    pub(crate) breaks_at: u64,
}

impl NoisyQuadratic {
    pub(crate) fn new() -> Self {
        Self {
            parameters: [1.0; SIZE],
            start: 0,
            step: 0,
            breaks_at: u64::MAX,
        }
    }

    fn curvature(index: usize) -> f32 {
        0.2 + 3.8 * index as f32 / (SIZE - 1) as f32
    }

    fn loss(&self) -> f32 {
        let sum: f32 = self
            .parameters
            .iter()
            .enumerate()
            .map(|(i, p)| Self::curvature(i) * p * p / 2.0)
            .sum();
        sum + 0.01
    }
}

/// A number in [0, 1) that belongs to `seed` (the finaliser of splitmix64).
fn uniform(seed: u64) -> f32 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 40) as f32 / (1_u64 << 24) as f32
}

impl Descent for NoisyQuadratic {
    fn reset(&mut self, start: StartPoint) {
        self.start = start.index.wrapping_mul(0x1_0000_0001) ^ start.seed;
        self.step = 0;
        for (i, parameter) in self.parameters.iter_mut().enumerate() {
            *parameter = 2.0 * uniform(self.start ^ ((i as u64) << 40)) - 1.0;
        }
    }

    fn parameter_count(&self) -> usize {
        SIZE
    }

    fn chance_loss(&self) -> f32 {
        f32::INFINITY
    }

    fn step(&mut self, mu: &[HyperParameters]) -> Feedback {
        let mu = &mu[0];
        let noise = uniform(self.start.wrapping_add(self.step << 20)) - 0.5;
        let mut loss = self.loss() * (1.0 + noise);
        if self.step >= self.breaks_at {
            loss = f32::NAN;
        }
        let mut statistics = StepStatistics::default();
        for (i, parameter) in self.parameters.iter_mut().enumerate() {
            let gradient = Self::curvature(i) * *parameter * (1.0 + noise);
            statistics.gradient_mean += gradient / SIZE as f32;
            statistics.gradient_mean_absolute += gradient.abs() / SIZE as f32;
            if gradient > 0.0 {
                statistics.gradient_sum_positive += gradient;
                statistics.parameters_decreased += 1;
            } else {
                statistics.gradient_sum_negative += gradient;
                statistics.parameters_increased += 1;
            }
            statistics.relative_change = mu.learning_rate;
            *parameter -= mu.learning_rate * gradient;
        }
        let feedback = Feedback {
            step: self.step,
            loss,
            statistics,
        };
        self.step += 1;
        feedback
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            save: true,
            probe: true,
            selection: true,
        }
    }

    fn evaluate(&mut self, _: Split) -> Option<Evaluation> {
        Some(Evaluation {
            accuracy: 0.0,
            ..Evaluation::of_loss(self.loss())
        })
    }

    fn probe(&mut self, _: Split, _: usize, losses: &mut Vec<f32>) -> bool {
        let loss = self.loss();
        losses.clear();
        losses.extend((0..256).map(|i| loss * 2.0 * uniform(i)));
        true
    }

    fn save(&self) -> Option<Vec<u8>> {
        Some(
            postcard::to_stdvec(&(self.parameters, self.start, self.step, self.breaks_at)).unwrap(),
        )
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), StateError> {
        let read = postcard::from_bytes(state)
            .map_err(|error| StateError::unreadable("a quadratic", error))?;
        (self.parameters, self.start, self.step, self.breaks_at) = read;
        Ok(())
    }
}

/// An environment over a noisy quadratic under SGD.
pub(crate) fn environment(settings: EnvironmentSettings) -> Environment {
    Environment::new(Box::new(NoisyQuadratic::new()), Method::Sgd, settings).unwrap()
}
