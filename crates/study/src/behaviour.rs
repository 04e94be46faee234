//! What a controller does and what it looks at: its actions and its policy's outputs along descents, and the
//! importance of each feature of its observation.
//!
//! The record is made on selection starts, which no reported figure comes from, and stands in `behaviour.json` of the
//! run folder, where the report finds it.

use serde::{Deserialize, Serialize};

use crate::nullable_float;

/// How a controller behaved on some descents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Behaviour {
    /// Descents that were watched.
    pub starts: u64,
    /// Steps between two decisions.
    pub interval: u64,
    /// The actions in words, such as `η × 0.9`, in the order of the policy's outputs.
    pub actions: Vec<String>,
    /// What an output of the policy is, such as `Q-value`.
    pub output: String,
    /// The decisions in their order, as long as a descent was under way.
    pub decisions: Vec<Decision>,
    /// The features in the order of the observation.
    pub importance: Vec<Importance>,
}

/// One decision, over the descents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The step before which it is made.
    pub step: u64,
    /// The share of the descents in which each action was chosen; they add up to 1.
    pub shares: Vec<f32>,
    /// The mean output of the policy for each action.
    #[serde(with = "nullable_float::list")]
    pub outputs: Vec<f32>,
}

/// How much the controller relies on a feature: the share of its decisions that change when the feature's values are
/// permuted among the recorded observations (permutation importance).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The name of the feature.
    pub feature: String,
    /// The share of changed decisions, in [0, 1].
    #[serde(with = "nullable_float")]
    pub share: f64,
    /// Its 95 % interval over the descents.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
}
