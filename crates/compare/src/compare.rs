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
use crate::shard::Shard;
use crate::trial::Trial;
use plan::Plan;
use ready::ReadyContender;
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

/// The number of descents of each part of a shard of a comparison.
#[must_use]
pub fn parts(
    entries: &[Entry],
    settings: &CompareSettings,
    shard: Shard,
) -> [(Part, u64); Part::ALL.len()] {
    let totals = Plan::of_shard(entries, settings, shard).totals();
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
    let plan = Plan::new(entries, settings);
    let made = make(
        problem,
        entries,
        settings,
        &plan,
        stop,
        progress,
        kept.into(),
    )?;
    let (contenders, trials) = made;
    Ok(result::comparison(problem, settings, &contenders, &trials))
}

/// Makes the descents of a shard, which are kept in `store`. With the stores of all shards taken into one, [`compare_with`]
/// has nothing left to do but the figures.
///
/// What is found out beforehand (the controller's calibration, the search of tuned entries) is made by every shard.
///
/// # Errors
/// [`CompareError`]. After [`CompareError::Stopped`], the store holds all finished descents.
pub fn compare_shard(
    problem: &dyn Problem,
    entries: &[Entry],
    settings: &CompareSettings,
    shard: Shard,
    stop: &Stop,
    progress: &(dyn Fn(PartProgress<'_>) + Sync),
    kept: Kept<'_>,
) -> Result<(), CompareError> {
    let plan = Plan::of_shard(entries, settings, shard);
    make(problem, entries, settings, &plan, stop, progress, kept).map(|_| ())
}

/// The descents of a plan: what takes part, tuned and calibrated, and the trials.
fn make(
    problem: &dyn Problem,
    entries: &[Entry],
    settings: &CompareSettings,
    plan: &Plan,
    stop: &Stop,
    progress: &(dyn Fn(PartProgress<'_>) + Sync),
    kept: Kept<'_>,
) -> Result<(Vec<ReadyContender>, Vec<Trial>), CompareError> {
    Entry::check(entries)?;
    let worker = Worker::new(problem, settings, stop, progress, kept, plan.totals());
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
    Ok((contenders, trials))
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
