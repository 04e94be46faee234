//! The command `descender`.
//!
//! Each subcommand has a file in `command`. Results go to standard output, progress and messages to standard error, all
//! through the `printer`. Exit code 0: done; 1: failed while running; 2: wrong usage or configuration.

mod arguments;
mod bench;
mod command;
mod failure;
mod interrupt;
mod plain;
mod printer;
mod progress;
mod screen;
mod words;

use std::ffi::OsString;

use clap::Parser;

use crate::program::arguments::{Arguments, Command, Product};
use crate::program::failure::Failure;
use crate::program::printer::Printer;

/// Runs the command with these words, of which the first is the program's own name, and returns the exit code. To be called
/// once in a process: it takes over standard output, standard error and the interrupts.
#[must_use]
pub fn command(words: Vec<OsString>) -> u8 {
    let arguments = match Arguments::try_parse_from(&words) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where nobody listens there is nobody to tell.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    words::keep(&words);
    let printer = Printer::new(arguments.quiet);
    let result = check_memory().and_then(|()| run(arguments.command, &printer));
    printer.close();
    match result {
        Ok(()) => 0,
        Err(failure) => {
            printer.error(&failure);
            failure.exit_code()
        }
    }
}

/// Refuses to begin where the memory is too small even for the embedded data: running out of it in the middle of the
/// work ends the process without a word.
fn check_memory() -> Result<(), Failure> {
    const NEEDED: usize = 48 << 20;
    let reserved = Vec::<u8>::new().try_reserve_exact(NEEDED);
    reserved.map_err(|_| {
        anyhow::anyhow!(
            "not enough memory: the program needs {} MiB (see `ulimit -v`)",
            NEEDED >> 20
        )
        .into()
    })
}

fn run(command: Command, printer: &Printer) -> Result<(), Failure> {
    match command {
        Command::Train(arguments) => match &arguments.seeds {
            Some(seeds) => command::train_seeds::run(&arguments, seeds, printer),
            None => command::train::run(&arguments, printer),
        },
        Command::Compare(arguments) => command::compare::run(&arguments, printer),
        Command::Reproduce(arguments) => command::reproduce::run(&arguments, printer),
        Command::Report(arguments) => command::report::run(&arguments, printer),
        Command::Merge(arguments) => command::merge::run(&arguments, printer),
        Command::Inspect(arguments) => command::inspect::run(&arguments, printer),
        Command::Export(arguments) => match arguments.product {
            Product::Schedule => command::export::run(&arguments, printer),
            Product::Policy => command::export_policy::run(&arguments, printer),
        },
        Command::List(arguments) => command::list::run(&arguments, printer),
        Command::Bench(arguments) => command::bench::run(&arguments, printer),
        Command::Data(arguments) => command::data::run(&arguments, printer),
    }
}
