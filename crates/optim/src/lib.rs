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

mod algorithm;
mod arithmetic;
mod averaging;
mod coefficients;
mod curve;
mod epsilon_place;
mod error;
mod feedback;
mod gather;
mod hyper_parameter;
mod hyper_parameters;
mod method;
mod moments;
mod optimizer;
mod optimizers;
mod pass;
mod registry;
mod replay;
mod schedule;
mod schedule_registry;
mod schedule_state;
mod schedules;
mod setting;
mod weight_decay;

pub use epsilon_place::EpsilonPlace;
pub use error::OptimizerError;
pub use feedback::{Feedback, StepStatistics};
pub use hyper_parameter::HyperParameter;
pub use hyper_parameters::HyperParameters;
pub use method::MethodInfo;
pub use optimizer::Optimizer;
// `Method`, and the settings of every optimizer.
pub use optimizers::*;
pub use schedule::ScheduleInfo;
pub use schedule_state::ScheduleState;
// `Schedule`, and the settings of every schedule.
pub use schedules::*;
