//! What is recorded of a controller: its decisions, and how much it relies on each feature.

use descender_record::nullable_float;
use serde::{Deserialize, Serialize};

/// One decision, over the descents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The step before which it is made.
    pub step: u64,
    /// The share of the descents in which each action was chosen; the shares add up to 1. Empty if a decision is a
    /// point of a continuous space.
    pub shares: Vec<f32>,
    /// The mean output of the policy for each action, or the mean value in each dimension of a continuous space.
    #[serde(with = "nullable_float::list")]
    pub outputs: Vec<f32>,
}

/// How much the controller relies on a feature: the share of its decisions that change when the feature's values are
/// permuted among the recorded observations (permutation importance). If a decision is a point of a continuous space,
/// the distance that it moves counts instead, as a share of the range of an action.
///
/// The values of one feature are shuffled among all observations of all descents, and the policy decides again. The
/// result is the mean of [`Importance::PERMUTATIONS`] shuffles. A feature that the policy ignores has exactly 0. The
/// measure is that of L. Breiman, "Random Forests" (2001), section 10, with the policy's own decision in place of the
/// right answer. This is the model reliance of A. Fisher, C. Rudin and F. Dominici, "All Models are Wrong, but Many are
/// Useful" (2019), for the loss "decided otherwise".
///
/// The share is used instead of the loss in the policy's own outputs because it needs no scale and differs less between
/// sets of start points (see the controllers in `results/`). Both rank the features similarly.
///
/// There are two limits. A shuffled observation may be one that never occurs, such as an early loss late in a descent.
/// And if two features carry the same information, each can look less important than both are together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The name of the feature.
    pub feature: String,
    /// The share of changed decisions, in [0, 1].
    #[serde(with = "nullable_float")]
    pub share: f64,
    /// Its 95 % interval over the descents: percentile bootstrap, which draws whole descents.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
}

impl Importance {
    /// The number of shuffles of each feature.
    pub const PERMUTATIONS: u64 = 10;
}
