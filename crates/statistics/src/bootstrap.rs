//! Percentile bootstrap intervals over start points.
//!
//! The start points of a comparison are a sample; other start points would have given another figure. The
//! bootstrap draws the sample again and again from itself, with replacement, and reads the interval from the
//! spread of the results: the 2.5 % and 97.5 % quantiles for 95 %. With one task, rliable's stratified
//! bootstrap is this one.

use crate::order_statistics::{cut, quantile_of_sorted, sorted};
use descender_random::{ChaCha8Rng, Purpose, below, stream};
use descender_record::nullable_float;
use serde::{Deserialize, Serialize};

const RESAMPLING: Purpose = Purpose::new(8, "resamples of the bootstrap");

/// An interquartile mean with its 95 % interval.
///
/// In JSON a bound that is not finite is written as `null` and read as NaN.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The interquartile mean over the start points.
    #[serde(with = "nullable_float")]
    pub iqm: f64,
    /// The lower and the upper bound of the 95 % interval.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
}

impl Estimate {
    /// The estimate of nothing: NaN throughout.
    pub const UNKNOWN: Self = Self {
        iqm: f64::NAN,
        ci95: [f64::NAN; 2],
    };
}

/// A figure with its 95 % interval.
///
/// In JSON a number that is not finite is written as `null` and read as NaN.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The figure.
    #[serde(with = "nullable_float")]
    pub value: f64,
    /// The lower and the upper bound of the 95 % interval.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
}

/// How intervals are resampled. The same settings and values give the same bits.
///
/// ```
/// use descender_statistics::Bootstrap;
/// let hits = [210.0, 190.0, 250.0, 170.0, 205.0, 230.0, 198.0, 260.0];
/// let estimate = Bootstrap::new(1).interquartile_mean(&hits, 0);
/// assert_eq!(estimate.iqm, 210.75);
/// assert!(estimate.ci95[0] < 210.75 && 210.75 < estimate.ci95[1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// The seed of the resampling.
    pub seed: u64,
    /// The number of resamples.
    pub resamples: usize,
}

impl Bootstrap {
    /// The usual number of resamples. The ends of a 95 % interval then rest on 50 resamples each.
    pub const RESAMPLES: usize = 2_000;

