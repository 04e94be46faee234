//! Time to target: performance ratios, their profile, and AlgoPerf's score.
//!
//! Methods are given the same problems and a target, and are judged by how long they take. With t(m, i) the time of
//! method m on problem i (∞ if it never got there), the *performance ratio* is r(m, i) = t(m, i) / min over all methods
//! of t(·, i), at least 1; the *performance profile* of m is ρ(τ), the share of the problems with r(m, i) ≤ τ; and
//! AlgoPerf's *benchmark score* is the area under it, divided by the width:
//!
//! B(m) = 1/(r_max − 1) · ∫ ρ(τ) dτ from 1 to r_max, r_max = 4; in [0, 1], larger is better.
//!
//! Sources: G. E. Dahl et al., "Benchmarking Neural Network Training Algorithms" (2023), section 4.5 on scoring, and
//! AlgoPerf's documentation ("Benchmark score using performance profiles"); E. D. Dolan and J. J. Moré (2002) for the
//! profile. AlgoPerf's problems are workloads, its times are seconds to a validation target, and a workload with a
//! held-out variant that a method fails counts as never reached. In a comparison of this crate the problems are start
//! points of one task, the times are steps to the loss threshold, and there are no held-out variants: the formula is
//! AlgoPerf's, but the figures are not comparable with its leaderboard.
//!
//! ρ is a step function, so the integral is exact: each problem adds (r_max − r)/(r_max − 1), and nothing from r_max on.
//! (AlgoPerf's own program sums trapezoids over a grid of τ.) The score depends on the methods that are compared: a
//! better one among them lowers everyone else's.

use super::aggregate::{Better, weighted_mean};
use super::stratified::draw_strata;
use super::{Bootstrap, Interval, Profile};
use thiserror::Error;

/// The ratio r_max to which AlgoPerf integrates: a method that takes four times as long as the best scores 0.
pub const MAX_RATIO: f64 = 4.0;

/// The methods' times are not from the same problems.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "performance ratios: method {method} has {found} times; expected {expected}, as many as the first method"
)]
#[non_exhaustive]
pub struct RaggedTimesError {
    /// The position of the method.
    pub method: usize,
    /// The number of its times.
    pub found: usize,
    /// The number of the first method's times.
    pub expected: usize,
}

/// The performance ratios of `times[method][problem]`, in the same order.
///
/// A time must be above 0. ∞ and NaN stand for a problem that the method never solved: its ratio is ∞, and so are all
/// ratios of a problem that no method solved.
///
/// ```
/// use descender_statistics::performance_ratios;
/// let never = f64::INFINITY;
/// let ratios = performance_ratios(&[[100.0, 300.0, never], [200.0, 150.0, never]])?;
/// assert_eq!(ratios, [[1.0, 2.0, never], [2.0, 1.0, never]]);
/// # Ok::<(), descender_statistics::time_to_target::RaggedTimesError>(())
/// ```
///
/// # Errors
/// [`RaggedTimesError`] when the methods don't have equally many times.
pub fn performance_ratios<T: AsRef<[f64]>>(times: &[T]) -> Result<Vec<Vec<f64>>, RaggedTimesError> {
    let expected = times.first().map_or(0, |times| times.as_ref().len());
    for (method, times) in times.iter().enumerate() {
        let found = times.as_ref().len();
        if found != expected {
            return Err(RaggedTimesError {
                method,
                found,
                expected,
            });
        }
    }
    let best = best_times(times);
    Ok(times
        .iter()
        .map(|times| ratios_to(times.as_ref(), &best))
        .collect())
}

/// The best time of each problem among the methods of `times[method][problem]`; ∞ where no method solved it.
#[must_use]
pub fn best_times<T: AsRef<[f64]>>(times: &[T]) -> Vec<f64> {
    let problems = times.iter().map(|times| times.as_ref().len()).max();
    let of = |times: &T, problem: usize| times.as_ref().get(problem).copied();
    (0..problems.unwrap_or(0))
        .map(|problem| {
            // `f64::min` passes over NaN.
            let solved = times.iter().filter_map(|times| of(times, problem));
            solved.fold(f64::INFINITY, f64::min)
        })
        .collect()
}

