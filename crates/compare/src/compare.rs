//! Comparison of methods on held-out start points.
//!
//! Every contender starts from the same points, with the same batch orders. Results are interquartile means over the
//! starts with percentile bootstrap intervals. A start that never reaches the threshold counts as the number of steps.
//!
//! Before that, the controller is calibrated for its negative controls, and tuned methods search their learning rates,
//! both on separate starts. With a [`TrialStore`], every finished descent is kept. An interrupted comparison then
//! continues and gives the same bits.

mod cache;
mod error;
mod kept;
mod part;
mod plan;
mod ready;
mod result;
mod settings;
mod store;
mod tune;
mod work;

use descender_control::Controller;
use descender_env::Stop;
use descender_task::Problem;

use crate::comparison::Comparison;
use crate::contender::{Calibration, Entry, NegativeControl};
use plan::Plan;
use work::Worker;

pub use cache::RivalCache;
pub use error::CompareError;
pub use kept::Kept;
pub use part::{Ended, Part, PartProgress};
pub use settings::CompareSettings;
pub use store::{StoreError, TrialStore};

/// Compares the entries. `progress` is called after each descent, from any thread.
///
/// # Errors
/// [`CompareError`].
pub fn compare(
    problem: &dyn Problem,
    entries: &[Entry],
    settings: &CompareSettings,
    stop: &Stop,
    progress: &(dyn Fn(PartProgress<'_>) + Sync),
) -> Result<Comparison, CompareError> {
    compare_with(problem, entries, settings, stop, progress, Kept::default())
}

/// The number of descents of each part of a comparison.
#[must_use]
pub fn parts(entries: &[Entry], settings: &CompareSettings) -> [(Part, u64); Part::ALL.len()] {
    let totals = Plan::new(entries, settings).totals();
    Part::ALL.map(|part| (part, totals[part as usize]))
}

/// Like [`compare`], but keeps the finished descents: those that are found are not run again, and new ones are added.
///
/// # Errors
/// [`CompareError`]. After [`CompareError::Stopped`], the store holds all finished descents.
pub fn compare_with<'a>(
    problem: &dyn Problem,
    entries: &[Entry],
    settings: &CompareSettings,
    stop: &Stop,
    progress: &(dyn Fn(PartProgress<'_>) + Sync),
    kept: impl Into<Kept<'a>>,
) -> Result<Comparison, CompareError> {
    Entry::check(entries)?;
    let plan = Plan::new(entries, settings);
    let totals = plan.totals();
    let worker = Worker::new(problem, settings, stop, progress, kept.into(), totals);
    let calibration = match Entry::find_controller(entries) {
        Some(controller) => {
            let watched = worker.watch(controller, plan.descents(Part::Calibrating))?;
            Calibration::new(watched)
        }
        None => Calibration::default(),
    };
    let found = tune::tune(problem, entries, settings, &worker)?;
    let contenders = ready::ready(entries, &calibration, &found);
    let trials = worker.trials(
        plan.descents(Part::Comparing),
        |key| &contenders[key.entry()].contender,
        |trial| trial,
    )?;
    Ok(result::comparison(problem, settings, &contenders, &trials))
}

/// Runs a controller for `steps` steps from the calibration starts of `seed`, as a comparison with negative controls
/// does.
///
/// # Errors
/// [`CompareError`].
pub fn calibrate(
    problem: &dyn Problem,
    controller: &Controller,
    steps: u64,
    seed: u64,
    stop: &Stop,
    progress: &(dyn Fn(PartProgress<'_>) + Sync),
) -> Result<Calibration, CompareError> {
    let entries = [
        Entry::controller(controller.clone()),
        Entry::NegativeControl(NegativeControl::Replay),
    ];
    let settings = CompareSettings {
        starts: 0,
        steps,
        seed,
        threshold: f32::NAN,
    };
    let plan = Plan::new(&entries, &settings);
    let (kept, totals) = (Kept::default(), plan.totals());
    let worker = Worker::new(problem, &settings, stop, progress, kept, totals);
    let watched = worker.watch(controller, plan.descents(Part::Calibrating))?;
    Ok(Calibration::new(watched))
}

#[cfg(test)]
mod tests;
