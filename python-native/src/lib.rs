//! Descender for Python: one descent as an environment, many of them side by side, and the command.
//!
//! The package `descender_native` (folder `python/`) makes Gymnasium's classes of these; this is the part that is compiled.

mod environment;
mod environments;
mod errors;
mod lane;
mod problems;
mod reading;

use std::ffi::OsString;

use pyo3::prelude::*;

/// The compiled part of descender_native.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::environment::Environment;
    #[pymodule_export]
    use super::environments::Environments;
    #[pymodule_export]
    use super::run_command;
}

/// Runs the command `descender` with these words, of which the first is the program's own name, and returns its exit code.
/// It takes over the interrupts: to be called once in a process.
#[pyfunction]
fn run_command(py: Python<'_>, words: Vec<OsString>) -> u8 {
    py.detach(|| descender::program::command(words))
}
