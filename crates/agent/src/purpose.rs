//! What agents draw random numbers for.

use descender_random::Purpose;

/// Initial weights of an agent's networks; stream 0.
pub(crate) const WEIGHTS: Purpose = Purpose::new(5, "weights of an agent");
/// Exploration; the agent says which stream is whose.
pub(crate) const EXPLORATION: Purpose = Purpose::new(6, "exploration");
/// Sampling from a replay memory; stream 0.
pub(crate) const REPLAY: Purpose = Purpose::new(7, "replay");
