//! The state of a built-in observation as bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::RestoreError;

/// Appends the state to `out`.
pub(super) fn save(state: &impl Serialize, out: &mut Vec<u8>) {
    *out = postcard::to_extend(state, std::mem::take(out))
        .expect("plain numbers always have a binary form");
}

/// The state that was saved.
///
/// # Errors
/// If the bytes are no state of this type.
pub(super) fn read<S: DeserializeOwned>(state: &[u8]) -> Result<S, RestoreError> {
    match postcard::take_from_bytes(state) {
        Ok((state, [])) => Ok(state),
        _ => Err(RestoreError::Observation),
    }
}
