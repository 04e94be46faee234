//! Aggregates: one figure for the results of a method, on one or several tasks.
//!
//! Results come in *strata*: one list of results for each task or configuration, whose runs are alike. With one
//! stratum (a comparison on one task) [`Aggregate::Mean`] and [`Aggregate::MedianOfMeans`] are the plain mean.
//!
//! Source of the definitions: R. Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical
//! Precipice" (2021), section 4, and the package rliable, against which they are tested.

use super::bootstrap::trimmed_mean_of_counts;
use crate::order_statistics::{order, quantile, quantile_of_sorted, sorted};

/// Which values of a measure are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Losses, steps, times.
    Smaller,
    /// Accuracies, scores.
    Larger,
}

/// A figure for the results of a method over one or several strata.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregate {
    /// The interquartile mean of all results of all strata together, as
    /// [`interquartile_mean`](super::interquartile_mean).
    InterquartileMean,
    /// The median of all results of all strata together.
    Median,
    /// The mean of the strata's means. One diverged result spoils it.
    Mean,
    /// The median of the strata's means; rliable calls it the median.
    MedianOfMeans,
    /// How far the results fall short of `target` on average, where a result that reaches the target falls short by 0:
    /// the mean of max(0, value − target) over all results where smaller is better, of max(0, target − value) where
    /// larger is. A result that is NaN falls short by ∞, or by NaN where larger is better.
    OptimalityGap {
        /// The value that is good enough.
        target: f64,
        /// Which values are better.
        better: Better,
    },
}

impl Aggregate {
    /// The aggregate of `strata`; NaN for no results.
    ///
    /// ```
    /// use descender_statistics::Aggregate;
    /// let strata = [vec![1.0, 2.0, 3.0], vec![10.0, 20.0]];
    /// assert_eq!(Aggregate::Mean.of(&strata), (2.0 + 15.0) / 2.0);
    /// assert_eq!(Aggregate::Median.of(&strata), 3.0);
    /// ```
    #[must_use]
    pub fn of<S: AsRef<[f64]>>(self, strata: &[S]) -> f64 {
        let sample = Sample::new(strata);
        self.of_resample(&sample, &vec![1; sample.values.len()])
    }

    /// The aggregate of a resample: value i of the sample came `counts[i]` times, each stratum as often as it has values.
    pub(super) fn of_resample(self, sample: &Sample, counts: &[usize]) -> f64 {
        match self {
            Self::InterquartileMean => {
                trimmed_mean_of_counts(&sample.pooled, &sample.pooled_counts(counts))
            }
            Self::Median => median_of_counts(&sample.pooled, &sample.pooled_counts(counts)),
            Self::Mean => super::mean(&sample.means(counts)),
            Self::MedianOfMeans => quantile(&sample.means(counts), 0.5),
            Self::OptimalityGap { target, better } => weighted_mean(
                sample
                    .values
                    .iter()
                    .map(|&value| shortfall(value, target, better)),
                counts,
            ),
        }
    }
}

/// How far a value falls short of the target.
fn shortfall(value: f64, target: f64, better: Better) -> f64 {
    match better {
        Better::Smaller if value.is_nan() => f64::INFINITY,
        Better::Smaller => (value - target).max(0.0),
        Better::Larger if value.is_nan() => f64::NAN,
        Better::Larger => (target - value).max(0.0),
    }
}

/// The median: [`quantile`] at a half.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The results of all strata, laid out for resampling.
pub(super) struct Sample {
    /// The number of values of each stratum.
    pub(super) sizes: Vec<usize>,
    /// The values stratum after stratum, in rising order within each.
    pub(super) values: Vec<f64>,
    /// All values in rising order.
    pooled: Vec<f64>,
    /// Where each of `pooled` stands in `values`.
    positions: Vec<usize>,
}

impl Sample {
    pub(super) fn new<S: AsRef<[f64]>>(strata: &[S]) -> Self {
        let values: Vec<f64> = strata
            .iter()
            .flat_map(|values| sorted(values.as_ref()))
            .collect();
        let mut positions: Vec<usize> = (0..values.len()).collect();
        positions.sort_by(|&a, &b| order(&values[a], &values[b]));
        Self {
            sizes: strata.iter().map(|values| values.as_ref().len()).collect(),
            pooled: positions.iter().map(|&position| values[position]).collect(),
            values,
            positions,
        }
    }

    fn pooled_counts(&self, counts: &[usize]) -> Vec<usize> {
        self.positions
            .iter()
            .map(|&position| counts[position])
            .collect()
    }

