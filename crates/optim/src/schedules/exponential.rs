//! A fall by the same factor at each step.

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time};
use crate::setting::{Allowed::PositiveFraction, Setting, Value::Number};

/// η = η₀ · f^(t/T). PyTorch's `ExponentialLR` with γ = f^(1/T).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exponential {
    /// f, the share of η₀ that is left after T steps, above 0 and at most 1 (0.01).
    pub final_factor: f64,
}

impl Default for Exponential {
    fn default() -> Self {
        Exponential { final_factor: 0.01 }
    }
}

impl Curve for Exponential {
    const DESCRIPTION: &'static str = "falls by the same factor at each step";
    type State = Exponential;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![(
            "final_factor",
            Number(&mut self.final_factor, PositiveFraction),
        )]
    }

    fn start(&self, _total: u64) -> Exponential {
        *self
    }
}

impl CurveState for Exponential {
    fn share(&self, time: Time) -> f64 {
        self.final_factor.powf(time.step as f64 / time.total as f64)
    }
}
