//! The whole text of an error, for tests.

use std::error::Error;

/// The messages of `error` and of its sources, joined by colons: what a command shows.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
