//! A fall by a factor when the smoothed loss no longer falls.

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time, steps};
use crate::setting::{
    Allowed::{Decay, Fraction, PositiveFraction},
    Setting,
    Value::Number,
};

/// η ← factor·η when the smoothed loss hasn't fallen for a while. PyTorch's `ReduceLROnPlateau` on a smoothed loss.
///
/// PyTorch expects a validation loss once an epoch. Here the loss is that of each step's batch, which is noisy. So its
/// exponential average L ← s·L + (1 − s)·loss (divided by its weight 1 − s^t) is watched. The average has improved when
/// L < best − threshold·|best|. η falls after more than `patience`·T steps in a row without improvement. After each fall,
/// `cooldown`·T steps are not counted. A loss that is not finite counts as no improvement and stays out of the average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReduceOnPlateau {
    /// What η is multiplied by, above 0 and at most 1 (0.5).
    pub factor: f64,
    /// Steps without improvement that are borne, as a fraction of T (0.1).
    pub patience: f64,
    /// Steps after a fall that aren't counted, as a fraction of T (0).
    pub cooldown: f64,
    /// Relative improvement that counts, at least 0 and below 1 (0.01).
    pub threshold: f64,
    /// s, at least 0 and below 1 (0.98, an average over about 50 steps).
    pub smoothing: f64,
    /// Smallest η as a share of η₀, from 0 to 1 (0).
    pub final_factor: f64,
}

impl Default for ReduceOnPlateau {
    fn default() -> Self {
        ReduceOnPlateau {
            factor: 0.5,
            patience: 0.1,
            cooldown: 0.0,
            threshold: 0.01,
            smoothing: 0.98,
            final_factor: 0.0,
        }
    }
}

impl Curve for ReduceOnPlateau {
    const DESCRIPTION: &'static str = "falls by a factor when the smoothed loss no longer falls";
    const WATCHES_LOSSES: bool = true;
    type State = ReduceOnPlateauState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("factor", Number(&mut self.factor, PositiveFraction)),
            ("patience", Number(&mut self.patience, Fraction)),
            ("cooldown", Number(&mut self.cooldown, Fraction)),
            ("threshold", Number(&mut self.threshold, Decay)),
            ("smoothing", Number(&mut self.smoothing, Decay)),
            ("final_factor", Number(&mut self.final_factor, Fraction)),
        ]
    }

    fn start(&self, total: u64) -> ReduceOnPlateauState {
        ReduceOnPlateauState {
            settings: *self,
            patience: steps(self.patience, total),
            cooldown: steps(self.cooldown, total),
            level: 1.0,
            average: 0.0,
            weight: 0.0,
            best: f64::INFINITY,
            steps_without: 0,
            cooling: 0,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReduceOnPlateauState {
    settings: ReduceOnPlateau,
    /// Patience and cooldown in steps.
    patience: u64,
    cooldown: u64,
    /// η as a share of the peak.
    level: f64,
    average: f64,
    /// Weight of the average, 1 − s^t.
    weight: f64,
    best: f64,
    steps_without: u64,
    /// Steps that are still not counted.
    cooling: u64,
}

impl CurveState for ReduceOnPlateauState {
    fn share(&self, _time: Time) -> f64 {
        self.level
    }

    fn advance(&mut self, loss: f64) {
        let ReduceOnPlateau {
            factor,
            threshold,
            smoothing,
            final_factor,
            ..
        } = self.settings;
        if loss.is_finite() {
            self.average = smoothing * self.average + (1.0 - smoothing) * loss;
            self.weight = smoothing * self.weight + (1.0 - smoothing);
        }
        let level = self.average / self.weight;
        if loss.is_finite() && level < self.best * (1.0 - threshold.copysign(self.best)) {
            self.best = level;
            self.steps_without = 0;
        } else {
            self.steps_without += 1;
        }
        if self.cooling > 0 {
            self.cooling -= 1;
            self.steps_without = 0;
        }
        if self.steps_without > self.patience {
            self.level = (self.level * factor).max(final_factor);
            self.cooling = self.cooldown;
            self.steps_without = 0;
        }
    }
}
