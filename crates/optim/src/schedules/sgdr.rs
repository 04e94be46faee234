//! SGDR: falls on half a cosine, again and again, with warm restarts.

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time, half_cosine};
use crate::setting::{
    Allowed::Fraction,
    Setting,
    Value::{Count, Number},
};

/// SGDR (Loshchilov, Hutter 2017, equation 5): η = η_min + (η_max − η_min)·(1 + cos(π·T_cur/T_i))/2.
///
/// η_max = η₀, η_min = f·η₀, T_cur counts the steps since the last restart, T_i is the length of the current cycle in
/// steps. The first is T₀ = ceil(T / (1 + m + … + m^(cycles − 1))), so that T steps hold `cycles` cycles; each is m times
/// as long as the one before. PyTorch's `CosineAnnealingWarmRestarts`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sgdr {
    /// Cycles in the T steps, at least 1 (3).
    pub cycles: u64,
    /// m, at least 1 (2).
    pub multiplier: u64,
    /// f = η_min / η_max, from 0 to 1 (0).
    pub final_factor: f64,
}

impl Default for Sgdr {
    fn default() -> Self {
        Sgdr {
            cycles: 3,
            multiplier: 2,
            final_factor: 0.0,
        }
    }
}

impl Curve for Sgdr {
    const DESCRIPTION: &'static str = "falls on half a cosine again and again, with warm restarts";
    type State = SgdrState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("cycles", Count(&mut self.cycles)),
            ("multiplier", Count(&mut self.multiplier)),
            ("final_factor", Number(&mut self.final_factor, Fraction)),
        ]
    }

    fn start(&self, total: u64) -> SgdrState {
        let multiplier = self.multiplier.max(1);
        SgdrState {
            final_factor: self.final_factor,
            multiplier,
            since_restart: 0,
            period: first_period(total, self.cycles, multiplier),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SgdrState {
    final_factor: f64,
    multiplier: u64,
    /// T_cur.
    since_restart: u64,
    /// T_i.
    period: u64,
}

impl CurveState for SgdrState {
    fn share(&self, _time: Time) -> f64 {
        let progress = self.since_restart as f64 / self.period as f64;
        half_cosine(1.0, self.final_factor, progress)
    }

    fn advance(&mut self, _loss: f64) {
        self.since_restart += 1;
        if self.since_restart >= self.period {
            self.since_restart = 0;
            self.period = self.period.saturating_mul(self.multiplier);
        }
    }
}

/// T₀ = ceil(T / (1 + m + … + m^(cycles − 1))), at least 1.
fn first_period(total: u64, cycles: u64, multiplier: u64) -> u64 {
    let cycles = cycles.clamp(1, total);
    if multiplier == 1 {
        return total.div_ceil(cycles);
    }
    let (mut length, mut sum) = (1_u64, 0_u64);
    for _ in 0..cycles {
        sum = sum.saturating_add(length);
        length = length.saturating_mul(multiplier);
        if sum >= total {
            break;
        }
    }
    total.div_ceil(sum)
}
