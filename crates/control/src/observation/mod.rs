//! Observations: what a policy sees of a descent.
//!
//! An [`Observation`] is told the feedback of every step and remembers a few numbers. At a decision it writes its
//! features. [`ObservationSettings`] names the observations that are built in, and takes any other by value. What is
//! built in allocates nothing after it is made, and all its features are finite and in [−10, 10] whatever the feedback
//! holds, so that a broken descent never breaks the policy.

mod compact;
mod debiased_average;
mod definition;
mod job;
mod loss_averages;
mod paper;
mod progress;
mod registry;
mod scale;
mod settings;
mod state;
mod time_points;
mod timetable;

use descender_optim::Job;
use serde::{Deserialize, Serialize};

use crate::{ActionDefinition, Own, SettingsError};
pub use definition::Observation;
pub use job::{
    AT_A_POINT, OF_THE_JOB, READING_NAMES, READINGS, product_pairs, products_of, readings_of,
};
use registry::{BuiltInObservation, built_in_observations};

// The list. A built-in observation has a file, a `mod` line above, and an entry here.
built_in_observations! {
    /// The paper's 18 features, with our scaling.
    Paper(paper::PaperObservationSettings),
    /// Five features without units.
    Compact(compact::CompactObservationSettings),
    /// Four features without units, none of them of the controller's own doing: for anchored actions.
    Progress(progress::ProgressObservationSettings),
    /// Six points of time between which a policy interpolates, and two features of the loss: for anchored actions.
    Timetable(timetable::TimetableObservationSettings),
    /// What the job is and how it goes, at six points of time: for anchored actions.
    Job(job::JobObservationSettings),
}

/// What an observation by value is called in errors.
const PART: &str = "observation";

#[cfg(test)]
mod tests;
