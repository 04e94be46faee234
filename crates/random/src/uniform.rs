//! Even draws: a whole number below a bound, and a real number from 0 to 1.

use rand::Rng;

/// A whole number from 0 to `bound` − 1, each with exactly the same probability.
///
/// Source: D. Lemire, "Fast Random Integer Generation in an Interval", ACM Transactions on Modeling and Computer
/// Simulation, 2019, algorithm 5: the upper half of a 64-bit number times `bound`. The few numbers
/// (fewer than `bound` of 2⁶⁴) that would favour some results are drawn again.
///
/// ```
/// use descender_random::{Purpose, below, stream};
///
/// let mut generator = stream(1, Purpose::new(200, "dice"), 0);
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
///
/// ```
/// use descender_random::{Purpose, stream, unit};
///
/// let share = unit(&mut stream(1, Purpose::new(200, "shares"), 0));
/// assert!((0.0..1.0).contains(&share));
/// ```
pub fn unit(generator: &mut impl Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, stream};

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
        let mut generator = stream(5, Purpose::new(200, "test"), 0);
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
