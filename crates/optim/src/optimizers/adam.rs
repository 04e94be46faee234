//! Adam: momentum and RMSprop with bias correction.

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

/// Adam (Kingma, Ba 2015, algorithm 1): P ← β₂·P + (1 − β₂)·g²; Q ← β₁·Q + (1 − β₁)·g; θ ← θ − η·Q̂ / (sqrt(P̂) + ε).
///
/// The hat is the bias correction: it divides by the sum of the weights that the moment holds. That is 1 − β^t while β
/// stays the same, and it remains right when a controller changes β. Defaults are PyTorch's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
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

impl Default for Adam {
    fn default() -> Self {
        Adam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            epsilon_place: EpsilonPlace::Outside,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Adam {
    const DESCRIPTION: &'static str = "momentum and RMSprop with bias correction";
    const USUAL_LEARNING_RATE: f32 = 0.001;
    type State = Moments;

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

    fn start(&self) -> Moments {
        Moments::of(self, self.weight_decay)
            .with_epsilon(self.epsilon_place.outside(self.epsilon))
            .bias_corrected()
    }
}
