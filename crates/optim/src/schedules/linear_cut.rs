//! A fall on a straight line, and by a factor when the validation loss has risen.

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time, steps};
use crate::setting::{
    Allowed::{Positive, PositiveFraction},
    Setting,
    Value::Number,
};

/// Linear decay with a cut: η = η₀ · (1 − t/T) · factor^k, and 0 from T on, where k counts the validation losses that
/// were larger than the one before.
///
/// This rule won the DAC4SGD track of the DAC4AutoML competition at AutoML-Conf 2022 (source: the winner's program,
/// `thetourney/DAC4SGD` on GitHub). There η₀ = 0.005 with AdamW, factor = 0.05, and the validation loss at the end of
/// each epoch is compared with the one before. A validation loss that is not finite counts as risen.
///
/// An epoch is what [`ScheduleState::with_epoch`](crate::ScheduleState::with_epoch) says, and a tenth of T where it says
/// nothing. A descent of one epoch is never cut. A validation loss costs a forward pass over the validation data. Shorter
/// intervals meet more noise, and with this factor one false alarm nearly ends the descent.
///
/// The caller measures the validation loss when
/// [`ScheduleState::wants_validation`](crate::ScheduleState::wants_validation) says so, and gives it to
/// [`ScheduleState::validate`](crate::ScheduleState::validate). Without that, this is a linear decay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearCut {
    /// What η is multiplied by when the validation loss has risen, above 0 and at most 1 (0.05).
    pub factor: f64,
    /// Epochs from one validation loss to the next, above 0 (1); at least one step.
    pub interval: f64,
}

impl Default for LinearCut {
    fn default() -> Self {
        LinearCut {
            factor: 0.05,
            interval: 1.0,
        }
    }
}

impl Curve for LinearCut {
    const DESCRIPTION: &'static str =
        "falls on a straight line, and by a factor when the validation loss has risen";
    const WATCHES_LOSSES: bool = true;
    type State = LinearCutState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("factor", Number(&mut self.factor, PositiveFraction)),
            ("interval", Number(&mut self.interval, Positive)),
        ]
    }

    fn start(&self, total: u64) -> LinearCutState {
        let interval = self.interval_in_steps(total.div_ceil(10));
        LinearCutState {
            settings: *self,
            interval,
            due: interval,
            level: 1.0,
            last: None,
        }
    }
}

impl LinearCut {
    /// The steps from one validation loss to the next, at least 1, with epochs of this many steps.
    fn interval_in_steps(&self, epoch: u64) -> u64 {
        steps(self.interval, epoch).max(1)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LinearCutState {
    settings: LinearCut,
    /// Steps from one validation loss to the next.
    interval: u64,
    /// The step before which the next validation loss is due.
    due: u64,
    /// η as a share of the straight line.
    level: f64,
    /// The previous validation loss, if there was one.
    last: Option<f64>,
}

impl CurveState for LinearCutState {
    fn share(&self, time: Time) -> f64 {
        (1.0 - time.progress()) * self.level
    }

    fn set_epoch(&mut self, steps: u64) {
        self.interval = self.settings.interval_in_steps(steps);
        self.due = self.interval;
    }

    /// No η depends on the loss after the last step, so it is not wanted.
    fn wants_validation(&self, time: Time) -> bool {
        (self.due..time.total).contains(&time.step)
    }

    fn validate(&mut self, loss: f64, time: Time) {
        let risen = !loss.is_finite() || self.last.is_some_and(|last| last < loss);
        if risen {
            self.level *= self.settings.factor;
        }
        if loss.is_finite() {
            self.last = Some(loss);
        }
        self.due = (time.step / self.interval + 1).saturating_mul(self.interval);
    }
}
