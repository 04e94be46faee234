//! Why a task file is refused.

use std::path::PathBuf;

use thiserror::Error;

use super::layer_text::LayersError;
use super::npz::NpzError;
use super::table::TableError;
use super::text::TextError;
use crate::data::DataError;

/// The largest task file; a longer one is none.
pub(super) const MOST_BYTES: u64 = 1 << 20;

/// Why a task file was refused. The message is the file; its source says what is wrong.
#[derive(Debug, Error)]
#[error("{}", file.display())]
pub struct TaskFileError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong.
    #[source]
    pub problem: TaskFileProblem,
}

/// What is wrong with a task file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TaskFileProblem {
    /// It can't be read.
    #[error("cannot read the task file")]
    Read(#[source] std::io::Error),
    /// It is too long for a task file.
    #[error("{0} bytes are too long for a task file, expected at most {MOST_BYTES}")]
    Long(u64),
    /// It isn't TOML, or has other keys.
    #[error("{0}")]
    Toml(String),
    /// A value can't be used.
    #[error("{key} = {found}, expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value as given.
        found: String,
        /// What would be possible.
        expected: String,
    },
    /// The list of layers makes no network.
    #[error("network.layers")]
    Layers(#[source] LayersError),
    /// The table was refused.
    #[error("data.path: {}", path.display())]
    Table {
        /// The table.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        problem: TableError,
    },
    /// The text was refused.
    #[error("data.path: {}", path.display())]
    Text {
        /// The text.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        problem: TextError,
    },
    /// The archive of arrays was refused.
    #[error("data.path: {}", path.display())]
    Npz {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        problem: NpzError,
    },
    /// The folder was refused.
    #[error("data.path")]
    Data(#[source] DataError),
    /// The parts don't fit together.
    #[error("the parts do not fit together")]
    Task(#[source] Box<dyn std::error::Error + Send + Sync>),
}
