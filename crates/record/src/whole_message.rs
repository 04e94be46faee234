//! The whole message of an error, where it becomes a part of another text.

use std::error::Error;

/// The message of `error`, and those of its sources unless they stand in it already.
#[must_use]
pub fn whole_message(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        source = error.source();
    }
    text
}
