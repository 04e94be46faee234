//! Why a controller can't be learned.

use std::path::PathBuf;

use descender_control::{ControllerError, ImpossibleController, PolicyError};
use descender_task::DescentError;

use super::settings::LearnSettingsError;
use crate::kept::KeepError;
use crate::set::JobSetError;

/// Why a controller can't be learned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// A setting can't be used.
    #[error(transparent)]
    Settings(#[from] LearnSettingsError),
    /// The set of jobs can't be used.
    #[error(transparent)]
    Set(#[from] JobSetError),
    /// A job can't be descended on.
    #[error("a job of the set can't be descended on")]
    Descent(#[from] DescentError),
    /// What was computed can't be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The policy is impossible.
    #[error("the policy")]
    Policy(#[from] PolicyError),
    /// The controller is impossible.
    #[error("the controller")]
    Controller(#[from] ImpossibleController),
    /// A controller can't be written.
    #[error(transparent)]
    File(#[from] ControllerError),
    /// The controller to go on from is of another kind.
    #[error(
        "a learning goes on from a linear controller that reads the job, and the given one is none"
    )]
    Beginning,
    /// The regression has no solution.
    #[error("round {0}: the descents say nothing about how the controller should move")]
    Undetermined(u32),
    /// The folder holds what other settings computed.
    #[error("{}: the folder is of a learning with other settings; expected those of its learn.json, or another folder", path.display())]
    OtherSettings {
        /// The file of settings.
        path: PathBuf,
    },
    /// The folder can't be used.
    #[error("{}: cannot use the folder", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
