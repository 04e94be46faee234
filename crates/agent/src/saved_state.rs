//! Saved states of agents: how all of them are read.

use serde::de::DeserializeOwned;

use crate::AgentStateError;

/// The state of `agent` in these bytes, which begin with its tag: the kind of agent and the version of the layout.
///
/// # Errors
/// [`AgentStateError::Unreadable`]: they begin otherwise, are cut short, or go on after the state.
pub(crate) fn read<S: DeserializeOwned>(
    agent: &'static str,
    tag: &[u8],
    bytes: &[u8],
) -> Result<S, AgentStateError> {
    let unreadable = |reason: String| AgentStateError::Unreadable { agent, reason };
    if !bytes.starts_with(tag) {
        return Err(unreadable(
            "they don't begin like one of this version".to_owned(),
        ));
    }
    let (state, rest) =
        postcard::take_from_bytes(bytes).map_err(|error| unreadable(error.to_string()))?;
    match rest.len() {
        0 => Ok(state),
        surplus => Err(unreadable(format!("{surplus} bytes too many"))),
    }
}
