//! Two methods on the same start points, pair by pair.
//!
//! Start points differ more from each other than good methods do. When both methods run from the same starts
//! with the same batch orders, the difference of each pair cancels what the start contributed, so a comparison
//! of pairs sees differences that two overlapping intervals would hide.

use super::bootstrap::draw_counts;
use super::{Bootstrap, Estimate, Interval};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Two lists of results that cannot be paired.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "paired comparison: {first} results against {second}; expected one of each method for every start"
)]
#[non_exhaustive]
pub struct UnpairedError {
    /// The number of results of the first method.
    pub first: usize,
    /// The number of results of the second method.
    pub second: usize,
}

/// A measure of one method against another on the same start points. Smaller values of the measure are better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedComparison {
    /// The interquartile mean of the differences first − second, with its interval. Below zero: the first
    /// method is better. It is not the difference of the two interquartile means, which cut other starts.
    pub difference: Estimate,
    /// The *paired* probability of improvement: the share of starts on which the first method is better, a tie
    /// counting half, with its interval. rliable's probability of improvement asks about any two starts; it is
    /// [`probability_over_all_pairs`](super::Bootstrap::probability_over_all_pairs).
    pub probability_of_improvement: Share,
}

/// A share of the starts with its 95 % interval, all in [0, 1]; NaN without starts.
pub type Share = Interval;

impl PairedComparison {
    /// Compares `first[i]` with `second[i]`, the results of two methods from start i; smaller is better.
    ///
    /// A result that is NaN counts as +∞; two that are both infinite are a tie.
    ///
    /// # Errors
    /// [`UnpairedError`] when the lists differ in length.
    pub fn of(
        first: &[f64],
        second: &[f64],
        bootstrap: &Bootstrap,
        index: u64,
    ) -> Result<Self, UnpairedError> {
        if first.len() != second.len() {
            return Err(UnpairedError {
                first: first.len(),
                second: second.len(),
            });
        }
        let differences: Vec<f64> = first
            .iter()
            .zip(second)
            .map(|(&a, &b)| difference(a, b))
            .collect();
        Ok(Self::between(&differences, &differences, bootstrap, index))
    }

    /// The comparison from the differences first − second, of which some are only known to lie between two: difference
    /// i is at least `least[i]` and at most `most[i]`, which may be −∞ and ∞. Both have one number a start.
    ///
    /// The difference is that of [`Bootstrap::interquartile_mean_between`]. A start counts as a tie unless both numbers
    /// lie on one side of 0.
    #[must_use]
    pub fn between(least: &[f64], most: &[f64], bootstrap: &Bootstrap, index: u64) -> Self {
        let wins: Vec<f64> = least
            .iter()
            .zip(most)
            .map(|(&least, &most)| {
                if most < 0.0 {
                    1.0
                } else if least > 0.0 {
                    0.0
                } else {
                    0.5
                }
            })
            .collect();
        let mut counts = vec![0; wins.len()];
        let ci95 = bootstrap.percentile_interval(index, |generator| {
            draw_counts(generator, &mut counts);
            let sum: f64 = wins
                .iter()
                .zip(&counts)
                .map(|(win, &count)| win * count as f64)
                .sum();
            sum / wins.len() as f64
        });
        Self {
            difference: bootstrap.interquartile_mean_between(least, most, index),
            probability_of_improvement: Share {
                value: super::mean(&wins),
                ci95,
            },
        }
    }
}

/// NaN counts as +∞, the worst there is where smaller is better.
pub(super) const fn worst_if_nan(value: f64) -> f64 {
    if value.is_nan() { f64::INFINITY } else { value }
}