    /// Resampling under `seed` with [`Self::RESAMPLES`] resamples.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            resamples: Self::RESAMPLES,
        }
    }

    /// The interquartile mean of `values`, one value a start point, and its 95 % percentile interval.
    ///
    /// `index` names the stream of random numbers. Two methods resampled under one index and with as many
    /// values draw the same positions. Without values, or without resamples, what cannot be known is NaN.
    #[must_use]
    pub fn interquartile_mean(&self, values: &[f64], index: u64) -> Estimate {
        let sorted = sorted(values);
        let mut counts = vec![1; sorted.len()];
        let iqm = trimmed_mean_of_counts(&sorted, &counts);
        let ci95 = self.percentile_interval(index, |generator| {
            draw_counts(generator, &mut counts);
            trimmed_mean_of_counts(&sorted, &counts)
        });
        Estimate { iqm, ci95 }
    }

    /// The interquartile mean of values of which some are only known to lie between two: value i is at least `least[i]`
    /// and at most `most[i]`, which may be −∞ and ∞. Both have one number a start point.
    ///
    /// The figure is NaN unless what is not known is cut away as the best or the worst quarter. The interval reaches
    /// from the lower end for `least` to the upper end for `most`: whatever the true values are, their interval lies in
    /// it. An end that nothing is known of is infinite.
    ///
    /// ```
    /// use descender_statistics::Bootstrap;
    /// // One start of eight was still not there after 500 steps.
    /// let least = [210.0, 190.0, 250.0, 170.0, 205.0, 230.0, 198.0, 500.0];
    /// let most = [210.0, 190.0, 250.0, 170.0, 205.0, 230.0, 198.0, f64::INFINITY];
    /// let estimate = Bootstrap::new(1).interquartile_mean_between(&least, &most, 0);
    /// assert_eq!(estimate.iqm, 210.75);
    /// assert!(estimate.ci95[0] < 210.0 && estimate.ci95[1].is_infinite());
    /// ```
    #[must_use]
    pub fn interquartile_mean_between(&self, least: &[f64], most: &[f64], index: u64) -> Estimate {
        let (least, most) = (
            self.interquartile_mean(least, index),
            self.interquartile_mean(most, index),
        );
        Estimate {
            iqm: if least.iqm == most.iqm {
                least.iqm
            } else {
                f64::NAN
            },
            ci95: [least.ci95[0], most.ci95[1]],
        }
    }

    /// The 2.5 % and 97.5 % quantiles of `statistic`, called once for each resample.
    pub fn percentile_interval(
        &self,
        index: u64,
        mut statistic: impl FnMut(&mut ChaCha8Rng) -> f64,
    ) -> [f64; 2] {
        let mut generator = stream(self.seed, RESAMPLING, index);
        let results: Vec<f64> = (0..self.resamples)
            .map(|_| statistic(&mut generator))
            .collect();
        central_95(&results)
    }

    /// [`Self::percentile_interval`] of `count` statistics of the same resamples.
    pub(crate) fn percentile_intervals(
        &self,
        index: u64,
        count: usize,
        mut statistics: impl FnMut(&mut ChaCha8Rng) -> Vec<f64>,
    ) -> Vec<[f64; 2]> {
        let mut generator = stream(self.seed, RESAMPLING, index);
        let mut results = vec![Vec::with_capacity(self.resamples); count];
        for _ in 0..self.resamples {
            for (results, value) in results.iter_mut().zip(statistics(&mut generator)) {
                results.push(value);
            }
        }
        results.iter().map(|results| central_95(results)).collect()
    }
}

/// The 2.5 % and 97.5 % quantiles.
fn central_95(results: &[f64]) -> [f64; 2] {
    let results = sorted(results);
    [0.025, 0.975].map(|fraction| quantile_of_sorted(&results, fraction))
}

/// Draws as many positions as there are, with replacement, and counts how often each came.
pub fn draw_counts(generator: &mut ChaCha8Rng, counts: &mut [usize]) {
    counts.fill(0);
    for _ in 0..counts.len() {
        let position = below(generator, counts.len());
        counts[position] += 1;
    }
}

