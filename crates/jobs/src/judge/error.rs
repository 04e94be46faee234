//! Why methods can't be judged over a set of jobs.

use descender_task::DescentError;

use crate::kept::KeepError;
use crate::set::JobSetError;

/// Why methods can't be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobsError {
    /// The set can't be used.
    #[error(transparent)]
    Set(#[from] JobSetError),
    /// A method can't descend.
    #[error("{method}")]
    Method {
        /// The method.
        method: String,
        /// Why.
        source: DescentError,
    },
    /// Something takes part in comparisons of one task alone.
    #[error("`{0}` takes part in comparisons of one task, not of a set of jobs")]
    OneTask(String),
    /// What was computed can't be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
}
