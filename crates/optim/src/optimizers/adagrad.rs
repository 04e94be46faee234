//! Adagrad: each parameter's rate falls with the sum of its squared gradients.

use serde::{Deserialize, Serialize};

use crate::EpsilonPlace;
use crate::algorithm::Algorithm;
use crate::coefficients::Coefficients;
use crate::moments::Moments;
use crate::setting::{
    Allowed::Positive,
    Setting,
    Value::{Number, Place},
    weight_decay,
};

/// Adagrad (Duchi, Hazan, Singer 2011): P ← P + g²; θ ← θ − η·g / (sqrt(P) + ε).
///
/// Defaults are PyTorch's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adagrad {
    /// ε, above 0 (1e-10).
    pub epsilon: f64,
    /// Where ε stands (outside the root). Inside, it is added to P at each step.
    pub epsilon_place: EpsilonPlace,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Adagrad {
    fn default() -> Self {
        Adagrad {
            epsilon: 1e-10,
            epsilon_place: EpsilonPlace::Outside,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Adagrad {
    const DESCRIPTION: &'static str =
        "each parameter's rate falls with the sum of its squared gradients";
    const USUAL_LEARNING_RATE: f32 = 0.01;
    type State = Moments;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("epsilon", Number(&mut self.epsilon, Positive)),
            ("epsilon_place", Place(&mut self.epsilon_place)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::new(1.0, 1.0, self.epsilon_place.inside(self.epsilon))
    }

    fn start(&self) -> Moments {
        Moments::of(self, self.weight_decay).with_epsilon(self.epsilon_place.outside(self.epsilon))
    }
}
