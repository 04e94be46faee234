//! Purposes of random numbers, and the stream that belongs to each.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What random numbers are for. Each purpose has its own streams under a seed.
///
/// The number decides the streams. Two purposes must not share one, and a number never changes: other numbers are
/// other results. Descender's own crates use 1 to 127; the rest is free for code that is built on them.
///
/// ```
/// use descender_random::Purpose;
///
/// const EXPLORATION: Purpose = Purpose::new(200, "exploration of my agent");
/// assert_eq!(EXPLORATION.number(), 200);
/// assert_eq!(EXPLORATION.name(), "exploration of my agent");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purpose {
    number: u8,
    name: &'static str,
}

impl Purpose {
    /// The purpose with this number; the name is for people.
    #[must_use]
    pub const fn new(number: u8, name: &'static str) -> Self {
        Self { number, name }
    }

    /// The number that decides the streams.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.number
    }

    /// What the numbers are for, in a few words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// The generator of stream `index` for `purpose` under `seed`, at its beginning.
///
/// The seed is the ChaCha key and number · 2⁵⁶ + index the stream. Under one seed, two pairs of purpose and index
/// never share a stream. `index` is taken modulo 2⁵⁶.
///
/// ```
/// use descender_random::{Purpose, Rng, stream};
///
/// const REPLAY: Purpose = Purpose::new(200, "replay");
/// let mut first = stream(1, REPLAY, 0);
/// let mut second = stream(1, REPLAY, 1);
/// assert_ne!(first.next_u64(), second.next_u64());
/// ```
#[must_use]
pub fn stream(seed: u64, purpose: Purpose, index: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(u64::from(purpose.number) << 56 | (index & ((1 << 56) - 1)));
    generator
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn streams_differ_by_seed_purpose_and_index_and_repeat() {
        let first = |seed, number, index| {
            let purpose = Purpose::new(number, "test");
            stream(seed, purpose, index).next_u64()
        };
        let reference = first(1, 200, 2);
        assert_eq!(reference, first(1, 200, 2));
        assert_ne!(reference, first(2, 200, 2));
        assert_ne!(reference, first(1, 201, 2));
        assert_ne!(reference, first(1, 200, 3));
    }

    /// Streams are part of every result, so they stay as they are.
    #[test]
    fn the_number_and_the_index_make_the_stream() {
        for (number, index, expected) in [
            (7, 2, 0x0700_0000_0000_0002),
            (255, (1 << 56) + 5, 0xFF00_0000_0000_0005),
        ] {
            let purpose = Purpose::new(number, "test");
            assert_eq!(stream(1, purpose, index).get_stream(), expected);
        }
    }

    #[test]
    fn the_name_does_not_matter() {
        let draw = |name| stream(3, Purpose::new(200, name), 0).next_u64();
        assert_eq!(draw("one"), draw("another"));
    }
}
