//! A fall on half a cosine.

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time, half_cosine};
use crate::setting::{Allowed::Fraction, Setting, Value::Number};

/// η = η₀ · (f + (1 − f)·(1 + cos(π·t/T))/2), and η₀·f from T on. PyTorch's `CosineAnnealingLR` with η_min = f·η₀.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cosine {
    /// f, the share of η₀ that is left after T steps, from 0 to 1 (0).
    pub final_factor: f64,
}

impl Curve for Cosine {
    const DESCRIPTION: &'static str = "falls on half a cosine";
    type State = Cosine;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![("final_factor", Number(&mut self.final_factor, Fraction))]
    }

    fn start(&self, _total: u64) -> Cosine {
        *self
    }
}

impl CurveState for Cosine {
    fn share(&self, time: Time) -> f64 {
        half_cosine(1.0, self.final_factor, time.progress())
    }
}
