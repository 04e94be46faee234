//! Actions: how a decision changes μ.
//!
//! An [`ActionDefinition`] says which actions there are and what each does to the hyper-parameters. An agent needs to
//! know only the [`ActionSpace`], the shape of a decision. [`ActionSettings`] names the definitions that are built in,
//! [`Factors`] and [`Anchored`], and takes any other by value.

mod anchored;
mod base_schedule;
mod definition;
mod dimension;
mod factors;
mod registry;
mod settings;
mod space;

pub use base_schedule::BaseSchedule;
pub use definition::ActionDefinition;
pub use dimension::{Dimension, Parameter, Scale};
pub use settings::*; // with every definition that is built in
pub use space::{Action, ActionSpace};

#[cfg(test)]
mod tests;
