//! Which reading moved the learning rate, decision by decision.
//!
//! The influence of a reading is what ln η loses when the reading is set to 0, the usual, and all else stays: the effect of
//! one part, the others as they are. Influences don't add up to the whole where the policy bends.

use std::fmt;
use std::ops::ControlFlow;

use descender_control::{ActionSettings, Controller, Dimension, Parameter, PolicyHead};
use descender_env::{Guarded, Stop, steer};
use descender_task::{DescentError, Job, Problem, StartPoint};
use serde::Serialize;

/// Readings of a decision that are shown.
const SHOWN: usize = 3;
/// An influence of less than this factor is not shown: 2 %.
const LEAST: f64 = 0.02;

/// Why a controller can't be explained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// It doesn't place η.
    #[error(
        "only controllers that place the learning rate between fixed ends can be explained, and this one does not"
    )]
    NoLearningRate,
    /// It can't steer a descent of the task.
    #[error("the task can't be descended on")]
    Descent(#[from] DescentError),
}

/// What moved the learning rate of a descent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The decisions, in their order.
    pub decisions: Vec<ExplainedDecision>,
}

/// A decision and what moved it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedDecision {
    /// The step before which it was made.
    pub step: u64,
    /// η of that step.
    pub learning_rate: f32,
    /// The readings with their influence on ln η, the strongest first.
    pub influences: Vec<(String, f64)>,
}

impl Explanation {
    /// Explains what `controller` does in a descent of `steps` steps from `start`.
    ///
    /// # Errors
    /// [`ExplainError`]
    pub fn of(
        controller: &Controller,
        problem: &dyn Problem,
        start: StartPoint,
        steps: u64,
    ) -> Result<Self, ExplainError> {
        let (place, dimension) = learning_rate(controller).ok_or(ExplainError::NoLearningRate)?;
        let readings = readings(controller);
        let mut descent = problem.descent(*controller.method())?;
        descent.reset(start);
        let job = Job {
            steps,
            ..problem.job()
        };
        let mut guarded = Guarded::new(controller.start_for(&job), &*descent)
            .map_err(|error| DescentError::Own(error.into()))?;
        let mut policy = controller.policy().clone();
        let mut decisions = Vec::new();
        let mut made = 0;
        // A decision after the last step has no effect.
        let (steps, never) = (steps.saturating_sub(1), Stop::default());
        steer(&mut *descent, &mut guarded, steps, &never, |stepped| {
            made += 1;
            let session = stepped.steering.session();
            if let Some(observed) = session.observed().filter(|_| stepped.goes_on) {
                let mut log_rate = |features: &[f32]| {
                    let z = policy.outputs(features)[place];
                    f64::from(dimension.value(z.tanh())).ln()
                };
                let whole = log_rate(observed);
                let mut influences: Vec<(String, f64)> = (readings.iter())
                    .map(|(name, features)| {
                        let mut without = observed.to_vec();
                        features.iter().for_each(|&feature| without[feature] = 0.0);
                        (name.clone(), whole - log_rate(&without))
                    })
                    .collect();
                influences.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
                decisions.push(ExplainedDecision {
                    step: made,
                    learning_rate: session.hyper_parameters().learning_rate,
                    influences,
                });
            }
            ControlFlow::Continue(())
        });
        Ok(Self { decisions })
    }
}

/// The output that places η, and between which ends.
fn learning_rate(controller: &Controller) -> Option<(usize, Dimension)> {
    let ActionSettings::Anchored(anchored) = &controller.control().action else {
        return None;
    };
    let found = (anchored.dimensions.iter().enumerate())
        .find(|(_, dimension)| dimension.parameter == Parameter::LearningRate);
    let squashed = controller.policy().head() == PolicyHead::Squashed;
    found
        .filter(|_| squashed)
        .map(|(place, dimension)| (place, *dimension))
}

/// The readings, with the features that each has a part in. A feature `at_12 × batch × steps` is of the readings `batch` and
/// `steps`; those without a reading are the time.
fn readings(controller: &Controller) -> Vec<(String, Vec<usize>)> {
    let features = controller.control().observation.feature_names();
    let timed = features.iter().any(|name| name.contains(" × "));
    let mut readings: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, feature) in features.into_iter().enumerate() {
        let names: Vec<&str> = match feature.split_once(" × ") {
            Some((_, readings)) => readings.split(" × ").collect(),
            None if timed => vec!["time"],
            None => vec![feature],
        };
        for name in names {
            match readings.iter_mut().find(|(known, _)| known == name) {
                Some((_, places)) => places.push(place),
                None => readings.push((name.to_owned(), vec![place])),
            }
        }
    }
    readings
}

/// A line a decision: `step 41: η 0.0123; parameters ×0.61, probe_rise ×0.93`.
impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for decision in &self.decisions {
            let ExplainedDecision {
                step,
                learning_rate,
                influences,
            } = decision;
            let shown: Vec<String> = (influences.iter().take(SHOWN))
                .filter(|(_, influence)| influence.abs() >= LEAST)
                .map(|(name, influence)| format!("{name} ×{:.2}", influence.exp()))
                .collect();
            writeln!(
                formatter,
                "step {step:>6}: η {:<9} {}",
                descender_statistics::number::significant(f64::from(*learning_rate), 3),
                shown.join(", ")
            )?;
        }
        Ok(())
    }
}
