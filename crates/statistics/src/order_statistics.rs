//! Means and quantiles of ordered values.

use std::cmp::Ordering;

/// The order of this crate: the usual one, with NaN (of either sign) at the end, after +∞.
#[must_use]
pub fn order(a: &f64, b: &f64) -> Ordering {
    a.partial_cmp(b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// A copy of `values` in this crate's order: rising, NaN last.
#[must_use]
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(order);
    sorted
}

/// How many of `count` values the interquartile mean cuts at each end: `floor(count / 4)`.
pub(crate) const fn cut(count: usize) -> usize {
    count / 4
}

/// The interquartile mean: the mean of what is left when the `floor(n/4)` smallest and the `floor(n/4)` largest
/// of the n values are cut.
///
/// This is `scipy.stats.trim_mean(values, 0.25)`, which rliable uses. For n that four does not divide, whole
/// values are cut and none is weighted: of 5, 6 and 7 values one goes at each end, and up to 3 values the
/// result is the mean. NaN for no values; NaN among the values counts as the largest (see the crate's page).
///
/// ```
/// use descender_statistics::interquartile_mean;
/// // One value goes at each end: (2 + 3 + 7) / 3.
/// assert_eq!(interquartile_mean(&[100.0, 2.0, 3.0, 7.0, -50.0]), 4.0);
/// ```
#[must_use]
pub fn interquartile_mean(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let cut = cut(sorted.len());
    mean(&sorted[cut..sorted.len() - cut])
}

/// The arithmetic mean; NaN for no values.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The quantile at `fraction` in [0, 1] (held inside), with linear interpolation between the two nearest values:
/// position `fraction · (n − 1)` of the ordered values, NumPy's default.
///
/// NaN for no values or a fraction that is NaN; NaN among the values counts as the largest.
#[must_use]
pub fn quantile(values: &[f64], fraction: f64) -> f64 {
    quantile_of_sorted(&sorted(values), fraction)
}

/// [`quantile`] of values that are in this crate's order already.
#[must_use]
pub fn quantile_of_sorted(sorted: &[f64], fraction: f64) -> f64 {
    if sorted.is_empty() || fraction.is_nan() {
        return f64::NAN;
    }
    let position = fraction.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let weight = position - position.floor();
    let low = sorted[below];
    // No interpolation on a value itself: 0 · ∞ would make it NaN.
    if weight == 0.0 {
        return low;
    }
    let high = sorted[below + 1];
    if low == high || !low.is_finite() {
        low
    } else {
        low + weight * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interquartile_mean_equals_scipys_trim_mean() {
        // By hand, after scipy's definition: int(0.25 n) values cut at each end.
        for (values, expected) in [
            (vec![5.0], 5.0),
            (vec![1.0, 4.0], 2.5),
            (vec![1.0, 4.0, 10.0], 5.0),
            (vec![1.0, 4.0, 10.0, 1000.0], 7.0),
            (vec![9.0, 1.0, 2.0, 3.0, 100.0], 14.0 / 3.0),
            (vec![6.0, 5.0, 4.0, 3.0, 2.0, 1.0], 3.5),
            (vec![0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0], 27.0 / 5.0),
            (vec![8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 0.0], 4.5),
            (
                vec![0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 50.0, 60.0],
                15.0 / 5.0,
            ),
        ] {
            let result = interquartile_mean(&values);
            assert!(
                (result - expected).abs() < 1e-12,
                "{values:?}: {result}, expected {expected}"
            );
        }
        assert!(interquartile_mean(&[]).is_nan());
    }

    #[test]
    fn diverged_starts_are_cut_until_they_are_a_quarter_too_many() {
        let mut values = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, f64::NAN, -f64::NAN];
        assert_eq!(interquartile_mean(&values), 4.5);
        values[5] = f64::INFINITY;
        assert_eq!(interquartile_mean(&values), f64::INFINITY);
        values[5] = f64::NAN;
        assert!(interquartile_mean(&values).is_nan());
    }

    #[test]
    fn quantile_interpolates_as_numpy_does() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert_eq!(quantile(&values, 0.25), 1.75);
        assert_eq!(quantile(&values, 0.5), 2.5);
        assert_eq!(quantile(&values, 1.0), 4.0);
        assert_eq!(quantile(&[7.0], 0.3), 7.0);
        assert!(quantile(&[], 0.5).is_nan());
        assert!(quantile(&values, f64::NAN).is_nan());
        assert_eq!(quantile(&[1.0, 2.0, f64::INFINITY], 0.5), 2.0);
        assert_eq!(quantile(&[f64::INFINITY; 4], 0.4), f64::INFINITY);
    }
}
