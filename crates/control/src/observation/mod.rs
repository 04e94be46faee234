//! Observations: what a policy sees of a descent.
//!
//! An [`Observation`] is told the feedback of every step and remembers a few numbers. At a decision it writes its
//! features. [`ObservationSettings`] names the observations that are built in, and takes any other by value. What is
//! built in allocates nothing after it is made, and all its features are finite and in [−10, 10] whatever the feedback
//! holds, so that a broken descent never breaks the policy.

mod built_in;
mod compact;
mod debiased_average;
mod definition;
mod paper;
mod progress;
mod scale;
mod settings;
mod state;

pub use definition::Observation;
pub use settings::*; // with the settings of everything built in

#[cfg(test)]
mod tests;
