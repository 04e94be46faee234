#![doc = include_str!("../README.md")]
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
mod job;
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
pub use job::{Job, Targets};
pub use method::MethodInfo;
pub use optimizer::Optimizer;
// `Method`, and the settings of every optimizer.
pub use optimizers::*;
pub use schedule::ScheduleInfo;
pub use schedule_state::ScheduleState;
// `Schedule`, and the settings of every schedule.
pub use schedules::*;
