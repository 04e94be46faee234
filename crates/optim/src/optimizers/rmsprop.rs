//! RMSprop: each parameter's rate follows the mean of its recent squared gradients.

use serde::{Deserialize, Serialize};

use crate::EpsilonPlace;
use crate::algorithm::Algorithm;
use crate::coefficients::Coefficients;
use crate::moments::Moments;
use crate::setting::{
    Allowed::{Decay, Positive},
    Setting,
    Value::{Number, Place},
    weight_decay,
};

/// RMSprop (Tieleman, Hinton 2012): P ← ρ·P + (1 − ρ)·g²; θ ← θ − η·g / (sqrt(P) + ε).
///
/// Defaults are PyTorch's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rmsprop {
    /// ρ, the decay of P, at least 0 and below 1 (0.99).
    pub decay: f64,
    /// ε, above 0 (1e-8).
    pub epsilon: f64,
    /// Where ε stands (outside the root).
    pub epsilon_place: EpsilonPlace,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Rmsprop {
    fn default() -> Self {
        Rmsprop {
            decay: 0.99,
            epsilon: 1e-8,
            epsilon_place: EpsilonPlace::Outside,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Rmsprop {
    const DESCRIPTION: &'static str =
        "each parameter's rate follows the mean of its recent squared gradients";
    const USUAL_LEARNING_RATE: f32 = 0.01;
    type State = Moments;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("decay", Number(&mut self.decay, Decay)),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            ("epsilon_place", Place(&mut self.epsilon_place)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::average(self.decay).plus(self.epsilon_place.inside(self.epsilon))
    }

    fn start(&self) -> Moments {
        Moments::of(self, self.weight_decay).with_epsilon(self.epsilon_place.outside(self.epsilon))
    }
}
