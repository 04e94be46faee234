//! The family h(μ) itself, with all of μ free.

use serde::{Deserialize, Serialize};

use crate::algorithm::Algorithm;
use crate::coefficients::Coefficients;
use crate::moments::Moments;
use crate::setting::{
    Allowed::{Finite, NonNegative},
    Setting,
    Value::Number,
    weight_decay,
};

/// h(μ) with all of μ free: P ← a1·P + a2·g² + a3; Q ← b1·Q + b2·g + b3; θ ← θ − η / (sqrt(P) + ε)·Q.
///
/// Source: Zhu, Hayashi, Ohsawa, "Gradient Descent Optimization by Reinforcement Learning", Table 1. The defaults are
/// those of SGD. Any finite number is allowed in μ. Where P turns negative, θ turns NaN.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Family {
    /// Decay of P (0).
    pub a1: f64,
    /// Weight of g² in P (0).
    pub a2: f64,
    /// Constant added to P at each step (1).
    pub a3: f64,
    /// Decay of Q (0).
    pub b1: f64,
    /// Weight of g in Q (1).
    pub b2: f64,
    /// Constant added to Q at each step (0).
    pub b3: f64,
    /// ε outside the root, at least 0 (0). The one inside is a3.
    pub epsilon: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Family {
    fn default() -> Self {
        Family {
            a1: 0.0,
            a2: 0.0,
            a3: 1.0,
            b1: 0.0,
            b2: 1.0,
            b3: 0.0,
            epsilon: 0.0,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Family {
    const DESCRIPTION: &'static str = "h(mu): all hyper-parameters of the moments free";
    const USUAL_LEARNING_RATE: f32 = 0.1;
    type State = Moments;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("a1", Number(&mut self.a1, Finite)),
            ("a2", Number(&mut self.a2, Finite)),
            ("a3", Number(&mut self.a3, Finite)),
            ("b1", Number(&mut self.b1, Finite)),
            ("b2", Number(&mut self.b2, Finite)),
            ("b3", Number(&mut self.b3, Finite)),
            ("epsilon", Number(&mut self.epsilon, NonNegative)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::new(self.a1, self.a2, self.a3)
    }

    fn first_moment(&self) -> Coefficients {
        Coefficients::new(self.b1, self.b2, self.b3)
    }

    fn start(&self) -> Moments {
        Moments::of(self, self.weight_decay)
            .with_epsilon(self.epsilon)
            .keeping_first()
    }
}
