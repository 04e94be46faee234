//! AMSGrad: Adam whose second moment never decreases.

use serde::{Deserialize, Serialize};

use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::{quotient, reciprocal};
use crate::coefficients::Coefficients;
use crate::setting::{
    Allowed::{Decay, Positive},
    Setting,
    Value::{Number, Place},
    weight_decay,
};
use crate::weight_decay::WeightDecay;
use crate::{EpsilonPlace, HyperParameters, StepStatistics};

/// AMSGrad (Reddi, Kale, Kumar 2018), in PyTorch's form: [`Adam`](crate::Adam) with S ← max(S, P) in the place of P.
///
/// θ ← θ − η·Q̂ / (sqrt(Ŝ) + ε), where both hats divide by the sum of the weights, S by that of P. Defaults are PyTorch's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Amsgrad {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε, above 0 (1e-8).
    pub epsilon: f64,
    /// Where ε stands (outside the root).
    pub epsilon_place: EpsilonPlace,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Amsgrad {
    fn default() -> Self {
        Amsgrad {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            epsilon_place: EpsilonPlace::Outside,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Amsgrad {
    const DESCRIPTION: &'static str = "Adam whose second moment never decreases";
    const USUAL_LEARNING_RATE: f32 = 0.001;
    type State = AmsgradState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("beta1", Number(&mut self.beta1, Decay)),
            ("beta2", Number(&mut self.beta2, Decay)),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            ("epsilon_place", Place(&mut self.epsilon_place)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::average(self.beta2).plus(self.epsilon_place.inside(self.epsilon))
    }

    fn first_moment(&self) -> Coefficients {
        Coefficients::average(self.beta1)
    }

    fn start(&self) -> AmsgradState {
        AmsgradState {
            epsilon: self.epsilon_place.outside(self.epsilon) as f32,
            weight_decay: WeightDecay::Coupled(self.weight_decay as f32),
            second: Vec::new(),
            first: Vec::new(),
            maximum: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AmsgradState {
    /// ε outside the root.
    epsilon: f32,
    weight_decay: WeightDecay,
    /// P.
    second: Vec<f32>,
    /// Q.
    first: Vec<f32>,
    /// S.
    maximum: Vec<f32>,
}

impl State for AmsgradState {
    fn reset(&mut self) {
        self.second.clear();
        self.first.clear();
        self.maximum.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.second, &self.first, &self.maximum]
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        for memory in [&mut self.second, &mut self.first, &mut self.maximum] {
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
        let rate = learning_rate * reciprocal(now.first_weight);
        let root_scale = reciprocal(now.second_weight.sqrt());
        self.weight_decay.pass(
            now.mu,
            parameters,
            gradient,
            [&mut self.second, &mut self.first, &mut self.maximum],
            |g, [p, q, s]| {
                *p = a1 * *p + a2 * (g * g) + a3;
                *q = b1 * *q + b2 * g + b3;
                *s = if *s > *p { *s } else { *p };
                quotient(rate * *q, s.sqrt() * root_scale + epsilon)
            },
        )
    }
}
