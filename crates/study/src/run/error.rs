//! Why a run ended without a result.

use descender_compare::behaviour::BehaviourError;
use descender_compare::compare::CompareError;
use descender_compare::contender::ContenderError;
use descender_control::{ControllerError, ImpossibleController};
use descender_train::TrainError;

use crate::run_folder::RunFolderError;

/// Why a run ended without a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A stop was requested; a checkpoint was written first.
    #[error("stopped")]
    Stopped,
    /// The training failed.
    #[error(transparent)]
    Train(TrainError),
    /// The training produced no candidate.
    #[error("the training ended without a policy to choose")]
    NoCandidate,
    /// The controller's behaviour was not recorded.
    #[error(transparent)]
    Behaviour(BehaviourError),
    /// The list of contenders cannot be used.
    #[error(transparent)]
    Contender(#[from] ContenderError),
    /// The comparison was not made.
    #[error(transparent)]
    Compare(CompareError),
    /// The run folder cannot be used.
    #[error(transparent)]
    RunFolder(#[from] RunFolderError),
    /// The controller cannot be written or read.
    #[error(transparent)]
    Controller(#[from] ControllerError),
    /// The policy and the settings make no controller.
    #[error(transparent)]
    ImpossibleController(#[from] ImpossibleController),
}

impl From<TrainError> for RunError {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Stopped => Self::Stopped,
            error => Self::Train(error),
        }
    }
}

impl From<BehaviourError> for RunError {
    fn from(error: BehaviourError) -> Self {
        match error {
            BehaviourError::Stopped => Self::Stopped,
            error => Self::Behaviour(error),
        }
    }
}

impl From<CompareError> for RunError {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Stopped => Self::Stopped,
            error => Self::Compare(error),
        }
    }
}
