//! Adamax: Adam with the infinity norm in the place of the squared gradients.

use serde::{Deserialize, Serialize};

use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::{quotient, reciprocal};
use crate::coefficients::Coefficients;
use crate::setting::{
    Allowed::{Decay, Positive},
    Setting,
    Value::Number,
    weight_decay,
};
use crate::weight_decay::WeightDecay;
use crate::{HyperParameters, StepStatistics};

/// Adamax (Kingma, Ba 2015, section 7.1), in PyTorch's form: P ← max(β₂·P, |g| + ε); Q ← β₁·Q + (1 − β₁)·g;
/// θ ← θ − η·Q̂ / P.
///
/// In terms of μ: P ← max(a1·P, a2·|g| + a3). Q̂ is Q divided by the sum of its weights. Defaults are PyTorch's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adamax {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε, above 0 (1e-8). It is a3 of μ.
    pub epsilon: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Adamax {
    fn default() -> Self {
        Adamax {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Adamax {
    const DESCRIPTION: &'static str =
        "Adam with the infinity norm in place of the squared gradients";
    const USUAL_LEARNING_RATE: f32 = 0.002;
    type State = AdamaxState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("beta1", Number(&mut self.beta1, Decay)),
            ("beta2", Number(&mut self.beta2, Decay)),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::new(self.beta2, 1.0, self.epsilon)
    }

    fn first_moment(&self) -> Coefficients {
        Coefficients::average(self.beta1)
    }

    fn start(&self) -> AdamaxState {
        AdamaxState {
            weight_decay: WeightDecay::Coupled(self.weight_decay as f32),
            second: Vec::new(),
            first: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AdamaxState {
    weight_decay: WeightDecay,
    /// P.
    second: Vec<f32>,
    /// Q.
    first: Vec<f32>,
}

impl State for AdamaxState {
    fn reset(&mut self) {
        self.second.clear();
        self.first.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.second, &self.first]
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        for memory in [&mut self.second, &mut self.first] {
            memory.resize(parameters.len(), 0.0);
        }
        let HyperParameters {
            learning_rate,
            a1,
            a2,
            a3,
            b1,
            b2,
            b3,
            ..
        } = *now.mu;
        let rate = learning_rate * reciprocal(now.first_weight);
        self.weight_decay.pass(
            now.mu,
            parameters,
            gradient,
            [&mut self.second, &mut self.first],
            |g, [p, q]| {
                let (old, new) = (a1 * *p, a2 * g.abs() + a3);
                *p = if old > new { old } else { new };
                *q = b1 * *q + b2 * g + b3;
                quotient(rate * *q, *p)
            },
        )
    }
}
