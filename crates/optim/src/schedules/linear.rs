//! A fall on a straight line.

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time};
use crate::setting::{Allowed::Fraction, Setting, Value::Number};

/// η = η₀ · (1 − (1 − f)·t/T), and η₀·f from T on. PyTorch's `LinearLR` from 1 to f.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Linear {
    /// f, the share of η₀ that is left after T steps, from 0 to 1 (0).
    pub final_factor: f64,
}

impl Curve for Linear {
    const DESCRIPTION: &'static str = "falls on a straight line";
    type State = Linear;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![("final_factor", Number(&mut self.final_factor, Fraction))]
    }

    fn start(&self, _total: u64) -> Linear {
        *self
    }
}

impl CurveState for Linear {
    fn share(&self, time: Time) -> f64 {
        1.0 - (1.0 - self.final_factor) * time.progress()
    }
}
