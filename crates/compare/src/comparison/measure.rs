//! The measures of a descent, and the controller against a method in each measure, start by start.
//!
//! These figures are not stored if the single starts are: they are computed again from [`MethodResult::by_start`], with
//! the same resamples each time.

use super::first_hit::counted_hit;
use super::outcome::{Comparison, MethodResult, StartResult};
use descender_statistics::{Bootstrap, Estimate, PairedComparison};
use serde::Serialize;

/// A measure of one descent. Smaller values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The first step with a batch loss at or below the threshold; the length of the descent if there was none.
    FirstHit,
    /// The mean of the last 50 batch losses; infinite for a descent that diverged.
    FinalTrainLoss,
    /// The validation loss after the last step; infinite for a descent that diverged.
    FinalValidationLoss,
}

impl Measure {
    /// The measure of one start, for descents of `steps` steps. A value that JSON could not hold is NaN, which the
    /// statistics treat like +∞.
    #[must_use]
    pub fn of(self, start: &StartResult, steps: u64) -> f64 {
        match self {
            Self::FirstHit => counted_hit(start.first_hit, steps) as f64,
            Self::FinalTrainLoss => start.final_train_loss,
            Self::FinalValidationLoss => start.final_validation_loss,
        }
    }

    /// The summary over the starts, as stored in the method's result.
    #[must_use]
    pub const fn estimate(self, method: &MethodResult) -> Estimate {
        match self {
            Self::FirstHit => method.first_hit.estimate(),
            Self::FinalTrainLoss => method.final_train_loss,
            Self::FinalValidationLoss => method.final_validation_loss,
        }
    }
}

impl Comparison {
    /// The measure of each start under a method, in the order of the starts; empty when unknown.
    #[must_use]
    pub fn values(&self, method: &MethodResult, measure: Measure) -> Vec<f64> {
        method
            .by_start
            .iter()
            .map(|start| measure.of(start, self.steps))
            .collect()
    }

    /// The controller against `method` in `measure`, start by start (controller − method).
    ///
    /// `None` for the controller itself, without a controller, and if the single starts are not known. In the last case
    /// the first hit comes from [`MethodResult::controller_against`], if the file has it.
    #[must_use]
    pub fn controller_against(
        &self,
        method: &MethodResult,
        measure: Measure,
    ) -> Option<PairedComparison> {
        let controller = self.controller()?;
        if controller.name == method.name {
            return None;
        }
        let (own, other) = (
            self.values(controller, measure),
            self.values(method, measure),
        );
        if own.is_empty() || own.len() != other.len() {
            return match measure {
                Measure::FirstHit => method.controller_against,
                Measure::FinalTrainLoss | Measure::FinalValidationLoss => None,
            };
        }
        PairedComparison::of(&own, &other, &Bootstrap::new(self.seed), 0).ok()
    }
}
