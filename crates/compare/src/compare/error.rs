//! Why a comparison was not made.

use descender_task::DescentError;

use super::store::StoreError;
use crate::contender::ContenderError;

/// Why a comparison was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// The entries don't fit together.
    #[error(transparent)]
    Entries(#[from] ContenderError),
    /// A method cannot run on the problem.
    #[error("method `{name}` cannot be used")]
    Method {
        /// The method.
        name: String,
        /// Why.
        source: DescentError,
    },
    /// A finished descent cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stop was requested.
    #[error("stopped before the comparison was complete")]
    Stopped,
}

impl CompareError {
    /// `name` cannot run on the problem.
    pub(super) fn method(name: &str, source: DescentError) -> Self {
        Self::Method {
            name: name.to_owned(),
            source,
        }
    }
}
