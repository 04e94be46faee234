//! Ctrl-C: the first ends the work at its next safe point, the second at once.

use anyhow::Context;
use descender_env::Stop;

use crate::failure::Failure;
use crate::printer::Printer;

/// A stop that Ctrl-C (or a request to terminate) asks for. To be called once in a process.
///
/// # Errors
/// The system refuses to tell of interrupts.
pub fn stop_on_interrupt(printer: &Printer) -> Result<Stop, Failure> {
    let stop = Stop::default();
    let (handler, printer) = (stop.clone(), printer.clone());
    ctrlc::set_handler(move || {
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
