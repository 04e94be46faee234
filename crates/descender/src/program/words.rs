//! The words of the command, as run folders keep them.

use std::ffi::OsString;
use std::sync::OnceLock;

static WORDS: OnceLock<Vec<String>> = OnceLock::new();

/// Keeps the words that the command was begun with.
pub(crate) fn keep(words: &[OsString]) {
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    WORDS.get_or_init(|| words.iter().map(text).collect());
}

/// The words that the command was begun with.
pub(crate) fn words() -> Vec<String> {
    WORDS.get().cloned().unwrap_or_default()
}
