//! First-order optimizers as one family h(μ), learning-rate schedules, and the statistics of an update.
//!
//! Everything works on flat parameter slices, so that any engine or framework can use it. A [`Method`] says which
//! optimizer, an [`Optimizer`] is its state in one descent, [`HyperParameters`] are the numbers of one step, which a
//! controller or a [`Schedule`] may change at every step. One pass over the parameters updates them and gathers what a
//! controller observes ([`StepStatistics`]).
//!
//! ```
//! use descender_optim::{Method, Optimizer, Schedule};
//!
//! // Minimise θ² with Adam under a cosine schedule of 200 steps.
//! let method = Method::by_name("adam").unwrap();
//! let mut optimizer = Optimizer::new(method, 1)?;
//! let mut schedule = Schedule::by_name("cosine").unwrap().start(0.1, 200);
//! let mut theta = [3.0_f32];
//! for _ in 0..200 {
//!     let gradient = [2.0 * theta[0]];
//!     optimizer.step(&method.hyper_parameters(schedule.learning_rate()), &mut theta, &gradient);
//!     schedule.advance(theta[0] * theta[0]);
//! }
//! assert!(theta[0].abs() < 0.05);
//! # Ok::<(), descender_optim::OptimizerError>(())
//! ```

#![forbid(unsafe_code)]

mod error;
mod feedback;
mod hyper_parameters;
mod method;
mod optimizer;
mod pass;
mod presets;
mod rule;
mod schedule;
mod setting;

pub use error::OptimizerError;
pub use feedback::{Feedback, StepStatistics};
pub use hyper_parameters::HyperParameters;
pub use method::{Method, MethodInfo};
pub use optimizer::Optimizer;
pub use presets::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Amsgrad, Family, Momentum, Nesterov, Rmsprop,
};
pub use schedule::{
    Cosine, Exponential, Linear, OneCycle, ReduceOnPlateau, Schedule, ScheduleInfo, ScheduleState,
    Sgdr, Step,
};
pub use setting::EpsilonPlace;
