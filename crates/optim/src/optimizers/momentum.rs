//! SGD with heavy-ball momentum.

use serde::{Deserialize, Serialize};

use crate::algorithm::Algorithm;
use crate::coefficients::Coefficients;
use crate::moments::Moments;
use crate::setting::{
    Allowed::{Decay, Fraction},
    Setting,
    Value::Number,
    weight_decay,
};

/// Gradient descent with momentum (Polyak 1964): Q ← m·Q + (1 − d)·g; θ ← θ − η·Q.
///
/// PyTorch's `SGD(momentum)` for d = 0. (With a dampening, PyTorch takes the first gradient whole. This does not.)
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Momentum {
    /// m, the decay of Q, at least 0 and below 1 (0.9). At 0 this is SGD, here with weight decay.
    pub momentum: f64,
    /// d, what the gradient's weight is lowered by, from 0 to 1 (0).
    pub dampening: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Momentum {
    fn default() -> Self {
        Momentum {
            momentum: 0.9,
            dampening: 0.0,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Momentum {
    const DESCRIPTION: &'static str = "SGD with (heavy-ball) momentum";
    const USUAL_LEARNING_RATE: f32 = 0.01;
    type State = Moments;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("momentum", Number(&mut self.momentum, Decay)),
            ("dampening", Number(&mut self.dampening, Fraction)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn first_moment(&self) -> Coefficients {
        Coefficients::new(self.momentum, 1.0 - self.dampening, 0.0)
    }

    fn start(&self) -> Moments {
        Moments::of(self, self.weight_decay)
    }
}
