//! First-order optimizers as one family h(μ), learning-rate schedules, and the statistics of an update.
//!
//! Everything works on flat parameter slices, so that any engine or framework can use it. One pass over the
//! parameters updates them and gathers what a controller observes ([`StepStatistics`]).

mod feedback;
mod hyper_parameters;

pub use feedback::{Feedback, StepStatistics};
pub use hyper_parameters::HyperParameters;
