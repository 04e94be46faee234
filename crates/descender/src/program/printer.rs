//! The only place of the program that prints: results to standard output, everything else to standard error.
//!
//! Text is cleaned of control characters here, as names may come from files that strangers have written.
//!
//! While a live view stands on the terminal, everything that is printed appears above it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Arc;

use crate::program::failure::Failure;
use crate::program::plain::{brief, plain};
use crate::program::screen::Screen;

/// Prints for a command. Clones print to the same place.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    /// The terminal, where there is one on which lines can be redrawn.
    screen: Option<Arc<Screen>>,
    quiet: bool,
}

impl Printer {
    /// The printer of this process; a quiet one passes over messages.
    pub(crate) fn new(quiet: bool) -> Self {
        Self {
            screen: Screen::on_stderr().map(Arc::new),
            quiet,
        }
    }

    /// How many columns a result may have: those of the terminal, and 100 where the results go elsewhere.
    pub(crate) fn columns(&self) -> usize {
        const ELSEWHERE: usize = 100;
        let terminal = console::Term::stdout();
        let size = terminal.is_term().then(|| terminal.size_checked());
        let columns = size.flatten().map(|(_, columns)| usize::from(columns));
        // A terminal that doesn't know its size says 0.
        columns
            .filter(|columns| *columns >= 40)
            .unwrap_or(ELSEWHERE)
    }

    /// Where a live view can stand.
    pub(crate) fn screen(&self) -> Option<&Arc<Screen>> {
        self.screen.as_ref().filter(|_| !self.quiet)
    }

    /// Takes a live view off the terminal.
    pub(crate) fn clear(&self) {
        if let Some(screen) = &self.screen {
            screen.clear();
        }
    }

    /// Takes a live view off the terminal for good: the work is over.
    pub(crate) fn close(&self) {
        if let Some(screen) = &self.screen {
            screen.close();
        }
    }

    /// Prints a result. A reader that has gone (`| head`) is no error; a full disk is.
    pub(crate) fn result(&self, text: impl Display) -> Result<(), Failure> {
        let (mut out, text) = (io::stdout(), plain(&text));
        match self.above(|| writeln!(out, "{text}").and_then(|()| out.flush())) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(anyhow::anyhow!("cannot write the result to standard output: {error}").into())
            }
            _ => Ok(()),
        }
    }

    /// Prints a result as one JSON document.
    pub(crate) fn json(&self, document: &impl serde::Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(document).map_err(anyhow::Error::from)?;
        self.result(text)
    }

    /// Prints a message, unless the printer is quiet.
    pub(crate) fn message(&self, text: impl Display) {
        if !self.quiet {
            self.line(text);
        }
    }

    /// Prints what the user should know of but what is no error.
    pub(crate) fn warning(&self, text: impl Display) {
        self.line(format_args!("warning: {text}"));
    }

    /// Prints why the command failed.
    pub(crate) fn error(&self, failure: &Failure) {
        self.line(format_args!("descender: {failure}"));
    }

    fn line(&self, text: impl Display) {
        let text = brief(&text);
        let _ = self.above(|| writeln!(io::stderr(), "{text}"));
    }

    fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.screen {
            Some(screen) => screen.above(write),
            None => write(),
        }
    }
}
