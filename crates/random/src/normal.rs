//! Draws from the normal distribution, the same bits on every machine.

use rand::Rng;

use crate::uniform::unit;

/// Two independent draws from the normal distribution with mean 0 and variance 1, by Marsaglia's polar method.
///
/// Source: G. Marsaglia and T. A. Bray, "A Convenient Method for Generating Normal Variables", SIAM Review, 1964.
///
/// ```
/// use descender_random::{Purpose, normal_pair, stream};
///
/// let [first, second] = normal_pair(&mut stream(1, Purpose::new(200, "steps"), 0));
/// assert!(first.abs() < 10.0 && second.abs() < 10.0 && first != second);
/// ```
pub fn normal_pair(generator: &mut impl Rng) -> [f64; 2] {
    loop {
        // A point of the square from −1 to 1. It is kept if it lies in the unit circle and is not the centre.
        let mut side = || 2.0 * unit(generator) - 1.0;
        let (x, y) = (side(), side());
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            let factor = (-2.0 * logarithm(square) / square).sqrt();
            return [x * factor, y * factor];
        }
    }
}

/// The natural logarithm of a positive, normal number, from the four basic operations alone.
///
/// The C library's logarithm differs between machines in the last bit. Here x = 2ⁿ m with m in (√½, √2], and
/// ln m = 2 artanh((m − 1) / (m + 1)), summed as a series.
fn logarithm(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7FF) as i32 - 1023;
    let mut mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1.0_f64.to_bits());
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    // |t| ≤ 0.172, so the terms left out add up to less than 10⁻¹⁹.
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let square = t * t;
    let mut sum = 0.0;
    for term in (0..12).rev() {
        sum = sum * square + 1.0 / f64::from(2 * term + 1);
    }
    f64::from(exponent) * std::f64::consts::LN_2 + 2.0 * t * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, stream};

    #[test]
    fn the_logarithm_is_the_natural_one() {
        for x in [1e-300, 1e-9, 0.1, 0.5, 0.7, 0.99, 1.0, 1.5, 2.0, 1e10] {
            let off = (logarithm(x) - x.ln()).abs();
            let size = x.ln().abs().max(0.1);
            assert!(off <= 1e-15 * size, "ln({x}) off by {off:e}");
        }
    }

    /// Shares below these quantiles of the normal distribution, five standard errors.
    #[test]
    fn draws_are_normal_and_the_two_of_a_pair_independent() {
        let mut generator = stream(3, Purpose::new(200, "test"), 0);
        let count = 100_000;
        let pairs: Vec<_> = (0..count).map(|_| normal_pair(&mut generator)).collect();
        for (quantile, share) in [
            (-2.326_348, 0.01),
            (-0.674_490, 0.25),
            (0.0, 0.5),
            (0.674_490, 0.75),
            (2.326_348, 0.99),
        ] {
            for side in [0, 1] {
                let below = pairs.iter().filter(|pair| pair[side] < quantile).count();
                let off = (below as f64 / f64::from(count) - share).abs();
                let error = (share * (1.0 - share) / f64::from(count)).sqrt();
                assert!(off < 5.0 * error, "side {side}, quantile {quantile}: {off}");
            }
        }
        let mean = |function: fn(&[f64; 2]) -> f64| {
            pairs.iter().map(function).sum::<f64>() / f64::from(count)
        };
        let error = 5.0 / f64::from(count).sqrt();
        assert!(mean(|pair| pair[0] * pair[1]).abs() < error);
        // Not even the squares go together: their product has mean 1 and variance 8.
        let squares = mean(|pair| (pair[0] * pair[1]).powi(2));
        assert!((squares - 1.0).abs() < error * 8.0_f64.sqrt());
    }
}
