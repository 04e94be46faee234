//! Training of controllers: from a configuration to candidates and the choice among them.
//!
//! A [`Configuration`](configuration::Configuration) says what is trained. A [`Trainer`] moves the environments and the
//! agent in rounds, a [`Judge`](selection::Judge) scores policies on selection starts, and
//! [observers](observer::TrainingObserver) receive every event. Nothing here knows of folders or files of a run.

#![forbid(unsafe_code)]

pub mod candidate;
mod candidates;
pub mod configuration;
pub mod episode_record;
mod error;
pub mod observer;
pub mod selection;
mod trainer;

pub use candidate::{Candidate, CandidateScore};
pub use candidates::{Candidates, KEPT_CANDIDATES};
pub use error::TrainError;
pub use trainer::{Progress, Trainer, TrainerState, TrainingTimes};
