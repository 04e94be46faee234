//! What a controller does and what it relies on: its actions and its policy's outputs along descents, and the
//! importance of each feature of its observation.
//!
//! [`Behaviour::record`] lets the controller steer a few descents, greedily and with η inside its bounds, and records
//! each decision. The shares of the actions, the mean outputs and the [`importance`](Importance) of the features are
//! computed from these decisions alone. The descents begin at selection starts, which no reported result uses. The
//! record is saved as `behaviour.json` in the run folder, where the report reads it.

mod decision;
mod permutation;
mod record;
mod recording;
#[cfg(test)]
mod tests;

pub use decision::{Decision, Importance};
pub use record::{Behaviour, BehaviourError, WatchSettings};
