//! SGD with Nesterov momentum.

use serde::{Deserialize, Serialize};

use crate::algorithm::Algorithm;
use crate::coefficients::Coefficients;
use crate::moments::Moments;
use crate::setting::{Allowed::Decay, Setting, Value::Number, weight_decay};

/// Nesterov momentum (Nesterov 1983) in PyTorch's form, `SGD(nesterov=True)`: Q ← m·Q + g; θ ← θ − η·(g + m·Q).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nesterov {
    /// m, the decay of Q, at least 0 and below 1 (0.9).
    pub momentum: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Nesterov {
    fn default() -> Self {
        Nesterov {
            momentum: 0.9,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Nesterov {
    const DESCRIPTION: &'static str = "SGD with Nesterov momentum";
    const USUAL_LEARNING_RATE: f32 = 0.01;
    type State = Moments;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("momentum", Number(&mut self.momentum, Decay)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn first_moment(&self) -> Coefficients {
        Coefficients::new(self.momentum, 1.0, 0.0)
    }

    fn start(&self) -> Moments {
        Moments::of(self, self.weight_decay).looking_ahead()
    }
}
