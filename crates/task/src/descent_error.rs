//! Why a descent can't be made.

use std::error::Error as StdError;

use descender_optim::OptimizerError;
use thiserror::Error;

use crate::task::TaskError;

/// Why a descent can't be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DescentError {
    /// The parts of the task don't fit together.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// A setting of the optimizer is refused.
    #[error(transparent)]
    Optimizer(#[from] OptimizerError),
    /// A problem of one's own says why.
    #[error(transparent)]
    Own(Box<dyn StdError + Send + Sync>),
}
