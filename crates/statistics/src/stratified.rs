//! Stratified bootstrap: the runs are resampled within each task, never across tasks.
//!
//! A method's results on several tasks (or configurations) are not one sample: the tasks were chosen, the runs were
//! drawn. So a resample draws, for each stratum on its own, as many of its runs as it has, with replacement; the
//! interval then says how the figure would vary with other runs on the same tasks. This is rliable's
//! `StratifiedBootstrap` with its default (no resampling of the tasks). With one stratum it is the plain bootstrap,
//! to the bit.

use super::aggregate::{Aggregate, Sample};
use super::bootstrap::draw_counts;
use super::{Bootstrap, Interval};
use descender_random::ChaCha8Rng;

impl Bootstrap {
    /// An aggregate of `strata` (one list of results for each task) and its 95 % percentile interval over resamples of
    /// the runs within each stratum.
    ///
    /// `index` names the stream of random numbers, as in [`Bootstrap::interquartile_mean`].
    ///
    /// ```
    /// use descender_statistics::{Aggregate, Bootstrap};
    /// let strata = [vec![1.0, 2.0, 1.5, 1.2], vec![9.0, 8.0, 9.5]];
    /// let mean = Bootstrap::new(1).stratified(&strata, Aggregate::Mean, 0);
    /// // Task means vary little from run to run; a bootstrap across tasks would reach from 1.4 to 8.8.
    /// assert!(4.0 < mean.ci95[0] && mean.ci95[1] < 6.0);
    /// ```
    #[must_use]
    pub fn stratified<S: AsRef<[f64]>>(
        &self,
        strata: &[S],
        aggregate: Aggregate,
        index: u64,
    ) -> Interval {
        let sample = Sample::new(strata);
        let mut counts = vec![1; sample.values.len()];
        let value = aggregate.of_resample(&sample, &counts);
        let ci95 = self.percentile_interval(index, |generator| {
            draw_strata(generator, &sample.sizes, &mut counts);
            aggregate.of_resample(&sample, &counts)
        });
        Interval { value, ci95 }
    }
}

/// Draws within each stratum as many positions as it has, with replacement, and counts how often each came. `counts`
/// holds the strata one after the other.
pub(super) fn draw_strata(generator: &mut ChaCha8Rng, sizes: &[usize], counts: &mut [usize]) {
    let mut rest = counts;
    for &size in sizes {
        let (own, others) = rest.split_at_mut(size);
        draw_counts(generator, own);
        rest = others;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mean;
    use descender_random::unit;
    use rand::SeedableRng;

    #[test]
    fn one_stratum_is_the_plain_bootstrap_to_the_bit() {
        let values: Vec<f64> = (0..29)
            .map(|run| f64::from(run * run % 31).sqrt())
            .collect();
        let bootstrap = Bootstrap::new(4);
        let plain = bootstrap.interquartile_mean(&values, 3);
        let stratified = bootstrap.stratified(&[values], Aggregate::InterquartileMean, 3);
        assert_eq!((plain.iqm, plain.ci95), (stratified.value, stratified.ci95));
    }

    #[test]
    fn runs_stay_in_their_task() {
        // Each task's runs are equal: no resample within the tasks can differ.
        let strata = [vec![1.0; 5], vec![7.0; 3], vec![100.0; 2]];
        for aggregate in [
            Aggregate::InterquartileMean,
            Aggregate::Median,
            Aggregate::Mean,
            Aggregate::MedianOfMeans,
        ] {
            let interval = Bootstrap::new(1).stratified(&strata, aggregate, 0);
            assert_eq!(interval.ci95, [interval.value; 2], "{aggregate:?}");
        }
    }

    #[test]
    fn the_interval_of_each_aggregate_covers_the_truth_about_as_often_as_it_says() {
        // Two tasks, 24 runs each, uniform in [0, 1] and in [2, 4].
        let truths = [
            (Aggregate::Mean, 1.75),
            (Aggregate::MedianOfMeans, 1.75),
            (Aggregate::InterquartileMean, {
                // The middle half of the two together: the upper half of the first task, the lower half of the second.
                f64::midpoint(0.75, 2.5)
            }),
        ];
        let mut generator = ChaCha8Rng::seed_from_u64(5);
        let bootstrap = Bootstrap {
            seed: 3,
            resamples: 300,
        };
        let rounds = 400;
        let mut held = [0; 3];
        for round in 0..rounds {
            let strata: [Vec<f64>; 2] = [
                (0..24).map(|_| unit(&mut generator)).collect(),
                (0..24).map(|_| 2.0 + 2.0 * unit(&mut generator)).collect(),
            ];
            for (held, (aggregate, truth)) in held.iter_mut().zip(truths) {
                let [low, high] = bootstrap.stratified(&strata, aggregate, round).ci95;
                *held += u32::from(low <= truth && truth <= high);
            }
        }
        for (held, (aggregate, _)) in held.iter().zip(truths) {
            let share = f64::from(*held) / rounds as f64;
            assert!((0.90..=0.985).contains(&share), "{aggregate:?}: {share}");
        }
    }

    #[test]
    fn strata_are_drawn_each_on_their_own() {
        let mut generator = ChaCha8Rng::seed_from_u64(8);
        let mut counts = [0; 9];
        let mut totals = [0.0; 9];
        for _ in 0..3_000 {
            draw_strata(&mut generator, &[2, 0, 4, 3], &mut counts);
            assert_eq!(counts[..2].iter().sum::<usize>(), 2);
            assert_eq!(counts[2..6].iter().sum::<usize>(), 4);
            assert_eq!(counts[6..].iter().sum::<usize>(), 3);
            for (total, &count) in totals.iter_mut().zip(&counts) {
                *total += count as f64;
            }
        }
        // Every run comes once on average; the standard deviation of a total is below 53.
        assert!(
            totals
                .iter()
                .all(|total| (total - 3_000.0_f64).abs() < 260.0),
            "{totals:?}"
        );
        assert!((mean(&totals) - 3_000.0).abs() < 1e-9);
    }
}