    /// The mean of each stratum in a resample.
    fn means(&self, counts: &[usize]) -> Vec<f64> {
        let mut first = 0;
        self.sizes
            .iter()
            .map(|&size| {
                let own = first..first + size;
                first += size;
                weighted_mean(self.values[own.clone()].iter().copied(), &counts[own])
            })
            .collect()
    }
}

/// The mean of values that came `counts` times. A value that did not come adds nothing, even if it is not finite.
pub(super) fn weighted_mean(values: impl Iterator<Item = f64>, counts: &[usize]) -> f64 {
    let sum: f64 = values
        .zip(counts)
        .filter(|&(_, &count)| count > 0)
        .map(|(value, &count)| value * count as f64)
        .sum();
    sum / counts.iter().sum::<usize>() as f64
}

/// The median of a resample: `sorted[i]` came `counts[i]` times.
fn median_of_counts(sorted: &[f64], counts: &[usize]) -> f64 {
    let total: usize = counts.iter().sum();
    let Some(last) = total.checked_sub(1) else {
        return f64::NAN;
    };
    let at = |rank: usize| {
        let mut passed = 0;
        let position = counts.iter().position(|&count| {
            passed += count;
            passed > rank
        });
        position.map_or(f64::NAN, |position| sorted[position])
    };
    quantile_of_sorted(&[at(last / 2), at(last.div_ceil(2))], 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interquartile_mean;

    #[test]
    fn aggregates_by_hand() {
        let strata = [vec![1.0, 3.0], vec![4.0, 8.0], vec![0.0, 20.0]];
        assert_eq!(
            Aggregate::InterquartileMean.of(&strata),
            (1.0 + 3.0 + 4.0 + 8.0) / 4.0
        );
        assert_eq!(Aggregate::Median.of(&strata), 3.5);
        assert_eq!(Aggregate::Mean.of(&strata), (2.0 + 6.0 + 10.0) / 3.0);
        assert_eq!(Aggregate::MedianOfMeans.of(&strata), 6.0);
        let gap = |better| Aggregate::OptimalityGap {
            target: 4.0,
            better,
        };
        assert_eq!(gap(Better::Larger).of(&strata), (3.0 + 1.0 + 4.0) / 6.0);
        assert_eq!(gap(Better::Smaller).of(&strata), (4.0 + 16.0) / 6.0);
    }

    #[test]
    fn strata_may_differ_in_size_and_one_stratum_is_the_plain_figure() {
        let values = [5.0, 1.0, 2.0, 40.0, 3.0];
        assert_eq!(Aggregate::Mean.of(&[values]), 10.2);
        assert_eq!(Aggregate::MedianOfMeans.of(&[values]), 10.2);
        assert_eq!(Aggregate::Median.of(&[values]), 3.0);
        assert_eq!(
            Aggregate::InterquartileMean.of(&[values]),
            interquartile_mean(&values)
        );
        let split = [vec![5.0], vec![1.0, 2.0, 40.0, 3.0]];
        assert_eq!(
            Aggregate::InterquartileMean.of(&split),
            interquartile_mean(&values)
        );
        assert_eq!(Aggregate::Mean.of(&split), (5.0 + 11.5) / 2.0);
        assert_eq!(median(&values), 3.0);
    }

    #[test]
    fn nothing_is_unknown_and_a_diverged_result_is_the_worst() {
        for aggregate in [
            Aggregate::InterquartileMean,
            Aggregate::Median,
            Aggregate::Mean,
            Aggregate::MedianOfMeans,
            Aggregate::OptimalityGap {
                target: 1.0,
                better: Better::Smaller,
            },
        ] {
            assert!(aggregate.of::<Vec<f64>>(&[]).is_nan(), "{aggregate:?}");
            assert!(aggregate.of(&[vec![]]).is_nan(), "{aggregate:?}");
        }
        let strata = [[1.0, 2.0, 3.0, f64::NAN]];
        assert_eq!(Aggregate::Median.of(&strata), 2.5);
        assert_eq!(Aggregate::InterquartileMean.of(&strata), 2.5);
        assert!(!Aggregate::Mean.of(&strata).is_finite());
        let gap = |better| {
            Aggregate::OptimalityGap {
                target: 2.0,
                better,
            }
            .of(&strata)
        };
        assert_eq!(gap(Better::Smaller), f64::INFINITY);
        assert!(gap(Better::Larger).is_nan());
    }
}
