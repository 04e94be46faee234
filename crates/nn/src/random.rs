//! Named streams of random numbers, and the two draws that everything is made from.
//!
//! Every purpose draws from a stream of its own, so that more draws for one purpose never shift another, and
//! the same seed gives the same bits whatever runs beside it. [`below`] and [`unit`](fn@unit)(fn@unit) are written out here,
//! so that no library's next version changes what comes out of a stream.

pub use rand_chacha::ChaCha8Rng;

mod normal;

pub use normal::normal_pair;
use rand::{Rng, SeedableRng};

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
    /// Resamples of the bootstrap, from which intervals are read.
    Resampling = 8,
    /// Start points on which a controller is watched, so that negative controls can be made of it.
    CalibrationStart = 9,
    /// Start points on which the rivals of a comparison are tuned.
    TuningStart = 10,
    /// Initial weights of the untrained policies that a controller is compared with.
    UntrainedWeights = 11,
    /// Actions of the random policy that a controller is compared with.
    RandomActions = 12,
    /// Wrong labels of a task's variant; always under seed 0, as they are part of the task.
    LabelNoise = 14,
    /// Permutations of recorded observations, by which the importance of a feature is measured.
    Permutation = 13,
    /// Seeds of the further learners of a training.
    LearnerSeed = 15,
    /// Which training examples become selection data.
    SelectionSplit = 16,
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

/// A whole number from 0 to `bound` − 1, each with exactly the same probability.
///
/// Source: D. Lemire, "Fast Random Integer Generation in an Interval", ACM Transactions on Modeling and Computer
/// Simulation, 2019, algorithm 5: the upper half of a 64-bit number times `bound`, drawn again in the few cases
/// (less than `bound` of 2⁶⁴) that would favour some results.
///
/// ```
/// use descender_nn::random::{below, stream, Purpose};
/// let mut generator = stream(1, Purpose::Exploration, 0);
/// assert!((0..100).all(|_| below(&mut generator, 6) < 6));
/// ```
///
/// # Panics
/// If `bound` is 0: there is no such number.
pub fn below(generator: &mut impl Rng, bound: usize) -> usize {
    assert!(bound > 0, "there is no whole number below 0 to draw");
    let bound = bound as u64;
    loop {
        let product = u128::from(generator.next_u64()) * u128::from(bound);
        let low = product as u64;
        // The second test costs a division; the first one nearly always spares it.
        if low >= bound || low >= bound.wrapping_neg() % bound {
            return (product >> 64) as usize;
        }
    }
}

/// A number in [0, 1): one of the 2⁵³ multiples of 2⁻⁵³, each with the same probability.
///
/// As an `f32` (`unit(…) as f32`) it can be rounded to 1.
pub fn unit(generator: &mut impl Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_purpose_and_index_and_repeat() {
        let first = |seed, purpose, index| stream(seed, purpose, index).next_u64();
        let reference = first(1, Purpose::Replay, 2);
        assert_eq!(reference, first(1, Purpose::Replay, 2));
        assert_ne!(reference, first(2, Purpose::Replay, 2));
        assert_ne!(reference, first(1, Purpose::Exploration, 2));
        assert_ne!(reference, first(1, Purpose::Replay, 3));
    }

    /// A generator that says what it is told to.
    struct Told(Vec<u64>);

    impl rand::TryRng for Told {
        type Error = std::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            self.try_next_u64().map(|number| number as u32)
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(self.0.remove(0))
        }

        fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
            unreachable!("draws are made of whole numbers")
        }
    }

    /// Of 2⁶⁴ = 3·q + 1 numbers, exactly one must be drawn again for each result to come q times.
    #[test]
    fn below_is_exact() {
        assert_eq!(below(&mut Told(vec![u64::MAX]), 3), 2);
        assert_eq!(below(&mut Told(vec![1]), 3), 0);
        assert_eq!(
            below(&mut Told(vec![0, u64::MAX / 2]), 3),
            1,
            "0 is drawn again"
        );
        // A power of two divides 2⁶⁴: nothing is drawn again.
        assert_eq!(below(&mut Told(vec![0]), 4), 0);
        assert_eq!(below(&mut Told(vec![7]), 1), 0);
    }

    #[test]
    fn below_and_unit_are_even() {
        let mut generator = stream(5, Purpose::Replay, 0);
        let (mut counts, mut tenths) = ([0_u32; 10], [0_u32; 10]);
        for _ in 0..100_000 {
            counts[below(&mut generator, 10)] += 1;
            let number = unit(&mut generator);
            assert!((0.0..1.0).contains(&number));
            tenths[(number * 10.0) as usize] += 1;
        }
        // 10,000 expected for each, standard deviation 95.
        for count in counts.into_iter().chain(tenths) {
            assert!(count.abs_diff(10_000) < 475, "{counts:?} {tenths:?}");
        }
        assert_eq!(unit(&mut Told(vec![0])), 0.0);
        assert_eq!(unit(&mut Told(vec![u64::MAX])), 1.0 - f64::EPSILON / 2.0);
    }
}
