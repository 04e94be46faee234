//! Draws from a generator, written out so that no library's next version changes the bits.

use descender_nn::random::ChaCha8Rng;
use rand::Rng;

/// A whole number from 0 to `bound` − 1, each equally likely (to 2⁻⁶⁴ · bound).
pub(crate) fn below(generator: &mut ChaCha8Rng, bound: usize) -> usize {
    ((u128::from(generator.next_u64()) * bound as u128) >> 64) as usize
}

/// A number in [0, 1), in steps of 2⁻⁵³.
pub(crate) fn unit(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
