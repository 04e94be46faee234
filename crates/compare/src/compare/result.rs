//! Turns trials into the comparison's results.

use descender_task::{Metric, Problem};

use super::ready::ReadyContender;
use super::settings::CompareSettings;
use crate::comparison::{
    Comparison, Curves, FirstHit, MethodResult, Role, SchemaVersion, StartResult, pair,
};
use crate::trial::Trial;
use descender_record::settings_text::shortest;
use descender_statistics::{Bootstrap, PairedComparison};

/// Points of a curve, and steps over which its loss is smoothed.
const CURVE_POINTS: usize = 250;
const CURVE_WINDOW: usize = 20;

/// The comparison of the contenders from their trials, in start-major order.
pub(super) fn comparison(
    problem: &dyn Problem,
    settings: &CompareSettings,
    contenders: &[ReadyContender],
    trials: &[Trial],
) -> Comparison {
    let trials_of = |position: usize| -> Vec<&Trial> {
        trials
            .iter()
            .skip(position)
            .step_by(contenders.len())
            .collect()
    };
    let controller = contenders
        .iter()
        .position(|ready| ready.contender.role == Role::Controller);
    let methods = contenders
        .iter()
        .enumerate()
        .map(|(position, ready)| {
            let own = trials_of(position);
            let mut method = summarise(problem, ready, &own, settings);
            method.controller_against = controller
                .filter(|controller| *controller != position)
                .map(|controller| paired(&trials_of(controller), &own, settings));
            method
        })
        .collect();
    Comparison {
        version: SchemaVersion,
        task: problem.name().to_owned(),
        metric: "first_hit".to_owned(),
        steps: settings.steps,
        starts: settings.starts,
        seed: settings.seed,
        threshold: shortest(settings.threshold),
        methods,
    }
}

fn summarise(
    problem: &dyn Problem,
    ready: &ReadyContender,
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
        name: ready.contender.name.clone(),
        role: ready.contender.role,
        settings: ready.contender.settings(),
        first_hit: FirstHit::of(&hits, settings.steps, &bootstrap, 0),
        final_train_loss: estimate(&Trial::final_train_loss),
        final_validation_loss: estimate(&|trial| f64::from(trial.evaluation.loss)),
        validation_accuracy: estimate(&|trial| f64::from(trial.evaluation.accuracy)),
        validation_metrics: (problem.metrics().iter())
            .filter(|metric| **metric != Metric::Accuracy)
            .map(|&metric| {
                (
                    metric,
                    estimate(&|trial| metric.of(&trial.evaluation).into()),
                )
            })
            .collect(),
        diverged: trials.iter().filter(|trial| trial.diverged).count() as u64,
        interventions: trials.iter().map(|trial| trial.interventions).sum(),
        controller_against: None,
        tuning: ready.tuning.clone(),
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
        interventions: trial.interventions,
    }
}

/// The controller's first hits against a method's, start by start.
fn paired(
    controller: &[&Trial],
    method: &[&Trial],
    settings: &CompareSettings,
) -> PairedComparison {
    let hits = |trials: &[&Trial]| -> Vec<Option<u64>> {
        trials.iter().map(|trial| trial.first_hit).collect()
    };
    let bootstrap = Bootstrap::new(settings.seed);
    pair(&hits(controller), &hits(method), settings.steps, &bootstrap)
}
