//! Ctrl-C: the first ends the work at its next safe point, the second at once.
//!
//! The same holds for a request to terminate and for a terminal that is closed. A signal that the program was told to
//! ignore when it began (`nohup`, or a background job of a script) stays ignored.

use anyhow::Context;
use descender_env::Stop;

use crate::program::failure::Failure;
use crate::program::printer::Printer;

/// A stop that Ctrl-C (or a request to terminate) asks for. To be called once in a process.
///
/// # Errors
/// The system refuses to tell of interrupts.
pub(crate) fn stop_on_interrupt(printer: &Printer) -> Result<Stop, Failure> {
    let stop = Stop::default();
    let (handler, printer) = (stop.clone(), printer.clone());
    on_interrupt(move || {
        if handler.requested() {
            // The second time: at once. What was saved is on the disk.
            printer.close();
            std::process::exit(1);
        }
        printer.message("stopping at the next safe point (once more: at once) …");
        handler.request();
    })
    .context("cannot catch Ctrl-C")?;
    Ok(stop)
}

/// Calls `work` at each interrupt, from a thread of its own.
#[cfg(unix)]
fn on_interrupt(mut work: impl FnMut() + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let ignored = ignored_at_start();
    let heard = [SIGHUP, SIGINT, SIGTERM].into_iter();
    let heard = heard.filter(|signal| ignored & 1 << (signal - 1) == 0);
    let mut signals = Signals::new(heard)?;
    let listen = move || signals.forever().for_each(|_| work());
    std::thread::Builder::new()
        .name("interrupts".to_owned())
        .spawn(listen)
        .map(|_| ())
}

/// The signals that this process ignores, a bit each, the lowest for signal 1; 0 where the system keeps no such record
/// in a file.
#[cfg(unix)]
fn ignored_at_start() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0)
}

/// Calls `work` at each interrupt.
#[cfg(not(unix))]
fn on_interrupt(work: impl FnMut() + Send + 'static) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(work)
}
