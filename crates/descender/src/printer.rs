//! The only place of the program that prints: results to standard output, everything else to standard error.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use crate::failure::Failure;

/// Prints for a command.
#[derive(Debug)]
pub struct Printer {
    terminal: bool,
}

impl Printer {
    /// A printer for this process.
    pub fn new() -> Self {
        Self {
            terminal: io::stderr().is_terminal(),
        }
    }

    /// Whether messages go to a terminal, where a progress bar can move.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Prints a result. A reader that has gone (`| head`) is no error; a full disk is.
    pub fn result(&self, text: impl Display) -> Result<(), Failure> {
        let mut out = io::stdout();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(anyhow::anyhow!("cannot write the result to standard output: {error}").into())
            }
            _ => Ok(()),
        }
    }

    /// Prints a result as one JSON document.
    pub fn json(&self, document: &impl serde::Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(document).map_err(anyhow::Error::from)?;
        self.result(text)
    }

    /// Prints a message.
    pub fn message(&self, text: impl Display) {
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Prints what the user should know of but what is no error.
    pub fn warning(&self, text: impl Display) {
        self.message(format_args!("warning: {text}"));
    }

    /// Prints why the command failed.
    pub fn error(&self, failure: &Failure) {
        self.message(format_args!("descender: {failure}"));
    }
}
