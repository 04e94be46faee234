//! Distillation: a controller becomes a plain table of hyper-parameters, one line for each step.
//!
//! On one task a controller's feedback is often worth little: its mean schedule, whatever the descent does, is as good
//! ([`NegativeControl::Replay`](crate::contender::NegativeControl::Replay)). Then the table is the better product: it needs no controller,
//! no observation and no program. [`distil`] makes it exactly as the negative control `replay` is made, from the
//! calibration starts, and [`Distilled::compare`] sets the controller against it on starts that neither has seen, from
//! which [`Advice`] says which to use.
//!
//! The table is made on the controller's own task. To see what it does on another (a *shift*), write it to a file and
//! compare it there: `descender compare --controller FILE --against schedule:FILE.json --task 'mnist-cnn;batch=16'`; or
//! take [`Distilled::contender`] into a [`compare`](fn@crate::compare::compare) on that task.

mod advice;
mod document;
mod torch;

use descender_control::{ActionSettings, BaseSchedule, Controller, Provenance};
use descender_optim::Method;
use descender_task::Problem;

pub use advice::{Advice, Product};
pub use torch::{TorchError, torch_supports};

use crate::compare::{CompareError, CompareSettings, PartProgress, calibrate, compare};
use crate::comparison::{Comparison, Role};
use crate::contender::{Contender, Entry, RecordedSchedule, Steering};
use descender_env::Stop;

/// The name of the table in a comparison.
pub const SCHEDULE: &str = "schedule";

/// A controller as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Distilled {
    /// The task on which the controller was watched.
    pub task: String,
    /// The seed of the starts from which it was watched.
    pub seed: u64,
    /// The optimizer that it steers.
    pub method: Method,
    /// The mean of everything that it sets, step by step. It is shorter than asked for if every descent diverged.
    pub schedule: RecordedSchedule,
    /// Where the controller comes from.
    pub source: Provenance,
}

/// Watches `controller` for `steps` steps from the calibration starts of `seed`, and takes the mean of what it does
/// ([`Calibration::schedule`](crate::contender::Calibration::schedule)). `progress` is told after each descent, from any
/// thread.
///
/// # Errors
/// The controller's optimizer cannot run on the task, or a stop was asked for.
pub fn distil(
    problem: &dyn Problem,
    controller: &Controller,
    steps: u64,
    seed: u64,
    stop: &Stop,
    progress: &(dyn Fn(PartProgress<'_>) + Sync),
) -> Result<Distilled, CompareError> {
    let calibration = calibrate(problem, controller, steps, seed, stop, progress)?;
    Ok(Distilled {
        task: problem.name().to_owned(),
        seed,
        method: *controller.method(),
        schedule: calibration.schedule(),
        source: controller.provenance().clone(),
    })
}

impl Distilled {
    /// The table as a contender.
    #[must_use]
    pub fn contender(&self, name: impl Into<String>) -> Contender {
        let steering = Steering::Recorded(self.schedule.clone());
        Contender {
            role: Role::Control,
            ..Contender::rival(name, self.method, steering)
        }
    }

    /// The controller against its table, on `task`.
    ///
    /// # Errors
    /// As [`compare`](fn@compare).
    pub fn compare(
        &self,
        problem: &dyn Problem,
        controller: &Controller,
        settings: &CompareSettings,
        stop: &Stop,
        progress: &(dyn Fn(PartProgress<'_>) + Sync),
    ) -> Result<Comparison, CompareError> {
        let entries = [
            Entry::controller(controller.clone()),
            Entry::Ready(self.contender(SCHEDULE)),
        ];
        compare(problem, &entries, settings, stop, progress)
    }
}

/// The length of the descents for which a controller was made, as far as the controller itself tells: the length of its
/// base schedule, if it has one; otherwise the steps that its observation is scaled to.
#[must_use]
pub fn trained_steps(controller: &Controller) -> u64 {
    let control = controller.control();
    let steps = match &control.action {
        ActionSettings::Anchored(anchored) if anchored.schedule != BaseSchedule::Constant => {
            anchored.total_steps
        }
        // An observation of one's own need not tell; then it is the length for which the safety net's fallback is set.
        _ => (control.observation.total_steps())
            .unwrap_or(control.safety.fallback.descent_steps as f32),
    };
    // Settings are checked to be at least 1.
    steps.round() as u64
}

#[cfg(test)]
mod tests;
