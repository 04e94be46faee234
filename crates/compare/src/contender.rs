//! Contenders: whoever takes part in a comparison.
//!
//! A list is written as on the command line, `sgd:0.1,adam:0.001,linear:0.25,tuned:momentum,controls`.
//! [`ContenderSpecification::parse_list`] reads a list without opening any file; [`Entry::load_list`] also loads the
//! files that it names. An [`Entry`] is either a [`Contender`], ready to run, or something that the comparison must
//! first turn into one: a [`NegativeControl`] of its controller, or a [`Tuned`] method, whose settings are searched
//! on separate starts.

mod calibration;
mod entry;
mod error;
mod negative_control;
mod panel;
mod quotes;
mod recorded;
#[cfg(test)]
pub(crate) mod sample;
mod schedule_file;
mod specification;
mod steering;
mod tuned;

pub(crate) use calibration::Watched;
pub use calibration::{CALIBRATION_STARTS, Calibration};
pub use entry::{Entry, load_controller, shipped};
pub use error::ContenderError;
pub use negative_control::NegativeControl;
pub(crate) use negative_control::with_weights;
pub use panel::{PANEL, panel};
pub use quotes::quoted;
pub use recorded::{RecordedSchedule, RecordedScheduleError, Replayed};
pub use schedule_file::ScheduleFile;
pub use specification::{CONTROLS, ContenderSpecification};
pub use steering::{Contender, Steering};
pub(crate) use tuned::{Candidate, Score};
pub use tuned::{Objective, Setup, TUNED, TUNING_STARTS, Tuned, default_grid};

#[cfg(test)]
mod tests;
