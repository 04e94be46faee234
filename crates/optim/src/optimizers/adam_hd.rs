//! Adam with hypergradient descent: the learning rate descends its own gradient.

use serde::{Deserialize, Serialize};

use crate::StepStatistics;
use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::{product, quotient, reciprocal};
use crate::coefficients::Coefficients;
use crate::gather::gather;
use crate::pass::pass;
use crate::setting::{
    Allowed::{Decay, NonNegative, Positive},
    Setting,
    Value::Number,
    weight_decay,
};

/// Adam with hypergradient descent (Baydin and others 2018, the algorithm Adam-HD): α ← α + β·⟨g, u⟩, where u is the
/// direction Q̂ / (sqrt(P̂) + ε) of the step before. Then it takes a step of [`Adam`](crate::Adam) with α.
///
/// α is η of μ plus what has been learned, as in [`SgdHd`](crate::SgdHd). A step reads η, a1, a2, b1 and b2 of μ.
///
/// The defaults of η (0.001) and β are those of the paper's MNIST experiments. The authors' program has 1e-8 as its
/// default of β. (That program adds ε to sqrt(P) before the bias correction, as old versions of PyTorch did. This follows
/// the paper.)
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamHd {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε outside the root, above 0 (1e-8).
    pub epsilon: f64,
    /// β, the learning rate of the learning rate, at least 0 (1e-7).
    pub hypergradient_rate: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for AdamHd {
    fn default() -> Self {
        AdamHd {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            hypergradient_rate: 1e-7,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for AdamHd {
    const DESCRIPTION: &'static str =
        "Adam whose learning rate follows its hypergradient from η on";
    const USUAL_LEARNING_RATE: f32 = 0.001;
    type State = AdamHdState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("beta1", Number(&mut self.beta1, Decay)),
            ("beta2", Number(&mut self.beta2, Decay)),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            (
                "hypergradient_rate",
                Number(&mut self.hypergradient_rate, NonNegative),
            ),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::average(self.beta2)
    }

    fn first_moment(&self) -> Coefficients {
        Coefficients::average(self.beta1)
    }

    fn start(&self) -> AdamHdState {
        AdamHdState {
            settings: *self,
            learned: 0.0,
            first: Vec::new(),
            second: Vec::new(),
            direction: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AdamHdState {
    settings: AdamHd,
    /// α − η: what has been learned.
    learned: f64,
    /// Q.
    first: Vec<f32>,
    /// P.
    second: Vec<f32>,
    /// u, the direction of the step before.
    direction: Vec<f32>,
}

impl State for AdamHdState {
    fn reset(&mut self) {
        self.learned = 0.0;
        self.first.clear();
        self.second.clear();
        self.direction.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.first, &self.second, &self.direction]
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        for memory in [&mut self.first, &mut self.second, &mut self.direction] {
            memory.resize(parameters.len(), 0.0);
        }
        let settings = self.settings;
        let decay = now.mu.w * settings.weight_decay as f32;
        let [along] = gather(
            [gradient, &*parameters, &self.direction],
            [],
            |[g, theta, direction], _| [product(g + decay * theta, direction)],
        );
        self.learned += settings.hypergradient_rate * along;
        let rate = (f64::from(now.mu.learning_rate) + self.learned) as f32;
        let scale = reciprocal(now.first_weight);
        let root_scale = reciprocal(now.second_weight.sqrt());
        let (a1, a2, b1, b2) = (now.mu.a1, now.mu.a2, now.mu.b1, now.mu.b2);
        let epsilon = settings.epsilon as f32;
        pass(
            parameters,
            gradient,
            [&mut self.second, &mut self.first, &mut self.direction],
            |theta, g, [p, q, direction]| {
                let g = g + decay * theta;
                *p = a1 * *p + a2 * (g * g);
                *q = b1 * *q + b2 * g;
                *direction = quotient(scale * *q, p.sqrt() * root_scale + epsilon);
                theta - rate * *direction
            },
        )
    }
}
