//! Why a saved state was refused.

use thiserror::Error;

/// Why a saved state was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StateError {
    /// The bytes are not a state: cut short, damaged, or something else.
    #[error("the saved state of {what} can't be read: {reason}")]
    Unreadable {
        /// Whose state it should be.
        what: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// Such descents can't be saved.
    #[error("descents of {what} can't be saved and restored")]
    Unsupported {
        /// Whose state it should be.
        what: String,
    },
    /// The state belongs to something else than what it should be restored to.
    #[error("the saved state doesn't fit: its {what} is {found}, expected {expected}")]
    Mismatch {
        /// The part that doesn't fit.
        what: &'static str,
        /// What the state has.
        found: String,
        /// What would have fitted.
        expected: String,
    },
}

impl StateError {
    /// A state of `what` that can't be read, because of `reason`.
    #[must_use]
    pub fn unreadable(what: &'static str, reason: impl ToString) -> StateError {
        StateError::Unreadable {
            what,
            reason: reason.to_string(),
        }
    }

    /// A state whose `what` is `found` where `expected` would have fitted.
    #[must_use]
    pub fn mismatch(
        what: &'static str,
        found: impl ToString,
        expected: impl ToString,
    ) -> StateError {
        StateError::Mismatch {
            what,
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }
}
