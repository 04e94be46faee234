//! Why a run folder cannot be used.

use std::path::PathBuf;

use descender_record::{CheckpointError, FileError, FolderLockError, JsonError};
use descender_train::configuration::ConfigurationError;
use descender_train::episode_record::EpisodeRecordError;

/// Why a run folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunFolderError {
    /// The folder already holds a run, a comparison, a reproduction or a part of one.
    #[error("{} already holds a run, a comparison or a part of one; continue it with --resume, or choose another folder", .0.display())]
    Occupied(PathBuf),
    /// Another process is at work on the run, or the folder cannot be claimed.
    #[error(transparent)]
    Lock(#[from] FolderLockError),
    /// There are episodes, but no checkpoint.
    #[error("{} has episodes but no checkpoint/state; the run cannot go on", .0.display())]
    NoCheckpoint(PathBuf),
    /// The folder holds no run.
    #[error("{} is not a run folder: it has no config.toml", .0.display())]
    NoRun(PathBuf),
    /// It can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A JSON file of the folder can't be used.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The file of the episodes is shorter than the checkpoint says.
    #[error("{}: {length} bytes, but the checkpoint was made when it had {expected}; it was cut or replaced", path.display())]
    EpisodesCut {
        /// The file.
        path: PathBuf,
        /// Its length.
        length: u64,
        /// Length at the checkpoint.
        expected: u64,
    },
    /// The file of the episodes is broken.
    #[error(transparent)]
    Episodes(#[from] EpisodeRecordError),
    /// Writing a file of the folder failed, or the checkpoint is broken.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The settings in it are rejected.
    #[error("{} holds settings that are refused", path.display())]
    Configuration {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ConfigurationError,
    },
}
