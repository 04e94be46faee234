//! Intervals over training seeds and start points: what another training, compared from other starts, would have given.
//!
//! A controller that was trained once is a sample of one. Several trainings, each from its own seed, are a sample of
//! two levels: the seeds, and the start points on which each of them was tried. The starts may be the same for all seeds
//! (then a hard start is hard for all of them) or others for each.
//!
//! A resample draws the seeds with replacement, and the starts with replacement, as positions that hold for all seeds:
//! the bootstrap of crossed samples of A. B. Owen, "The pigeonhole bootstrap" (2007). With starts that differ from seed
//! to seed it is a little too wide, never too narrow. Few seeds are the difficulty: n seeds resampled vary by
//! √((n − 1)/n) too little, and the percentiles know nothing of Student's t. So what the drawn seeds move the figure by is
//! stretched by k(n) = √(n/(n − 1)) · t(n − 1)/1.96, the correction for small samples of T. C. Hesterberg, "What Teachers
//! Should Know About the Bootstrap" (2015), section 4; t(ν) is the 97.5 % quantile of Student's t. What the drawn starts
//! move it by is left as it is; the two movements are drawn apart and added. k(2) = 9.2, k(3) = 2.7, k(5) = 1.6, k(10) = 1.2.

use super::bootstrap::{draw_counts, trimmed_mean_of_counts};
use super::order_statistics::order;
use super::{Bootstrap, Estimate};
use thiserror::Error;

/// Training seeds with different numbers of starts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "seeds and starts: seed {seed} has {found} results; expected {expected}, as many as the first seed"
)]
#[non_exhaustive]
pub struct UnequalStartsError {
    /// The position of the seed, counted from 0.
    pub seed: usize,
    /// The number of its results.
    pub found: usize,
    /// The number of the first seed's results.
    pub expected: usize,
}

impl Bootstrap {
    /// The interquartile mean of all of `values[seed][start]`, and its 95 % interval over seeds and starts.
    ///
    /// For a comparison with another method, pass the differences start by start. With one seed the interval is that
    /// of [`Bootstrap::interquartile_mean`], over the starts alone: it says nothing of another training. `index` names
    /// the stream of random numbers. Without values, or without resamples, what cannot be known is NaN; so is the
    /// interval of a figure that is not finite.
    ///
    /// ```
    /// use descender_statistics::Bootstrap;
    /// // Three trainings, two starts each: what differs is the training.
    /// let hits = [[210.0, 220.0], [180.0, 190.0], [240.0, 250.0]];
    /// let over_both = Bootstrap::new(1).seeds_and_starts(&hits, 0)?;
    /// let pooled = Bootstrap::new(1).interquartile_mean(&hits.concat(), 0);
    /// assert_eq!(over_both.iqm, pooled.iqm);
    /// assert!(over_both.ci95[0] < pooled.ci95[0] && pooled.ci95[1] < over_both.ci95[1]);
    /// # Ok::<(), descender_statistics::seeds_and_starts::UnequalStartsError>(())
    /// ```
    ///
    /// # Errors
    /// [`UnequalStartsError`] when the seeds don't have equally many starts.
    pub fn seeds_and_starts<S: AsRef<[f64]>>(
        &self,
        values: &[S],
        index: u64,
    ) -> Result<Estimate, UnequalStartsError> {
        let starts = values.first().map_or(0, |row| row.as_ref().len());
        for (seed, row) in values.iter().enumerate() {
            let found = row.as_ref().len();
            if found != starts {
                return Err(UnequalStartsError {
                    seed,
                    found,
                    expected: starts,
                });
            }
        }
        if let [only] = values {
            return Ok(self.interquartile_mean(only.as_ref(), index));
        }
        // Every value with its seed and its start, in rising order.
        let mut cells: Vec<(f64, usize, usize)> = (values.iter().enumerate())
            .flat_map(|(seed, row)| {
                let row = row.as_ref().iter().enumerate();
                row.map(move |(start, &value)| (value, seed, start))
            })
            .collect();
        cells.sort_by(|a, b| order(&a.0, &b.0));
        let sorted: Vec<f64> = cells.iter().map(|cell| cell.0).collect();
        let iqm = trimmed_mean_of_counts(&sorted, &vec![1; sorted.len()]);
        if !iqm.is_finite() {
            return Ok(Estimate {
                iqm,
                ..Estimate::UNKNOWN
            });
        }
        let stretch = small_sample_stretch(values.len());
        let (mut of_seed, mut of_start) = (vec![0; values.len()], vec![0; starts]);
        let moved = |count: &dyn Fn(usize, usize) -> usize| {
            let counts: Vec<usize> = (cells.iter())
                .map(|&(_, seed, start)| count(seed, start))
                .collect();
            trimmed_mean_of_counts(&sorted, &counts) - iqm
        };
        let ci95 = self.percentile_interval(index, |generator| {
            draw_counts(generator, &mut of_seed);
            draw_counts(generator, &mut of_start);
            let by_seeds = moved(&|seed, _| of_seed[seed]);
            let by_starts = moved(&|_, start| of_start[start]);
            iqm + stretch * by_seeds + by_starts
        });
        Ok(Estimate { iqm, ci95 })
    }
}

/// k(n) of the module's documentation, for n ≥ 2.
fn small_sample_stretch(count: usize) -> f64 {
    let n = count as f64;
    (n / (n - 1.0)).sqrt() * student_975(count - 1) / NORMAL_975
}

/// The 97.5 % quantile of the normal distribution.
const NORMAL_975: f64 = 1.959_963_984_540_054;

