//! A controller as a table, and the controller against it.

use descender_control::{ActionSettings, BaseSchedule, Controller, Provenance};
use descender_optim::Method;
use descender_task::Problem;

use crate::compare::{CompareError, CompareSettings, PartProgress, calibrate, compare};
use crate::comparison::{Comparison, Role};
use crate::contender::{Contender, Entry, RecordedSchedule, ScheduleFile, Steering};
use descender_env::Stop;

/// The name of the table in a comparison.
pub const SCHEDULE: &str = "schedule";

/// A controller as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Distilled {
    /// The task on which the controller was recorded.
    pub task: String,
    /// The seed of the starts on which it was recorded.
    pub seed: u64,
    /// The optimizer that it steers.
    pub method: Method,
    /// The mean of everything that it sets, step by step. It is shorter than requested if every descent diverged.
    pub schedule: RecordedSchedule,
    /// Where the controller comes from.
    pub source: Provenance,
}

/// Runs `controller` for `steps` steps from the calibration starts of `seed`, and takes the mean of what it sets
/// ([`Calibration::schedule`](crate::contender::Calibration::schedule)). `progress` is called after each descent, from
/// any thread.
///
/// # Errors
/// The controller's optimizer cannot run on the task, or a stop was requested.
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

    /// The table as comma-separated values, with its optimizer.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let file = ScheduleFile {
            method: Some(self.method),
            schedule: self.schedule.clone(),
        };
        file.to_csv()
    }

    /// The controller against its table, on `task`.
    ///
    /// # Errors
    /// The same as [`compare`](fn@compare).
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

/// The length, in steps, of the descents that a controller was made for: the length of its base schedule if it has one,
/// otherwise the number of steps that its observation is scaled to.
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
