//! What a controller does and what it looks at: its actions and its policy's outputs along descents, and the
//! importance of each feature of its observation.
//!
//! The record is made on selection starts, which no reported figure comes from, and stands in `behaviour.json` of the
//! run folder, where the report finds it. [`Behaviour::record`] lets the controller steer a few descents as it is
//! used, greedily and with η inside its bounds, and writes down each decision; from these decisions alone the shares
//! of the actions, the mean outputs and the [`importance`](Importance) of the features are computed.

mod decision;
mod permutation;
mod record;
mod recording;
#[cfg(test)]
mod tests;

pub use decision::{Decision, Importance};
pub use record::{Behaviour, BehaviourError, WatchSettings};
