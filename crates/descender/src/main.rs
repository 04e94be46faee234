//! The command `descender`: all of it is in the library, so that other bindings can offer it, too.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(descender::program::command(std::env::args_os().collect()))
}
