//! The descents of a round.

use serde::{Deserialize, Serialize};

/// A job's descents in a round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Row {
    /// The mean of each reading at each point of time, `[point][reading]`.
    pub(super) seen: Vec<f64>,
    /// The loss without offsets.
    pub(super) base: f64,
    pub(super) pairs: Vec<Pair>,
}

/// A pair of descents with opposite offsets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pair {
    /// `[point][output]`
    pub(super) offsets: Vec<f64>,
    pub(super) plus: f64,
    pub(super) minus: f64,
}

/// A round: its descents, and the weights of its policy, `[feature][output]`.
pub(super) struct PastRound {
    pub(super) rows: Vec<Row>,
    pub(super) weights: Vec<f32>,
}
