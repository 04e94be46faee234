//! Why a reproduction is not complete.

use std::path::PathBuf;

use descender_record::{FileError, FolderLockError, JsonError};
use descender_study::{RunError, RunFolderError};
use descender_train::TrainError;

use crate::plan::Budget;

/// Why a reproduction is not complete.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReproduceError {
    /// A stop was asked for; what is done is kept.
    #[error("stopped")]
    Stopped,
    /// The folder holds a reproduction with another budget, seed or task.
    #[error(
        "{} holds a reproduction with budget {}, seed {} and task {}; continue that one, or choose another folder",
        path.display(), budget.name(), seed, task
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// The budget of what it holds.
        budget: Budget,
        /// Its seed.
        seed: u64,
        /// Its task.
        task: String,
    },
    /// The data are not those that the reproduction was begun with.
    #[error("the data in {data} have changed since the reproduction in {} was begun; it cannot go on", path.display())]
    ChangedData {
        /// The folder of the reproduction.
        path: PathBuf,
        /// The folder of the data.
        data: String,
    },
    /// A sub-folder holds a run with other settings than the reproduction's.
    #[error("{} holds a run with other settings than this reproduction needs; move it away, or choose another folder", .0.display())]
    OtherSettings(PathBuf),
    /// Another process is at work in the folder, or it cannot be claimed.
    #[error(transparent)]
    Lock(#[from] FolderLockError),
    /// The folder holds no reproduction.
    #[error("{} holds no reproduction: it has no reproduce.json", .0.display())]
    NoReproduction(PathBuf),
    /// A training kept no policy after so many episodes.
    #[error("{}: its checkpoint holds no policy after {episodes} episodes", path.display())]
    NoPolicy {
        /// The run folder.
        path: PathBuf,
        /// The episodes.
        episodes: u64,
    },
    /// Something can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A JSON file can't be used.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A run folder cannot be used.
    #[error(transparent)]
    RunFolder(#[from] RunFolderError),
    /// A training failed, or a descent cannot be made.
    #[error(transparent)]
    Train(TrainError),
    /// A run failed.
    #[error(transparent)]
    Run(RunError),
}

impl From<TrainError> for ReproduceError {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Stopped => Self::Stopped,
            error => Self::Train(error),
        }
    }
}

impl From<RunError> for ReproduceError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Stopped => Self::Stopped,
            error => Self::Run(error),
        }
    }
}
