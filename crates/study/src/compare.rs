//! Comparison of methods on held-out start points.
//!
//! Every method descends from the same start points with the same batch orders. Results are interquartile means over
//! the starts with percentile bootstrap intervals. A start that never reaches the threshold counts as the number of
//! steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use descender_task::{DescentError, StartPoint, StartPurpose, Task};
use rayon::prelude::*;

use crate::baseline::Competitor;
use crate::comparison::{
    CONTROLLER, Comparison, Curves, FirstHit, MethodResult, Role, StartResult,
};
use crate::configuration::shortest;
use crate::statistics::{Bootstrap, PairedComparison};
use crate::stop::Stop;
use crate::trial::Trial;

/// Settings of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompareSettings {
    /// Start points; the reported ones come from `seed` alone.
    pub starts: u64,
    /// Steps of each descent.
    pub steps: u64,
    /// Seed of the start points and of the bootstrap.
    pub seed: u64,
    /// A batch loss at or below this is a hit.
    pub threshold: f32,
}

/// Why a comparison was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// A method cannot run on the task.
    #[error("method `{name}`: {source}")]
    Method {
        /// The method.
        name: String,
        /// Why.
        source: DescentError,
    },
    /// A stop was asked for.
    #[error("stopped before the comparison was complete")]
    Stopped,
}

/// Compares the competitors; `progress` is told (done, total) after each descent, from any thread.
///
/// # Errors
/// [`CompareError`].
pub fn compare(
    task: &Arc<Task>,
    competitors: &[Competitor],
    settings: &CompareSettings,
    stop: &Stop,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Comparison, CompareError> {
    let total = competitors.len() as u64 * settings.starts;
    let done = AtomicU64::new(0);
    // Start-major order: when time is short, every method is equally far.
    let trials: Vec<Trial> = (0..total as usize)
        .into_par_iter()
        .with_max_len(1)
        .map(|number| {
            let number = number as u64;
            if stop.requested() {
                return Err(CompareError::Stopped);
            }
            let competitor = &competitors[(number % competitors.len() as u64) as usize];
            let start = StartPoint {
                purpose: StartPurpose::Report,
                seed: settings.seed,
                index: number / competitors.len() as u64,
            };
            let trial = Trial::run(task, competitor, start, settings.steps, settings.threshold)
                .map_err(|source| CompareError::Method {
                    name: competitor.name.clone(),
                    source,
                })?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            Ok(trial)
        })
        .collect::<Result<_, _>>()?;
    let trials_of = |position: usize| -> Vec<&Trial> {
        trials
            .iter()
            .skip(position)
            .step_by(competitors.len())
            .collect()
    };
    let controller = competitors
        .iter()
        .position(|competitor| competitor.name == CONTROLLER);
    let methods = competitors
        .iter()
        .enumerate()
        .map(|(position, competitor)| {
            let own = trials_of(position);
            let mut method = summarise(competitor, &own, settings);
            method.controller_against = controller
                .filter(|controller| *controller != position)
                .and_then(|controller| paired(&trials_of(controller), &own, settings));
            method
        })
        .collect();
    Ok(Comparison {
        task: task.name.clone(),
        metric: "first_hit".to_owned(),
        steps: settings.steps,
        starts: settings.starts,
        seed: settings.seed,
        threshold: shortest(settings.threshold),
        methods,
    })
}

/// Points of a curve, and steps over which its loss is smoothed.
const CURVE_POINTS: usize = 250;
const CURVE_WINDOW: usize = 20;

fn summarise(
    competitor: &Competitor,
    trials: &[&Trial],
    settings: &CompareSettings,
) -> MethodResult {
    let bootstrap = Bootstrap::new(settings.seed);
    // One stream for all methods and measures: the same starts are drawn for each, so that their intervals are paired.
    let estimate = |of: &dyn Fn(&Trial) -> f64| {
        let values: Vec<f64> = trials.iter().map(|trial| of(trial)).collect();
        bootstrap.interquartile_mean(&values, 0)
    };
    let hits: Vec<Option<u64>> = trials.iter().map(|trial| trial.first_hit).collect();
    let losses: Vec<&[f32]> = trials.iter().map(|trial| trial.losses.as_slice()).collect();
    let rates: Vec<&[f32]> = trials
        .iter()
        .map(|trial| trial.learning_rates.as_slice())
        .collect();
    MethodResult {
        name: competitor.name.clone(),
        role: match competitor.name.as_str() {
            CONTROLLER => Role::Controller,
            _ => Role::Rival,
        },
        settings: competitor.settings(),
        first_hit: FirstHit::of(&hits, settings.steps, &bootstrap, 0),
        final_train_loss: estimate(&Trial::final_train_loss),
        final_validation_loss: estimate(&|trial| f64::from(trial.evaluation.loss)),
        validation_accuracy: estimate(&|trial| f64::from(trial.evaluation.accuracy)),
        diverged: trials.iter().filter(|trial| trial.diverged).count() as u64,
        controller_against: None,
        tuning: None,
        by_start: trials.iter().map(|trial| start_result(trial)).collect(),
        curves: Some(Curves::of(&losses, &rates, CURVE_WINDOW, CURVE_POINTS)),
    }
}

fn start_result(trial: &Trial) -> StartResult {
    StartResult {
        first_hit: trial.first_hit,
        final_train_loss: trial.final_train_loss(),
        final_validation_loss: trial.evaluation.loss.into(),
        validation_accuracy: trial.evaluation.accuracy.into(),
        diverged: trial.diverged,
    }
}

/// The controller's first hits against a method's, start by start.
fn paired(
    controller: &[&Trial],
    method: &[&Trial],
    settings: &CompareSettings,
) -> Option<PairedComparison> {
    let hits = |trials: &[&Trial]| -> Vec<f64> {
        trials
            .iter()
            .map(|trial| trial.first_hit.unwrap_or(settings.steps) as f64)
            .collect()
    };
    PairedComparison::of(
        &hits(controller),
        &hits(method),
        &Bootstrap::new(settings.seed),
        0,
    )
    .ok()
}