/// `a − b`, where NaN counts as +∞ and equal infinities differ by nothing.
fn difference(a: f64, b: f64) -> f64 {
    let (a, b) = (worst_if_nan(a), worst_if_nan(b));
    if a == b { 0.0 } else { a - b }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOTSTRAP: Bootstrap = Bootstrap::new(9);

    #[test]
    fn pairs_by_hand() {
        // Differences: −3, −1, 0, 1, −10, −2, −4, −5; the middle four of the order are −4, −3, −2, −1.
        let second = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0];
        let first = [7.0, 19.0, 30.0, 41.0, 40.0, 58.0, 66.0, 75.0];
        let result = PairedComparison::of(&first, &second, &BOOTSTRAP, 0).unwrap();
        assert_eq!(result.difference.iqm, -2.5);
        assert_eq!(result.probability_of_improvement.value, 6.5 / 8.0);
        let [low, high] = result.probability_of_improvement.ci95;
        assert!(
            0.4 < low && low < 6.5 / 8.0 && 6.5 / 8.0 < high && high <= 1.0,
            "{low} {high}"
        );
    }

    #[test]
    fn pairing_sees_what_two_intervals_hide() {
        // The starts spread over hundreds of steps; the first method is always about five steps faster.
        let second: Vec<f64> = (0..32)
            .map(|start| f64::from(100 + 37 * start % 400))
            .collect();
        let first: Vec<f64> = second
            .iter()
            .enumerate()
            .map(|(start, value)| value - 5.0 - (start % 3) as f64)
            .collect();
        let alone = [&first, &second].map(|values| BOOTSTRAP.interquartile_mean(values, 0).ci95);
        assert!(
            alone[0][1] > alone[1][0],
            "the intervals overlap: {alone:?}"
        );
        let paired = PairedComparison::of(&first, &second, &BOOTSTRAP, 0).unwrap();
        assert!(paired.difference.ci95[1] < -5.0, "{paired:?}");
        assert_eq!(
            paired.probability_of_improvement,
            Share {
                value: 1.0,
                ci95: [1.0, 1.0]
            }
        );
    }

    #[test]
    fn a_diverged_start_is_a_loss_and_two_are_a_tie() {
        let result = PairedComparison::of(
            &[1.0, f64::NAN, f64::NAN, 1.0],
            &[f64::NAN, f64::INFINITY, 1.0, 2.0],
            &BOOTSTRAP,
            0,
        )
        .unwrap();
        assert_eq!(result.probability_of_improvement.value, 2.5 / 4.0);
        // −∞ and +∞ are cut; 0 and −1 stay.
        assert_eq!(result.difference.iqm, -0.5);
    }

    #[test]
    fn what_is_known_only_as_a_bound_gives_a_bound() {
        // Five of eight starts are better by 100; of the others, it is only known that they are better by more than 50.
        let mut most = vec![-100.0; 5];
        most.extend([-50.0; 3]);
        let mut least = vec![-100.0; 5];
        least.extend([f64::NEG_INFINITY; 3]);
        let result = PairedComparison::between(&least, &most, &BOOTSTRAP, 0);
        assert!(result.difference.iqm.is_nan());
        assert_eq!(result.difference.ci95[0], f64::NEG_INFINITY);
        assert!((-100.0..=-50.0).contains(&result.difference.ci95[1]));
        assert_eq!(result.probability_of_improvement.value, 1.0);
        // Nothing known of half of them: nothing can be said.
        let unknown = PairedComparison::between(
            &[f64::NEG_INFINITY, f64::NEG_INFINITY, -1.0, -1.0],
            &[f64::INFINITY, f64::INFINITY, -1.0, -1.0],
            &BOOTSTRAP,
            0,
        );
        let [low, high] = unknown.difference.ci95;
        assert!(low == f64::NEG_INFINITY && high == f64::INFINITY);
        assert_eq!(unknown.probability_of_improvement.value, 0.75);
    }

    #[test]
    fn lists_of_different_lengths_are_refused_and_empty_ones_are_unknown() {
        let error = PairedComparison::of(&[1.0], &[], &BOOTSTRAP, 0).unwrap_err();
        assert_eq!(
            error,
            UnpairedError {
                first: 1,
                second: 0
            }
        );
        assert!(error.to_string().contains("1 results against 0"));
        let empty = PairedComparison::of(&[], &[], &BOOTSTRAP, 0).unwrap();
        assert!(empty.difference.iqm.is_nan() && empty.probability_of_improvement.value.is_nan());
    }
}
