//! Adadelta: RMSprop whose steps are scaled by the size of recent steps.

use serde::{Deserialize, Serialize};

use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::quotient;
use crate::coefficients::Coefficients;
use crate::setting::{
    Allowed::{Decay, Positive},
    Setting,
    Value::Number,
    weight_decay,
};
use crate::weight_decay::WeightDecay;
use crate::{HyperParameters, StepStatistics};

/// Adadelta (Zeiler 2012): P ← ρ·P + (1 − ρ)·g²; Δ = sqrt(S + ε) / sqrt(P + ε)·g; S ← ρ·S + (1 − ρ)·Δ²; θ ← θ − η·Δ.
///
/// In the paper η = 1. ε stands in both roots and is not accumulated in P. Defaults are PyTorch's. All of μ is read: in
/// general Q takes the place of g, and S ← a1·S + a2·Δ².
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adadelta {
    /// ρ, the decay of P and S, at least 0 and below 1 (0.9).
    pub decay: f64,
    /// ε, above 0 (1e-6).
    pub epsilon: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Adadelta {
    fn default() -> Self {
        Adadelta {
            decay: 0.9,
            epsilon: 1e-6,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Adadelta {
    const DESCRIPTION: &'static str = "RMSprop whose steps are scaled by the size of recent steps";
    const USUAL_LEARNING_RATE: f32 = 1.0;
    type State = AdadeltaState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("decay", Number(&mut self.decay, Decay)),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::average(self.decay)
    }

    fn start(&self) -> AdadeltaState {
        AdadeltaState {
            epsilon: self.epsilon as f32,
            weight_decay: WeightDecay::Coupled(self.weight_decay as f32),
            second: Vec::new(),
            first: Vec::new(),
            squared_steps: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AdadeltaState {
    epsilon: f32,
    weight_decay: WeightDecay,
    /// P.
    second: Vec<f32>,
    /// Q.
    first: Vec<f32>,
    /// S.
    squared_steps: Vec<f32>,
}

impl State for AdadeltaState {
    fn reset(&mut self) {
        self.second.clear();
        self.first.clear();
        self.squared_steps.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.second, &self.first, &self.squared_steps]
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        for memory in [&mut self.second, &mut self.first, &mut self.squared_steps] {
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
        let epsilon = self.epsilon;
        self.weight_decay.pass(
            now.mu,
            parameters,
            gradient,
            [&mut self.second, &mut self.first, &mut self.squared_steps],
            |g, [p, q, s]| {
                *p = a1 * *p + a2 * (g * g) + a3;
                *q = b1 * *q + b2 * g + b3;
                let delta = quotient((*s + epsilon).sqrt() * *q, (*p + epsilon).sqrt());
                *s = a1 * *s + a2 * (delta * delta);
                learning_rate * delta
            },
        )
    }
}
