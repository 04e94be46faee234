//! Named streams of random numbers.
//!
//! Every purpose draws from a stream of its own, so that more draws for one purpose never shift another, and
//! the same seed gives the same bits whatever runs beside it.

use rand::SeedableRng;
pub use rand_chacha::ChaCha8Rng;

/// What random numbers are for. Each purpose has its own streams under a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// Start points that a controller is trained on.
    TrainingStart = 1,
    /// Start points on which checkpoints are chosen.
    SelectionStart = 2,
    /// Start points on which results are reported.
    ReportStart = 3,
    /// Initial hyper-parameters of an episode.
    InitialHyperParameters = 4,
    /// Initial weights of an agent.
    AgentWeights = 5,
    /// An agent's exploration.
    Exploration = 6,
    /// Sampling from a replay memory.
    Replay = 7,
    /// Resampling of probe losses and bootstrap intervals.
    Resampling = 8,
}

/// The generator of stream `index` for `purpose` under `seed`.
///
/// Streams of one seed are disjoint parts of the ChaCha key space: two (purpose, index) pairs never share one.
/// `index` is taken modulo 2^56.
#[must_use]
pub fn stream(seed: u64, purpose: Purpose, index: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream((purpose as u64) << 56 | (index & ((1 << 56) - 1)));
    generator
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn streams_differ_by_seed_purpose_and_index_and_repeat() {
        let first = |seed, purpose, index| stream(seed, purpose, index).next_u64();
        let reference = first(1, Purpose::Replay, 2);
        assert_eq!(reference, first(1, Purpose::Replay, 2));
        assert_ne!(reference, first(2, Purpose::Replay, 2));
        assert_ne!(reference, first(1, Purpose::Exploration, 2));
        assert_ne!(reference, first(1, Purpose::Replay, 3));
    }
}
