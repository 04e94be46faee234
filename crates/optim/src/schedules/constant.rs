//! The same η at every step; it has no settings.

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time};
use crate::setting::Setting;

/// η = η₀.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Constant;

impl Curve for Constant {
    const DESCRIPTION: &'static str = "the same learning rate at every step";
    type State = Constant;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        Vec::new()
    }

    fn start(&self, _total: u64) -> Constant {
        Constant
    }
}

impl CurveState for Constant {
    fn share(&self, _time: Time) -> f64 {
        1.0
    }
}
