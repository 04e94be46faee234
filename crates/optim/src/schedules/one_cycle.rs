//! The one-cycle policy: a rise to the peak, then a fall far below the start.

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time, half_cosine};
use crate::setting::{
    Allowed::{AtLeastOne, Fraction},
    Setting,
    Value::Number,
};

/// The one-cycle policy (Smith, Topin 2018) in PyTorch's form (`OneCycleLR` with cosine annealing, without its cycle of
/// the momentum).
///
/// From η₀/div at t = 0 along half a cosine up to η₀ at t = pct·T − 1, then along half a cosine down to
/// η₀/(div·final_div) at t = T − 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OneCycle {
    /// pct, the share of T in which η rises, from 0 to 1 (0.3).
    pub rise: f64,
    /// div = peak / start, at least 1 (25).
    pub start_divisor: f64,
    /// final_div = start / end, at least 1 (10,000).
    pub final_divisor: f64,
}

impl Default for OneCycle {
    fn default() -> Self {
        OneCycle {
            rise: 0.3,
            start_divisor: 25.0,
            final_divisor: 1e4,
        }
    }
}

impl Curve for OneCycle {
    const DESCRIPTION: &'static str = "rises to the peak, then falls far below the start";
    type State = OneCycle;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("rise", Number(&mut self.rise, Fraction)),
            ("start_divisor", Number(&mut self.start_divisor, AtLeastOne)),
            ("final_divisor", Number(&mut self.final_divisor, AtLeastOne)),
        ]
    }

    fn start(&self, _total: u64) -> OneCycle {
        *self
    }
}

impl CurveState for OneCycle {
    fn share(&self, time: Time) -> f64 {
        let start = 1.0 / self.start_divisor;
        let end = start / self.final_divisor;
        let (t, last) = (time.step as f64, time.total as f64 - 1.0);
        let top = self.rise * time.total as f64 - 1.0;
        if t >= last {
            end
        } else if t <= top {
            half_cosine(start, 1.0, t / top.max(1.0))
        } else {
            let top = top.max(0.0);
            half_cosine(1.0, end, (t - top) / (last - top))
        }
    }
}
