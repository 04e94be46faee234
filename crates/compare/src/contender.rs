//! Contenders: what a controller is compared with.
//!
//! A list is written as on the command line, `sgd:0.1,adam:0.001,linear:0.25,tuned:momentum,controls`. Reading a list
//! ([`ContenderSpecification::parse_list`]) looks at no file; [`Entry::load_list`] does. An [`Entry`] is either a [`Contender`], ready
//! to run, or something that the comparison makes one of first: a negative [`NegativeControl`] of its controller, or a
//! [`Tuned`] method, whose learning rate is searched on starts of its own.

mod calibration;
mod entry;
mod error;
mod negative_control;
mod recorded;
#[cfg(test)]
pub(crate) mod sample;
mod specification;
mod steering;
mod tuned;

pub(crate) use calibration::Watched;
pub use calibration::{CALIBRATION_STARTS, Calibration};
pub use entry::{Entry, load_controller};
pub use error::ContenderError;
pub use negative_control::NegativeControl;
pub use recorded::{RecordedSchedule, RecordedScheduleError, Replayed, ScheduleFile};
pub use specification::{CONTROLS, ContenderSpecification};
pub use steering::{Contender, Steering};
pub(crate) use tuned::Score;
pub use tuned::{TUNED, TUNING_STARTS, Tuned, default_grid};

#[cfg(test)]
mod tests;
