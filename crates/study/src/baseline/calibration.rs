//! Calibration: a controller is watched on starts of their own, so that negative controls can be made of what it does.

use std::sync::Arc;

use descender_control::{ControlLoop, Controller};
use descender_task::{Descent, DescentError, NetworkDescent, StartPoint, Task};
use serde::{Deserialize, Serialize};

use crate::stop::Stop;

/// Starts on which a controller is watched ([`StartPurpose::Calibration`](descender_task::StartPurpose::Calibration)).
pub const CALIBRATION_STARTS: u64 = 16;

/// What a controller did in one descent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Watched {
    /// η of each step.
    learning_rates: Vec<f32>,
    /// The sum of each feature over the decisions.
    feature_sums: Vec<f64>,
    /// The number of decisions.
    decisions: u64,
}

/// What a controller did in several descents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration(Vec<Watched>);

impl Watched {
    /// One descent of the controller, which ends at a loss that is not finite; `None` after a stop.
    ///
    /// # Errors
    /// The controller's optimizer cannot run on the task.
    pub(crate) fn descend(
        task: &Arc<Task>,
        controller: &Controller,
        start: StartPoint,
        steps: u64,
        stop: &Stop,
    ) -> Result<Option<Self>, DescentError> {
        let mut descent = NetworkDescent::new(Arc::clone(task), *controller.method())?;
        descent.reset(start);
        let mut control = control_loop(controller);
        let mut policy = controller.policy().clone();
        let mut observation = vec![0.0; control.observation_len()];
        let mut watched = Self {
            learning_rates: Vec::new(),
            feature_sums: vec![0.0; observation.len()],
            decisions: 0,
        };
        for _ in 0..steps {
            if stop.requested() {
                return Ok(None);
            }
            let mu = *control.hyper_parameters();
            let feedback = descent.step(&mu);
            watched.learning_rates.push(mu.learning_rate);
            if !feedback.loss.is_finite() {
                break;
            }
            control.record(&feedback);
            if control.is_decision() {
                control.observation(&mut observation);
                for (sum, feature) in watched.feature_sums.iter_mut().zip(&observation) {
                    *sum += f64::from(*feature);
                }
                watched.decisions += 1;
                control.apply(&policy.act(&observation));
            }
        }
        Ok(Some(watched))
    }
}

/// The controller's loop, without its policy.
pub(crate) fn control_loop(controller: &Controller) -> ControlLoop {
    ControlLoop::new(controller.control(), *controller.method())
        .expect("a controller's settings were checked when it was made")
}

impl Calibration {
    pub(crate) fn new(descents: Vec<Watched>) -> Self {
        Self(descents)
    }

    /// The mean of each feature over all decisions of all descents; 0 without decisions.
    #[must_use]
    pub fn mean_features(&self) -> Vec<f32> {
        let decisions: u64 = self.0.iter().map(|watched| watched.decisions).sum();
        let features = self
            .0
            .first()
            .map_or(0, |watched| watched.feature_sums.len());
        (0..features)
            .map(|feature| {
                let sum: f64 = (self.0.iter())
                    .map(|watched| watched.feature_sums[feature])
                    .sum();
                (sum / decisions.max(1) as f64) as f32
            })
            .collect()
    }

    /// The geometric mean of η at each step over the descents that got there, exp(mean(ln η)): η acts by ratios, and
    /// the controller changes it by factors.
    #[must_use]
    pub fn mean_learning_rates(&self) -> Vec<f32> {
        let steps = self.0.iter().map(|watched| watched.learning_rates.len());
        (0..steps.max().unwrap_or(0))
            .map(|step| {
                let logarithms: Vec<f64> = (self.0.iter())
                    .filter_map(|watched| watched.learning_rates.get(step))
                    .map(|rate| f64::from(*rate).ln())
                    .collect();
                (logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp() as f32
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_over_decisions_and_over_the_descents_that_are_still_there() {
        let watched = |rates: &[f32], sums: [f64; 2], decisions| Watched {
            learning_rates: rates.to_vec(),
            feature_sums: sums.to_vec(),
            decisions,
        };
        let calibration = Calibration::new(vec![
            watched(&[0.1, 0.1, 0.3], [2.0, -3.0], 3),
            watched(&[0.1, 0.4], [1.0, 1.0], 1),
        ]);
        assert_eq!(calibration.mean_features(), [0.75, -0.5]);
        assert_eq!(calibration.mean_learning_rates(), [0.1, 0.2, 0.3]);
        assert!(Calibration::default().mean_learning_rates().is_empty());
    }
}
