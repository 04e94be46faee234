//! The measures of a descent, and the controller against a method in each measure, start by start.
//!
//! These figures are not stored if the single starts are: they are computed again from [`MethodResult::by_start`], with
//! the same resamples each time.

use super::first_hit::{counted_hit, pair};
use super::outcome::{Comparison, MethodResult, StartResult};
use descender_statistics::{Better, Bootstrap, Estimate, PairedComparison};
use serde::Serialize;

/// A measure of one descent. Smaller values are better, but for the accuracy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The first step with a batch loss at or below the threshold; the length of the descent if there was none. Where it
    /// matters that this is only a bound, see [`FirstHit`](super::FirstHit).
    FirstHit,
    /// The mean of the last 50 batch losses; infinite for a descent that diverged.
    FinalTrainLoss,
    /// The validation loss after the last step; infinite for a descent that diverged.
    FinalValidationLoss,
    /// The share of validation examples classified correctly after the last step; 0 for a descent that diverged.
    ValidationAccuracy,
}

impl Measure {
    /// Which values are better.
    #[must_use]
    pub const fn better(self) -> Better {
        match self {
            Self::FirstHit | Self::FinalTrainLoss | Self::FinalValidationLoss => Better::Smaller,
            Self::ValidationAccuracy => Better::Larger,
        }
    }

    /// The measure of one start, for descents of `steps` steps. A value that JSON could not hold is NaN, which the
    /// statistics treat like +∞.
    #[must_use]
    pub fn of(self, start: &StartResult, steps: u64) -> f64 {
        match self {
            Self::FirstHit => counted_hit(start.first_hit, steps) as f64,
            Self::FinalTrainLoss => start.final_train_loss,
            Self::FinalValidationLoss => start.final_validation_loss,
            Self::ValidationAccuracy => start.validation_accuracy,
        }
    }

    /// The summary over the starts, as stored in the method's result.
    #[must_use]
    pub const fn estimate(self, method: &MethodResult) -> Estimate {
        match self {
            Self::FirstHit => method.first_hit.estimate(),
            Self::FinalTrainLoss => method.final_train_loss,
            Self::FinalValidationLoss => method.final_validation_loss,
            Self::ValidationAccuracy => method.validation_accuracy,
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

    /// Whether the task has an accuracy: that of a method that did not diverge everywhere is a number.
    #[must_use]
    pub fn has_accuracy(&self) -> bool {
        let known = |method: &MethodResult| {
            method.diverged < self.starts && method.validation_accuracy.iqm.is_finite()
        };
        self.methods.iter().any(known)
    }

    /// Whether some method reached the threshold from some start.
    #[must_use]
    pub fn anyone_hits(&self) -> bool {
        let hits = |method: &MethodResult| method.first_hit.reached > 0;
        self.methods.iter().any(hits)
    }

    /// The controller against `method` in `measure`, start by start (controller − method). Where one of them never hits,
    /// the difference of the first hits is only bounded; an infinite end of its interval is not known.
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
        let (own, other) = (&controller.by_start, &method.by_start);
        if own.is_empty() || own.len() != other.len() {
            return match measure {
                Measure::FirstHit => method.controller_against,
                _ => None,
            };
        }
        let bootstrap = Bootstrap::new(self.seed);
        let hits = |method: &[StartResult]| -> Vec<Option<u64>> {
            method.iter().map(|start| start.first_hit).collect()
        };
        let values = |method| self.values(method, measure);
        match measure {
            Measure::FirstHit => Some(pair(&hits(own), &hits(other), self.steps, &bootstrap)),
            Measure::FinalTrainLoss | Measure::FinalValidationLoss => {
                PairedComparison::of(&values(controller), &values(method), &bootstrap, 0).ok()
            }
            // Negated, since smaller is better in a pair.
            Measure::ValidationAccuracy => {
                let paired = PairedComparison::of(
                    &negated(values(controller)),
                    &negated(values(method)),
                    &bootstrap,
                    0,
                );
                paired.ok().map(|paired| PairedComparison {
                    difference: mirrored(paired.difference),
                    ..paired
                })
            }
        }
    }
}

fn negated(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(|value| -value).collect()
}

/// The estimate of the negated values.
fn mirrored(
    Estimate {
        iqm,
        ci95: [low, high],
    }: Estimate,
) -> Estimate {
    Estimate {
        iqm: 0.0 - iqm,
        ci95: [0.0 - high, 0.0 - low],
    }
}