/// The performance ratios of one method to the best times of each problem, which may be those of other methods. A
/// method that is better than the best has the ratio 1.
#[must_use]
pub fn ratios_to(times: &[f64], best: &[f64]) -> Vec<f64> {
    let ratio = |(&time, &best): (&f64, &f64)| {
        if time.is_nan() || time == f64::INFINITY {
            f64::INFINITY
        } else if time <= best {
            1.0
        } else {
            time / best
        }
    };
    times.iter().zip(best).map(ratio).collect()
}

/// What a problem with this ratio adds to the score: 1 for the best, falling to 0 at [`MAX_RATIO`].
fn credit(ratio: f64) -> f64 {
    if ratio.is_nan() {
        return 0.0;
    }
    ((MAX_RATIO - ratio) / (MAX_RATIO - 1.0)).clamp(0.0, 1.0)
}

impl Bootstrap {
    /// AlgoPerf's score of a method from its performance ratios, one list for each task, with the 95 % interval over
    /// resamples of the problems within each task. All problems have the same weight.
    ///
    /// The interval holds for these methods on other problems of the kind. Methods that are resampled under one
    /// `index` are resampled at the same problems. NaN without problems.
    ///
    /// ```
    /// use descender_statistics::Bootstrap;
    /// // Best, 2.5 times the best, never there: (1 + 0.5 + 0) / 3.
    /// let score = Bootstrap::new(1).algoperf_score(&[[1.0, 2.5, f64::INFINITY]], 0);
    /// assert_eq!(score.value, 0.5);
    /// ```
    #[must_use]
    pub fn algoperf_score<S: AsRef<[f64]>>(&self, ratios: &[S], index: u64) -> Interval {
        let sizes: Vec<usize> = ratios.iter().map(|ratios| ratios.as_ref().len()).collect();
        let credits: Vec<f64> = ratios
            .iter()
            .flat_map(|ratios| ratios.as_ref())
            .map(|&ratio| credit(ratio))
            .collect();
        let mut counts = vec![1; credits.len()];
        let value = weighted_mean(credits.iter().copied(), &counts);
        let ci95 = self.percentile_interval(index, |generator| {
            draw_strata(generator, &sizes, &mut counts);
            weighted_mean(credits.iter().copied(), &counts)
        });
        Interval { value, ci95 }
    }

