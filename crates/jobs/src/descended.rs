//! One descent of a job, and what it is judged by.

use std::ops::ControlFlow;

use descender_compare::contender::Contender;
use descender_compare::trial::Hand;
use descender_control::{ControlSettings, JobObservationSettings, ObservationSettings};
use descender_env::{Steer, SteerEnd, Stop, steer};
use descender_optim::{Feedback, HyperParameters};
use descender_task::{
    Capabilities, Descent, DescentError, Evaluation, Job, Problem, Split, StartPoint, StateError,
};
use serde::{Deserialize, Serialize};

use crate::instance::JobInstance;

/// Checkpoints of a descent, evenly in time, of which the best by the selection data is taken.
const CHECKPOINTS: u64 = 20;
/// No loss counts as less.
const LEAST: f64 = 1e-5;
/// No loss counts as more than so many times the loss at chance.
const MOST: f64 = 3.0;
/// A descent is lost if its loss is so many times the loss at chance.
const LOST: f64 = 1.5;

/// How a descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobOutcome {
    /// Validation loss after the last step.
    pub last: f64,
    /// Validation loss at the checkpoint with the least loss on the selection data; that of the last step where no
    /// checkpoints were asked for.
    pub best: f64,
    /// Whether the loss was not finite, or the end worse than chance by half.
    pub lost: bool,
}

/// Makes a descent of the job under `contender`, of `steps` steps.
///
/// # Errors
/// If the contender's optimizer can't run on the job.
pub fn descend(
    instance: &JobInstance,
    contender: &Contender,
    steps: u64,
    checkpoints: bool,
) -> Result<JobOutcome, DescentError> {
    let mut descent = instance.task.descent(contender.method)?;
    descent.reset(instance.start);
    let job = Job {
        steps,
        ..instance.job()
    };
    let mut hand = Hand::new(contender, &*descent, instance.start, &job)?;
    Ok(outcome(&mut *descent, &mut hand, steps, checkpoints))
}

/// The mean loss of so many selection examples after the first `begun` steps of a descent of `steps` steps; infinite if it
/// is not finite.
///
/// # Errors
/// If the contender's optimizer can't run on the job.
pub(crate) fn beginning(
    instance: &JobInstance,
    contender: &Contender,
    steps: u64,
    begun: u64,
    examples: usize,
) -> Result<f64, DescentError> {
    let mut descent = instance.task.descent(contender.method)?;
    descent.reset(instance.start);
    let job = Job {
        steps,
        ..instance.job()
    };
    let mut hand = Hand::new(contender, &*descent, instance.start, &job)?;
    let mut veiled = Veiled(&mut *descent);
    let end = steer(&mut veiled, &mut hand, begun, &Stop::default(), |_| {
        ControlFlow::Continue(())
    });
    let mut losses = Vec::new();
    // Without a probe there are no losses, and nobody is ahead.
    let _ = descent.probe(Split::Selection, examples, &mut losses);
    let mean = losses.iter().map(|loss| f64::from(*loss)).sum::<f64>() / losses.len() as f64;
    Ok(match end {
        SteerEnd::Complete if mean.is_finite() => mean,
        _ => f64::INFINITY,
    })
}

/// The outcome of `descent`, which stands at its start, under whatever steers it.
pub(crate) fn outcome<S: Steer>(
    descent: &mut dyn Descent,
    steering: &mut S,
    steps: u64,
    checkpoints: bool,
) -> JobOutcome {
    let every = steps.div_ceil(CHECKPOINTS);
    let mut best: Option<(f32, Vec<u8>)> = None;
    let mut look = |descent: &mut dyn Descent| {
        let loss = (descent.evaluate(Split::Selection)).map_or(f32::NAN, |found| found.loss);
        if best.as_ref().is_none_or(|(least, _)| loss < *least)
            && let Some(state) = descent.save()
        {
            best = Some((loss, state));
        }
    };
    let mut made = 0;
    let mut veiled = Veiled(descent);
    let end = steer(&mut veiled, steering, steps, &Stop::default(), |stepped| {
        made += 1;
        if checkpoints && stepped.goes_on && (made % every == 0 || made == steps) {
            look(stepped.descent);
        }
        ControlFlow::Continue(())
    });
    let Veiled(descent) = veiled;
    let chance = f64::from(descent.chance_loss());
    let counted = |loss: f64| match loss.is_finite() {
        true => loss.clamp(LEAST, MOST * chance),
        false => MOST * chance,
    };
    let validation = |descent: &mut dyn Descent| {
        let evaluation = descent.evaluate(Split::Validation);
        counted(evaluation.map_or(f64::NAN, |found| f64::from(found.loss)))
    };
    let last = match end {
        SteerEnd::Complete => validation(descent),
        _ => counted(f64::NAN),
    };
    let best = match best {
        Some((_, state)) if descent.restore(&state).is_ok() => validation(descent),
        _ => last,
    };
    JobOutcome {
        last,
        best,
        lost: last >= LOST * chance,
    }
}

/// A descent whose validation data nobody sees on the way: who asks for them is shown the selection data. A method that
/// watches a validation loss would be judged by the very numbers that it steers by.
struct Veiled<'a>(&'a mut dyn Descent);

impl Descent for Veiled<'_> {
    fn reset(&mut self, start: StartPoint) {
        self.0.reset(start);
    }

    fn parameter_count(&self) -> usize {
        self.0.parameter_count()
    }

    fn group_count(&self) -> usize {
        self.0.group_count()
    }

    fn batch_size(&self) -> Option<usize> {
        self.0.batch_size()
    }

    fn chance_loss(&self) -> f32 {
        self.0.chance_loss()
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn step(&mut self, mu: &[HyperParameters]) -> Feedback {
        self.0.step(mu)
    }

    fn evaluate(&mut self, split: Split) -> Option<Evaluation> {
        self.0.evaluate(match split {
            Split::Validation => Split::Selection,
            split => split,
        })
    }

    fn probe(&mut self, split: Split, examples: usize, losses: &mut Vec<f32>) -> bool {
        self.0.probe(split, examples, losses)
    }

    fn save(&self) -> Option<Vec<u8>> {
        self.0.save()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), StateError> {
        self.0.restore(state)
    }
}

/// The steps that a controller's probes cost in a job of `steps` steps: a look at an example costs a third of a step with
/// it.
#[must_use]
pub fn probe_steps(control: &ControlSettings, job: &Job) -> u64 {
    let ObservationSettings::Job(observation) = &control.observation else {
        return 0;
    };
    if observation.probe_every == 0 {
        return 0;
    }
    let decisions = job
        .steps
        .div_ceil(u64::from(control.fitted(job).interval.max(1)));
    let probes = decisions.div_ceil(u64::from(observation.probe_every));
    let fitted = JobObservationSettings {
        job: *job,
        ..*observation
    };
    let looks = probes * fitted.examples_of_a_probe();
    looks.div_ceil(3 * job.batch_size.unwrap_or(1).max(1))
}
