//! What is recorded of a controller: its decisions, and how much it relies on each feature.

use descender_record::nullable_float;
use serde::{Deserialize, Serialize};

/// One decision, over the descents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The step before which it is made.
    pub step: u64,
    /// The share of the descents in which each action was chosen; they add up to 1. None where a decision is a point of
    /// a continuous space.
    pub shares: Vec<f32>,
    /// The mean output of the policy for each action, or the mean place in each dimension of a continuous space.
    #[serde(with = "nullable_float::list")]
    pub outputs: Vec<f32>,
}

/// How much the controller relies on a feature: the share of its decisions that change when the feature's values are
/// permuted among the recorded observations (permutation importance). Where a decision is a point of a continuous
/// space, how far it moves takes the place of whether it changes, as a share of the range of an action.
///
/// The values of one feature are shuffled among all observations of all descents, everything else stays, and the
/// policy decides again; [`Importance::PERMUTATIONS`] shuffles are averaged. A feature that the policy does not look
/// at has exactly 0. The measure is that of L. Breiman, "Random Forests" (2001), section 10, with the policy's own
/// decision in the place of the right answer, and thereby the model reliance of A. Fisher, C. Rudin and F. Dominici,
/// "All Models are Wrong, but Many are Useful" (2019), for the loss "decided otherwise".
///
/// Why the share, and not what the changed decisions give up by the policy's own outputs: on the controllers of
/// `results/` both put the features in a similar order, but the share differed less between sets of start points, and
/// it needs no scale.
///
/// Two limits. A shuffled observation can be one that no descent would show, such as a loss of the first steps late
/// in a descent. And where two features say the same, each can look less important than the two are together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The name of the feature.
    pub feature: String,
    /// The share of changed decisions, in [0, 1].
    #[serde(with = "nullable_float")]
    pub share: f64,
    /// Its 95 % interval over the descents: percentile bootstrap, in which a descent is drawn with all its decisions.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
}

impl Importance {
    /// Shuffles of each feature.
    pub const PERMUTATIONS: u64 = 10;
}
