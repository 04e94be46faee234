//! Why a task is refused: an unknown name, or parts that do not fit together.

use descender_nn::NetworkError;
use thiserror::Error;

use crate::data::{DataError, DatasetError};
use crate::file::error::TaskFileError;

/// Why a task cannot be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TaskError {
    /// No task has this name.
    #[error("there is no task `{name}`, expected one of {known}")]
    UnknownName {
        /// The name as given.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// The task needs a folder with data, and none was given.
    #[error(
        "task `{name}` needs a folder with the four IDX files of a data set, and none was given"
    )]
    NeedsData {
        /// The task.
        name: String,
    },
    /// The task has its own data, and a folder was given.
    #[error("task `{name}` carries its own data; for the data in {directory} use `{instead}`")]
    TakesNoData {
        /// The task.
        name: String,
        /// The folder as given.
        directory: String,
        /// The task that takes a folder.
        instead: &'static str,
    },
    /// The task file was refused.
    #[error(transparent)]
    File(#[from] TaskFileError),
    /// The files of the data set were refused.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The parts of a data set do not fit together.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The network is impossible.
    #[error("task `{name}`: {problem}")]
    Network {
        /// The task.
        name: String,
        /// What is wrong with the network.
        problem: NetworkError,
    },
    /// A variant of the task can't be made.
    #[error("task `{task}`: the change `{change}` can't be made; expected {expected}")]
    Variant {
        /// The task.
        task: String,
        /// The change as given.
        change: String,
        /// What is possible.
        expected: &'static str,
    },
    /// Two parts of the task don't fit together.
    #[error("task `{name}`: {part} is {found}, expected {expected}")]
    Mismatch {
        /// The task.
        name: String,
        /// The part.
        part: &'static str,
        /// What it is.
        found: String,
        /// What would fit.
        expected: String,
    },
}