    /// The performance profile ρ(τ) of a method from its performance ratios, one list for each task, at the levels τ.
    #[must_use]
    pub fn ratio_profile<S: AsRef<[f64]>>(
        &self,
        ratios: &[S],
        levels: &[f64],
        index: u64,
    ) -> Profile {
        self.profile(ratios, levels, Better::Smaller, index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEVER: f64 = f64::INFINITY;
    const BOOTSTRAP: Bootstrap = Bootstrap {
        seed: 3,
        resamples: 200,
    };

    fn score(ratios: &[f64]) -> f64 {
        BOOTSTRAP.algoperf_score(&[ratios], 0).value
    }

    #[test]
    fn ratios_and_scores_by_hand() {
        let times = [
            vec![100.0, 50.0, NEVER, 80.0],
            vec![250.0, 50.0, NEVER, NEVER],
            vec![400.0, 500.0, f64::NAN, 160.0],
        ];
        let ratios = performance_ratios(&times).unwrap();
        assert_eq!(ratios[0], [1.0, 1.0, NEVER, 1.0]);
        assert_eq!(ratios[1], [2.5, 1.0, NEVER, NEVER]);
        assert_eq!(ratios[2], [4.0, 10.0, NEVER, 2.0]);
        assert_eq!(score(&ratios[0]), 3.0 / 4.0);
        assert_eq!(score(&ratios[1]), (0.5 + 1.0) / 4.0);
        assert!((score(&ratios[2]) - (2.0 / 3.0) / 4.0).abs() < 1e-15);
        assert!(score(&[]).is_nan());
    }

    #[test]
    fn a_method_beside_the_reference_has_ratios_from_one_on() {
        let best = best_times(&[[100.0, 200.0, NEVER], [150.0, 50.0, f64::NAN]]);
        assert_eq!(best, [100.0, 50.0, NEVER]);
        let ratios = ratios_to(&[50.0, 100.0, 70.0], &best);
        assert_eq!(ratios, [1.0, 2.0, 1.0]);
        assert_eq!(ratios_to(&[NEVER, f64::NAN, NEVER], &best), [NEVER; 3]);
    }

    #[test]
    fn times_of_other_problems_are_refused() {
        let error = performance_ratios(&[vec![1.0], vec![1.0, 2.0]]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "performance ratios: method 1 has 2 times; expected 1, as many as the first method"
        );
        assert_eq!(performance_ratios::<Vec<f64>>(&[]).unwrap().len(), 0);
    }

    #[test]
    fn the_interval_covers_the_truth_about_as_often_as_it_says() {
        use descender_random::{ChaCha8Rng, unit};
        use rand::SeedableRng;
        // Ratios uniform in [1, 7]: half of them score, 0.5 on average.
        let mut generator = ChaCha8Rng::seed_from_u64(6);
        let (rounds, truth) = (500, 0.25);
        let held = (0..rounds)
            .filter(|&round| {
                let ratios: Vec<f64> = (0..32).map(|_| 1.0 + 6.0 * unit(&mut generator)).collect();
                let [low, high] = BOOTSTRAP.algoperf_score(&[ratios], round).ci95;
                low <= truth && truth <= high
            })
            .count();
        let share = held as f64 / rounds as f64;
        assert!((0.90..=0.985).contains(&share), "{share}");
    }

    fn time() -> impl Strategy<Value = f64> {
        prop_oneof![5 => (1..200_i32).prop_map(f64::from), 1 => Just(NEVER)]
    }

    fn all_times() -> impl Strategy<Value = Vec<Vec<f64>>> {
        (1..5_usize, 1..9_usize).prop_flat_map(|(methods, problems)| {
            prop::collection::vec(prop::collection::vec(time(), problems), methods)
        })
    }

    proptest! {
        #[test]
        fn the_score_is_the_area_under_the_profile(times in all_times()) {
            for ratios in performance_ratios(&times).unwrap() {
                prop_assert!(ratios.iter().all(|&ratio| ratio >= 1.0));
                // The midpoint rule on a fine grid: each step of ρ costs at most one cell.
                let cells = 3_000;
                let levels: Vec<f64> =
                    (0..cells).map(|cell| 1.0 + 3.0 * (f64::from(cell) + 0.5) / f64::from(cells)).collect();
                let once = Bootstrap { seed: 1, resamples: 1 };
                let profile = once.ratio_profile(&[&ratios], &levels, 0);
                let area = crate::mean(&profile.shares);
                let score = BOOTSTRAP.algoperf_score(&[&ratios], 0);
                prop_assert!((score.value - area).abs() <= 1.0 / f64::from(cells), "{} {area}", score.value);
                let [low, high] = score.ci95;
                prop_assert!(0.0 <= low && low <= score.value + 1e-12);
                prop_assert!(score.value - 1e-12 <= high && high <= 1.0 + 1e-12);
            }
        }

        #[test]
        fn who_is_always_best_scores_1_and_another_method_helps_nobody(times in all_times()) {
            let ratios = performance_ratios(&times).unwrap();
            // A method that always gets there, and before all others.
            let fastest: Vec<f64> = (0..times[0].len())
                .map(|problem| {
                    let best = times.iter().map(|times| times[problem]).fold(NEVER, f64::min);
                    if best.is_finite() { best } else { 300.0 }
                })
                .collect();
            let mut more = times.clone();
            more.push(fastest);
            let with_fastest = performance_ratios(&more).unwrap();
            prop_assert_eq!(score(with_fastest.last().unwrap()), 1.0);
            for (alone, together) in ratios.iter().zip(&with_fastest) {
                prop_assert!(score(together) <= score(alone) + 1e-12);
            }
            // Someone was best on every problem that was solved.
            let solved = (0..times[0].len())
                .filter(|&problem| times.iter().any(|times| times[problem].is_finite()));
            for problem in solved {
                prop_assert!(ratios.iter().any(|ratios| ratios[problem] == 1.0));
            }
        }
    }
}