/// The interquartile mean of a resample: `sorted[i]` came `counts[i]` times. Nothing is sorted again.
pub(crate) fn trimmed_mean_of_counts(sorted: &[f64], counts: &[usize]) -> f64 {
    let total: usize = counts.iter().sum();
    let cut = cut(total);
    let (mut passed, mut sum) = (0, 0.0);
    for (value, &count) in sorted.iter().zip(counts) {
        // The part of [passed, passed + count) that lies inside [cut, total − cut).
        let first = passed.max(cut);
        let end = (passed + count).min(total - cut);
        if end > first {
            sum += value * (end - first) as f64;
        }
        passed += count;
    }
    sum / (total - 2 * cut) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interquartile_mean;
    use descender_random::unit;
    use rand::SeedableRng;

    /// A number in (0, 1], which has a logarithm.
    fn uniform(generator: &mut ChaCha8Rng) -> f64 {
        1.0 - unit(generator)
    }

    #[test]
    fn a_resample_has_the_interquartile_mean_of_its_values() {
        let mut generator = ChaCha8Rng::seed_from_u64(7);
        for size in 1..40 {
            let sorted: Vec<f64> = (0..size).map(|value| (value * value) as f64).collect();
            let mut counts = vec![0; size];
            draw_counts(&mut generator, &mut counts);
            let written_out: Vec<f64> = sorted
                .iter()
                .zip(&counts)
                .flat_map(|(&value, &count)| vec![value; count])
                .collect();
            assert_eq!(written_out.len(), size);
            let expected = interquartile_mean(&written_out);
            let result = trimmed_mean_of_counts(&sorted, &counts);
            assert!(
                (result - expected).abs() < 1e-9 * expected.abs().max(1.0),
                "{size}: {result} {expected}"
            );
        }
    }

    #[test]
    fn positions_are_drawn_evenly() {
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let mut totals = [0_usize; 10];
        for _ in 0..10_000 {
            let mut counts = [0; 10];
            draw_counts(&mut generator, &mut counts);
            for (total, count) in totals.iter_mut().zip(counts) {
                *total += count;
            }
        }
        // 100,000 draws, 10,000 expected for each, standard deviation 95.
        assert!(
            totals.iter().all(|&total| total.abs_diff(10_000) < 475),
            "{totals:?}"
        );
    }

    #[test]
    fn same_seed_same_bits_and_another_index_another_interval() {
        let values: Vec<f64> = (0..24).map(|value| f64::from(value).sqrt()).collect();
        let bootstrap = Bootstrap::new(5);
        assert_eq!(
            bootstrap.interquartile_mean(&values, 1),
            bootstrap.interquartile_mean(&values, 1)
        );
        let first = bootstrap.interquartile_mean(&values, 1);
        let other = bootstrap.interquartile_mean(&values, 2);
        assert_eq!(first.iqm, other.iqm);
        assert_ne!(first.ci95, other.ci95);
    }

    #[test]
    fn no_values_one_value_and_values_that_are_not_numbers() {
        let bootstrap = Bootstrap {
            seed: 1,
            resamples: 100,
        };
        let nothing = bootstrap.interquartile_mean(&[], 0);
        assert!(nothing.iqm.is_nan() && nothing.ci95.iter().all(|bound| bound.is_nan()));
        assert_eq!(
            bootstrap.interquartile_mean(&[3.0], 0),
            Estimate {
                iqm: 3.0,
                ci95: [3.0, 3.0]
            }
        );
        let mut values = vec![1.0; 15];
        values.push(f64::NAN);
        let estimate = bootstrap.interquartile_mean(&values, 0);
        assert_eq!(estimate.iqm, 1.0);
        assert_eq!(estimate.ci95[0], 1.0);
    }

    /// How often the nominal 95 % interval holds the true interquartile mean of the distribution.
    fn coverage(truth: f64, starts: usize, mut draw: impl FnMut(&mut ChaCha8Rng) -> f64) -> f64 {
        let mut generator = ChaCha8Rng::seed_from_u64(11);
        let bootstrap = Bootstrap {
            seed: 2,
            resamples: 400,
        };
        let rounds = 600;
        let held = (0..rounds)
            .filter(|&round| {
                let values: Vec<f64> = (0..starts).map(|_| draw(&mut generator)).collect();
                let [low, high] = bootstrap.interquartile_mean(&values, round).ci95;
                low <= truth && truth <= high
            })
            .count();
        held as f64 / rounds as f64
    }

    #[test]
    fn the_interval_covers_the_truth_about_as_often_as_it_says() {
        let normal = coverage(0.0, 32, |generator| {
            // Box and Muller.
            (-2.0 * uniform(generator).ln()).sqrt()
                * (std::f64::consts::TAU * uniform(generator)).cos()
        });
        assert!((0.90..=0.99).contains(&normal), "normal: {normal}");
        // Exponential, skewed as first hits are. Its interquartile mean: 2 ∫ x e^-x dx from ln 4/3 to ln 4.
        let truth = 2.0 * (((4.0_f64 / 3.0).ln() + 1.0) * 0.75 - (4.0_f64.ln() + 1.0) * 0.25);
        let exponential = coverage(truth, 32, |generator| -uniform(generator).ln());
        assert!(
            (0.90..=0.99).contains(&exponential),
            "exponential: {exponential}"
        );
    }
}
