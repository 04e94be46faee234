//! Comparison of methods on held-out start points.
//!
//! Every method descends from the same start points with the same batch orders. Results are interquartile means over
//! the starts with percentile bootstrap intervals. A start that never reaches the threshold counts as the number of
//! steps.
//!
//! Before that, what needs making is made: the controller is watched for its negative controls, and tuned methods search
//! their learning rates, both on starts of their own. With a [`TrialStore`] every finished descent is kept, and a
//! comparison that was interrupted goes on with the same bits.

mod folder;
mod part;
mod plan;
mod result;
mod store;
mod work;

use descender_control::Controller;
use descender_task::{DescentError, Problem};

use crate::baseline::{Calibration, CompetitorError, Control, Entry};
use crate::comparison::Comparison;
use descender_env::Stop;

pub use folder::{Checksum, CompareFolder, CompareFolderError, CompareRequest};
pub use part::{Ended, Part, PartProgress};
pub use store::{StoreError, TrialStore};

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
    /// The entries don't fit together.
    #[error(transparent)]
    Entries(#[from] CompetitorError),
    /// A method cannot run on the task.
    #[error("method `{name}`: {source}")]
    Method {
        /// The method.
        name: String,
        /// Why.
        source: DescentError,
    },
    /// A finished descent cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stop was asked for.
    #[error("stopped before the comparison was complete")]
    Stopped,
}

/// Compares the entries; `progress` is told after each descent, from any thread.
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
    compare_with(problem, entries, settings, stop, progress, None)
}

/// The descents of each part of a comparison.
#[must_use]
pub fn parts(entries: &[Entry], settings: &CompareSettings) -> [(Part, u64); Part::ALL.len()] {
    let plan = plan::Plan::new(entries, settings);
    Part::ALL.map(|part| (part, plan.descents(part)))
}

/// As [`compare`], with the finished descents in `store`: those that it holds are not made again, and new ones are added.
///
/// # Errors
/// [`CompareError`]; after [`CompareError::Stopped`] the store has all that was finished.
pub fn compare_with(
    problem: &dyn Problem,
    entries: &[Entry],
    settings: &CompareSettings,
    stop: &Stop,
    progress: &(dyn Fn(PartProgress<'_>) + Sync),
    store: Option<&TrialStore>,
) -> Result<Comparison, CompareError> {
    Entry::check(entries)?;
    let plan = plan::Plan::new(entries, settings);
    let worker = work::Worker::new(problem, settings, stop, progress, store, &plan);
    let contestants = plan.prepare(&worker)?;
    let trials = plan.compete(&worker, &contestants)?;
    Ok(result::comparison(problem, settings, &contestants, &trials))
}

/// Watches a controller for `steps` steps from the calibration starts of `seed`, as a comparison with its negative
/// controls does.
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
        Entry::Control(Control::Replay),
    ];
    let settings = CompareSettings {
        starts: 0,
        steps,
        seed,
        threshold: f32::NAN,
    };
    let plan = plan::Plan::new(&entries, &settings);
    let worker = work::Worker::new(problem, &settings, stop, progress, None, &plan);
    plan.calibrate(&worker)
}

#[cfg(test)]
mod tests;
