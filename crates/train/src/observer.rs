//! Observers of a training: implement [`TrainingObserver`] to follow its progress.
//!
//! The training reports events and knows nothing of progress bars, logs or metrics files. The record of the episodes is
//! not an observer: it is part of what an exact resume restores, so the run folder of the crate `descender-study` keeps
//! it.

use descender_record::Phase;

use crate::candidate::Candidate;
use crate::candidates::Candidates;
use crate::configuration::{Configuration, SelectionMeasure};
use crate::episode_record::EpisodeRecord;
use descender_compare::compare::Ended;
use descender_compare::comparison::Comparison;

/// Something that happened in a training.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TrainingEvent<'a> {
    /// The training begins, or continues after `episodes_ended` episodes.
    Started {
        /// Its settings.
        configuration: &'a Configuration,
        /// Episodes that had ended before.
        episodes_ended: u64,
        /// Share of the training that was already done, in [0, 1].
        progress: f64,
        /// Steps of the descents made before, over all environments.
        steps: u64,
        /// Policies that had been scored before, as far as they are kept.
        candidates: &'a Candidates,
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
        measure: SelectionMeasure,
        /// Whether it is the best so far.
        best: bool,
    },
    /// A checkpoint was written.
    CheckpointWritten,
    /// Progress of the trials for the choice of the controller or for the comparison.
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

/// Observes a training.
pub trait TrainingObserver: Send {
    /// Called for every event, in order.
    fn notify(&mut self, event: &TrainingEvent<'_>);
}

/// Any closure is an observer.
impl<F: FnMut(&TrainingEvent<'_>) + Send> TrainingObserver for F {
    fn notify(&mut self, event: &TrainingEvent<'_>) {
        self(event);
    }
}
