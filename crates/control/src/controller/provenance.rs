//! Where a controller comes from.

use serde::{Deserialize, Serialize};

/// Where a controller comes from. There is no time in it, so that the same training writes the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The task it was trained on.
    pub task: String,
    /// The agent that learned it.
    pub agent: String,
    /// The reward it was trained with.
    pub reward: String,
    /// The seed of its training.
    pub seed: u64,
    /// Episodes of training up to this policy.
    pub episodes: u64,
    /// Version of the program that trained it.
    pub program_version: String,
}
