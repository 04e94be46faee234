//! Our errors as Python's.

use std::error::Error;

use pyo3::PyErr;
use pyo3::exceptions::PyValueError;

/// A `ValueError` with the messages of an error and of all its causes.
pub(crate) fn refused(error: &dyn Error) -> PyErr {
    let mut messages = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        // Some errors repeat their cause.
        if !messages.last().is_some_and(|last| last.contains(&message)) {
            messages.push(message);
        }
        cause = error.source();
    }
    PyValueError::new_err(messages.join(": "))
}
