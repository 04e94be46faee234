//! Observers of a training: whoever wants to know how it goes implements [`TrainingObserver`].
//!
//! The training tells what happens and knows nothing of progress bars, logs or metrics files. The record of the
//! episodes is not an observer: it is part of what an exact resume restores, so whoever keeps the run folder
//! keeps it.

use descender_record::Phase;

use crate::candidate::Candidate;
use crate::configuration::{Configuration, Measure};
use crate::episode_record::EpisodeRecord;
use descender_compare::compare::Ended;
use descender_compare::comparison::Comparison;

/// Something that happened in a training.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TrainingEvent<'a> {
    /// The training begins, or goes on after `episodes_ended` episodes.
    Started {
        /// Its settings.
        configuration: &'a Configuration,
        /// Episodes that had ended before.
        episodes_ended: u64,
        /// Share of the training that was done before, in [0, 1].
        progress: f64,
        /// Steps of the descents made before, over all environments.
        steps: u64,
        /// Policies that had been scored before.
        candidates: &'a [Candidate],
    },
    /// All environments have made a decision, and the agent has learned.
    Round {
        /// Decisions made so far, over all environments.
        decisions: u64,
        /// Steps of the descents made so far, over all environments.
        steps: u64,
        /// Share of the training that is done, in [0, 1].
        progress: f64,
    },
    /// An episode has ended.
    EpisodeEnded(&'a EpisodeRecord),
    /// A policy was scored on the selection starts.
    CandidateScored {
        /// The candidate with its scores.
        candidate: &'a Candidate,
        /// What it was judged by.
        measure: Measure,
        /// Whether it is the best so far.
        best: bool,
    },
    /// A checkpoint was written.
    CheckpointWritten,
    /// Trials for the choice of the controller or for the comparison: so many of so many are done.
    Trials {
        /// What they are for.
        phase: Phase,
        /// Finished trials.
        done: u64,
        /// All trials.
        total: u64,
    },
    /// A descent of the comparison has ended.
    TrialEnded(Ended<'a>),
    /// The controller was chosen and written.
    ControllerChosen(&'a Candidate),
    /// The comparison is complete.
    Compared(&'a Comparison),
}

/// Watches a training.
pub trait TrainingObserver: Send {
    /// Is told of every event, in order.
    fn notify(&mut self, event: &TrainingEvent<'_>);
}

/// Any closure watches.
impl<F: FnMut(&TrainingEvent<'_>) + Send> TrainingObserver for F {
    fn notify(&mut self, event: &TrainingEvent<'_>) {
        self(event);
    }
}
