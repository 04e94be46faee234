//! The statistics agree with the Python package rliable on recorded inputs (`reference/rliable_statistics.py`).
//!
//! Point values are equal to rounding. A bootstrap interval is random: the file holds, for each bound, the mean and the
//! standard deviation over rliable's seeds, all with the same number of resamples. This test makes the same number
//! of intervals under seeds of its own, and the two means may differ by [`ERRORS`] standard errors of their
//! difference, √((s² + s'²)/seeds), where s and s' are the two spreads: the sampling error that so many resamples
//! leave. (The spread of a quantile falls with 1/√resamples; measuring it spares guessing the density there.)

use descender_statistics::{Aggregate, Better, Bootstrap, Interval, mean};
use serde::Deserialize;

/// Of some 170 bounds none should differ by this much by chance (Student's t, 18 degrees of freedom: 1 in 5,000 each).
const ERRORS: f64 = 4.7;

#[derive(Deserialize)]
struct Reference {
    seeds: u64,
    resamples: usize,
    target: f64,
    thresholds: Vec<f64>,
    matrices: Vec<Matrix>,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Matrix {
    name: String,
    /// Runs × tasks.
    scores: Vec<Vec<f64>>,
    aggregates: Aggregates,
    profile: Expected,
}

#[derive(Deserialize)]
struct Aggregates {
    interquartile_mean: Expected,
    mean: Expected,
    median_of_means: Expected,
    optimality_gap: Expected,
}

#[derive(Deserialize)]
struct Pair {
    x: String,
    y: String,
    probability_of_improvement: Expected,
}

/// Point values, and the mean and the spread over the seeds of their lower and upper bounds.
#[derive(Deserialize)]
struct Expected {
    value: Vec<f64>,
    bounds: [Vec<f64>; 2],
    spread: [Vec<f64>; 2],
}

impl Matrix {
    /// One list of runs for each task.
    fn strata(&self) -> Vec<Vec<f64>> {
        (0..self.scores[0].len())
            .map(|task| self.scores.iter().map(|run| run[task]).collect())
            .collect()
    }
}

impl Reference {
    fn read() -> Self {
        serde_json::from_str(include_str!("../../../reference/rliable_statistics.json"))
            .expect("the reference is what its script writes")
    }

    fn strata(&self, name: &str) -> Vec<Vec<f64>> {
        let matrix = self.matrices.iter().find(|matrix| matrix.name == name);
        matrix.expect("a pair names two of the matrices").strata()
    }

    /// Checks `intervals`, one for each expected value, made anew for each seed. Gives the number of bounds.
    fn check(
        &self,
        what: &str,
        expected: &Expected,
        intervals: impl Fn(&Bootstrap) -> Vec<Interval>,
    ) -> usize {
        let made: Vec<Vec<Interval>> = (0..self.seeds)
            .map(|seed| {
                intervals(&Bootstrap {
                    seed,
                    resamples: self.resamples,
                })
            })
            .collect();
        for (position, value) in expected.value.iter().enumerate() {
            let own: Vec<Interval> = made.iter().map(|seed| seed[position]).collect();
            assert!(
                (own[0].value - value).abs() <= 1e-12 * value.abs().max(1.0),
                "{what} [{position}]: {}, rliable {value}",
                own[0].value
            );
            for bound in 0..2 {
                let bounds: Vec<f64> = own.iter().map(|interval| interval.ci95[bound]).collect();
                let center = mean(&bounds);
                let variance = bounds
                    .iter()
                    .map(|bound| (bound - center).powi(2))
                    .sum::<f64>()
                    / (bounds.len() - 1) as f64;
                let theirs = expected.bounds[bound][position];
                let spread = expected.spread[bound][position];
                let error = ((variance + spread * spread) / self.seeds as f64).sqrt();
                assert!(
                    (center - theirs).abs() <= ERRORS * error + 1e-9,
                    "{what} [{position}], bound {bound}: {center} ± {}, rliable {theirs} ± {spread}",
                    variance.sqrt()
                );
            }
        }
        2 * expected.value.len()
    }
}

#[test]
fn aggregates_and_their_stratified_intervals() {
    let reference = Reference::read();
    let mut bounds = 0;
    for matrix in &reference.matrices {
        let strata = matrix.strata();
        let gap = Aggregate::OptimalityGap {
            target: reference.target,
            better: Better::Larger,
        };
        for (aggregate, expected) in [
            (
                Aggregate::InterquartileMean,
                &matrix.aggregates.interquartile_mean,
            ),
            (Aggregate::Mean, &matrix.aggregates.mean),
            (Aggregate::MedianOfMeans, &matrix.aggregates.median_of_means),
            (gap, &matrix.aggregates.optimality_gap),
        ] {
            bounds += reference.check(
                &format!("{}: {aggregate:?}", matrix.name),
                expected,
                |bootstrap| vec![bootstrap.stratified(&strata, aggregate, 0)],
            );
        }
    }
    assert_eq!(bounds, 2 * 4 * 7);
}

#[test]
fn run_score_profiles_and_their_bands() {
    let reference = Reference::read();
    for matrix in &reference.matrices {
        let strata = matrix.strata();
        let name = format!("{}: profile", matrix.name);
        let bounds = reference.check(&name, &matrix.profile, |bootstrap| {
            let profile = bootstrap.profile(&strata, &reference.thresholds, Better::Larger, 0);
            let bands = profile.lower.iter().zip(&profile.upper);
            let points = profile.shares.iter().zip(bands);
            points
                .map(|(&value, (&low, &high))| Interval {
                    value,
                    ci95: [low, high],
                })
                .collect()
        });
        assert_eq!(bounds, 2 * reference.thresholds.len());
    }
}

#[test]
fn the_probability_of_improvement_over_all_pairs() {
    let reference = Reference::read();
    assert_eq!(reference.pairs.len(), 3);
    for pair in &reference.pairs {
        let (x, y) = (reference.strata(&pair.x), reference.strata(&pair.y));
        reference.check(
            &format!("{} against {}", pair.x, pair.y),
            &pair.probability_of_improvement,
            |bootstrap| {
                let share = bootstrap.probability_over_all_pairs(&x, &y, Better::Larger, 0);
                vec![share.unwrap()]
            },
        );
    }
}