/// The 97.5 % quantile of Student's t with `freedom` degrees of freedom, to two digits after the point: from a table, and
/// from 5 on by the expansion in 1/ν of Abramowitz and Stegun, 26.7.5.
fn student_975(freedom: usize) -> f64 {
    const TABLE: [f64; 4] = [12.706, 4.303, 3.182, 2.776];
    if let Some(&value) = freedom.checked_sub(1).and_then(|row| TABLE.get(row)) {
        return value;
    }
    let (z, nu) = (NORMAL_975, freedom as f64);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    z + first / nu + second / nu.powi(2) + third / nu.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_random::{ChaCha8Rng, unit};
    use rand::SeedableRng;

    #[test]
    fn the_quantiles_of_students_t_are_those_of_the_tables() {
        for (freedom, expected) in [(1, 12.706), (4, 2.776), (5, 2.571), (9, 2.262), (30, 2.042)] {
            let found = student_975(freedom);
            assert!((found - expected).abs() < 0.005, "{freedom}: {found}");
        }
        assert!((small_sample_stretch(5) - 1.584).abs() < 0.005);
    }

    #[test]
    fn the_figure_is_that_of_all_results_and_one_seed_is_the_plain_bootstrap() {
        let rows = [[1.0, 9.0, 3.0, 4.0], [2.0, 8.0, 5.0, 7.0]];
        let bootstrap = Bootstrap::new(3);
        let both = bootstrap.seeds_and_starts(&rows, 0).unwrap();
        assert_eq!(both.iqm, (3.0 + 4.0 + 5.0 + 7.0) / 4.0);
        assert_eq!(both, bootstrap.seeds_and_starts(&rows, 0).unwrap());
        assert_eq!(
            bootstrap.seeds_and_starts(&rows[..1], 4).unwrap(),
            bootstrap.interquartile_mean(&rows[0], 4)
        );
    }

    #[test]
    fn unequal_seeds_are_refused_and_what_is_unknown_is_nan() {
        let bootstrap = Bootstrap::new(1);
        let error = bootstrap
            .seeds_and_starts(&[vec![1.0, 2.0], vec![1.0]], 0)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "seeds and starts: seed 1 has 1 results; expected 2, as many as the first seed"
        );
        for values in [vec![], vec![vec![]], vec![vec![], vec![]]] {
            let estimate = bootstrap.seeds_and_starts(&values, 0).unwrap();
            assert!(estimate.iqm.is_nan() && estimate.ci95[0].is_nan());
        }
        // One diverged start of ten is cut away; a diverged half is not.
        let mut rows = vec![vec![1.0; 5]; 2];
        rows[0][0] = f64::NAN;
        assert_eq!(bootstrap.seeds_and_starts(&rows, 0).unwrap().iqm, 1.0);
        rows[0] = vec![f64::NAN; 5];
        let half = bootstrap.seeds_and_starts(&rows, 0).unwrap();
        assert!(!half.iqm.is_finite() && half.ci95[1].is_nan());
    }

    /// A number of about standard normal distribution: the centre of the sum of twelve uniform ones.
    fn normal(generator: &mut ChaCha8Rng) -> f64 {
        (0..12).map(|_| unit(generator)).sum::<f64>() - 6.0
    }

    /// How often the interval holds the truth, 0, for values = seed effect + start effect + noise. The start effect is
    /// common to all seeds.
    fn coverage(seeds: usize, seed_effect: f64, start_effect: f64, noise: f64) -> f64 {
        let mut generator = ChaCha8Rng::seed_from_u64(21);
        let bootstrap = Bootstrap {
            seed: 2,
            resamples: 200,
        };
        let (rounds, starts) = (300, 24);
        let held = (0..rounds)
            .filter(|&round| {
                let common: Vec<f64> = (0..starts)
                    .map(|_| start_effect * normal(&mut generator))
                    .collect();
                let values: Vec<Vec<f64>> = (0..seeds)
                    .map(|_| {
                        let own = seed_effect * normal(&mut generator);
                        let mut value = |start: &f64| own + start + noise * normal(&mut generator);
                        common.iter().map(&mut value).collect()
                    })
                    .collect();
                let [low, high] = bootstrap.seeds_and_starts(&values, round).unwrap().ci95;
                low <= 0.0 && 0.0 <= high
            })
            .count();
        held as f64 / rounds as f64
    }

    #[test]
    fn with_few_seeds_the_interval_covers_the_truth_at_least_about_as_often_as_it_says() {
        // Three standard deviations of a share of 300 at 95 % are 4 %.
        for (seeds, seed_effect, start_effect, noise) in [
            (3, 1.0, 0.3, 1.0),
            (5, 1.0, 0.3, 1.0),
            (5, 0.3, 1.0, 0.5),
            (5, 0.0, 0.0, 1.0),
            (10, 1.0, 1.0, 1.0),
        ] {
            let share = coverage(seeds, seed_effect, start_effect, noise);
            assert!(
                share >= 0.91,
                "{seeds} seeds, {seed_effect} {start_effect} {noise}: {share}"
            );
        }
    }

    #[test]
    fn the_starts_alone_would_claim_too_much() {
        // Where the training matters most, resampling pooled results covers the truth far too seldom.
        let mut generator = ChaCha8Rng::seed_from_u64(5);
        let bootstrap = Bootstrap {
            seed: 2,
            resamples: 200,
        };
        let held = (0..100)
            .filter(|&round| {
                let values: Vec<f64> = (0..5)
                    .flat_map(|_| {
                        let own = normal(&mut generator);
                        (0..24)
                            .map(|_| own + 0.5 * normal(&mut generator))
                            .collect::<Vec<f64>>()
                    })
                    .collect();
                let [low, high] = bootstrap.interquartile_mean(&values, round).ci95;
                low <= 0.0 && 0.0 <= high
            })
            .count();
        assert!(held < 70, "{held} of 100");
    }
}
