//! The probability of improvement as rliable defines it: any run of one method against any run of the other.
//!
//! Within each task it is P(X < Y) + ½ P(X = Y) over all pairs of a run of X and a run of Y (where smaller is better),
//! the Mann–Whitney statistic divided by the number of pairs; over several tasks, the mean. The two methods are
//! resampled independently, within each task, so they need not have equally many runs, and the runs need not be paired.
//!
//! [`PairedComparison`](super::PairedComparison) answers another question: how often X is better *from the same start*.
//! If start points differ more than methods do, this probability is near a half, while the paired one may be 1.
//!
//! Source: R. Agarwal et al. (2021), section 4.3.

use super::aggregate::Better;
use super::paired::worst_if_nan;
use super::stratified::draw_strata;
use super::{Bootstrap, Interval, sorted};
use thiserror::Error;

/// Two methods that were not run on the same number of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "probability of improvement: {first} tasks against {second}; expected the same tasks for both methods"
)]
#[non_exhaustive]
pub struct TasksError {
    /// The number of tasks of the first method.
    pub first: usize,
    /// The number of tasks of the second method.
    pub second: usize,
}

impl Bootstrap {
    /// The probability that a run of `first` is better than a run of `second` of the same task, a tie counting half,
    /// averaged over the tasks, with its 95 % interval. Each method has one list of results for each task.
    ///
    /// A result that is NaN is the worst there is, in either direction. A task without runs gives NaN.
    ///
    /// ```
    /// use descender_statistics::{Better, Bootstrap};
    /// // Of six pairs four are won and one is a tie.
    /// let share = Bootstrap::new(1)
    ///     .probability_over_all_pairs(&[[1.0, 3.0]], &[[2.0, 3.0, 4.0]], Better::Smaller, 0)?;
    /// assert_eq!(share.value, 4.5 / 6.0);
    /// # Ok::<(), descender_statistics::all_pairs::TasksError>(())
    /// ```
    ///
    /// # Errors
    /// [`TasksError`] when the two have different numbers of tasks.
    pub fn probability_over_all_pairs<X: AsRef<[f64]>, Y: AsRef<[f64]>>(
        &self,
        first: &[X],
        second: &[Y],
        better: Better,
        index: u64,
    ) -> Result<Interval, TasksError> {
        if first.len() != second.len() {
            return Err(TasksError {
                first: first.len(),
                second: second.len(),
            });
        }
        let tasks: Vec<Duel> = first
            .iter()
            .zip(second)
            .map(|(first, second)| Duel::new(first.as_ref(), second.as_ref(), better))
            .collect();
        let sizes: Vec<[usize; 2]> = tasks
            .iter()
            .map(|task| [task.won.len(), task.second])
            .collect();
        let mut counts: Vec<[Vec<usize>; 2]> = sizes
            .iter()
            .map(|size| size.map(|size| vec![1; size]))
            .collect();
        let value = mean_share(&tasks, &counts);
        let ci95 = self.percentile_interval(index, |generator| {
            for counts in counts.iter_mut().flatten() {
                let size = counts.len();
                draw_strata(generator, &[size], counts);
            }
            mean_share(&tasks, &counts)
        });
        Ok(Interval { value, ci95 })
    }
}

fn mean_share(tasks: &[Duel], counts: &[[Vec<usize>; 2]]) -> f64 {
    let sum: f64 = tasks
        .iter()
        .zip(counts)
        .map(|(task, [first, second])| task.share(first, second))
        .sum();
    sum / tasks.len() as f64
}

/// The runs of two methods on one task.
struct Duel {
    /// For each run of the first method, in rising order: the runs of the second, in rising order, from which on it wins,
    /// after those with which it ties.
    won: Vec<(usize, usize)>,
    /// The number of runs of the second method.
    second: usize,
}

impl Duel {
    fn new(first: &[f64], second: &[f64], better: Better) -> Self {
        // Where larger is better, the negative is a measure where smaller is, and NaN is the worst in both.
        let towards_smaller = |values: &[f64]| -> Vec<f64> {
            let values: Vec<f64> = values
                .iter()
                .map(|&value| {
                    worst_if_nan(match better {
                        Better::Smaller => value,
                        Better::Larger => -value,
                    })
                })
                .collect();
            sorted(&values)
        };
        let (first, second) = (towards_smaller(first), towards_smaller(second));
        Self {
            won: first
                .iter()
                .map(|value| {
                    (
                        second.partition_point(|other| other < value),
                        second.partition_point(|other| other <= value),
                    )
                })
                .collect(),
            second: second.len(),
        }
    }

    /// The share of pairs that the first method wins when its run i came `first[i]` times, and so for the second.
    fn share(&self, first: &[usize], second: &[usize]) -> f64 {
        let mut before = Vec::with_capacity(self.second + 1);
        let mut sum = 0;
        before.push(0);
        for count in second {
            sum += count;
            before.push(sum);
        }
        // In halves, so that the sum is exact.
        let halves: usize = self
            .won
            .iter()
            .zip(first)
            .map(|(&(tie, win), &count)| count * ((sum - before[tie]) + (sum - before[win])))
            .sum();
        let pairs = sum * first.iter().sum::<usize>();
        halves as f64 / (2 * pairs) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOOTSTRAP: Bootstrap = Bootstrap {
        seed: 2,
        resamples: 50,
    };

    fn share(first: &[Vec<f64>], second: &[Vec<f64>], better: Better) -> f64 {
        BOOTSTRAP
            .probability_over_all_pairs(first, second, better, 0)
            .unwrap()
            .value
    }

    #[test]
    fn tasks_weigh_alike_whatever_their_number_of_runs() {
        let first = [vec![1.0], vec![5.0, 6.0, 7.0]];
        let second = [vec![2.0, 2.0], vec![5.0]];
        assert_eq!(
            share(&first, &second, Better::Smaller),
            f64::midpoint(1.0, 0.5 / 3.0)
        );
        assert_eq!(
            share(&first, &second, Better::Larger),
            f64::midpoint(0.0, 2.5 / 3.0)
        );
    }

    #[test]
    fn a_diverged_run_loses_in_both_directions() {
        for better in [Better::Smaller, Better::Larger] {
            assert_eq!(share(&[vec![f64::NAN]], &[vec![1.0]], better), 0.0);
            assert_eq!(share(&[vec![1.0]], &[vec![f64::NAN]], better), 1.0);
            assert_eq!(share(&[vec![f64::NAN]], &[vec![f64::NAN]], better), 0.5);
        }
    }

    #[test]
    fn other_tasks_are_refused_and_no_runs_are_unknown() {
        let error = BOOTSTRAP
            .probability_over_all_pairs(&[[1.0]], &[[1.0], [2.0]], Better::Smaller, 0)
            .unwrap_err();
        assert!(error.to_string().contains("1 tasks against 2"));
        assert!(share(&[vec![]], &[vec![1.0]], Better::Smaller).is_nan());
        assert!(share(&[], &[], Better::Smaller).is_nan());
    }

    fn runs() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(
            prop_oneof![3 => (0..6_i32).prop_map(f64::from), 1 => Just(f64::INFINITY)],
            1..9,
        )
    }

    proptest! {
        #[test]
        fn it_is_the_count_over_all_pairs_and_the_two_sides_add_up_to_one(
            tasks in prop::collection::vec((runs(), runs()), 1..4)
        ) {
            let (first, second): (Vec<_>, Vec<_>) = tasks.iter().cloned().unzip();
            let mut expected = 0.0;
            for (x, y) in &tasks {
                let mut won = 0.0;
                for a in x {
                    for b in y {
                        won += if a < b { 1.0 } else if a == b { 0.5 } else { 0.0 };
                    }
                }
                expected += won / (x.len() * y.len()) as f64;
            }
            expected /= tasks.len() as f64;
            let one = BOOTSTRAP.probability_over_all_pairs(&first, &second, Better::Smaller, 0).unwrap();
            prop_assert!((one.value - expected).abs() < 1e-12);
            prop_assert!(one.ci95.iter().all(|bound| (0.0..=1.0).contains(bound)));
            let other = share(&second, &first, Better::Smaller);
            prop_assert!((one.value + other - 1.0).abs() < 1e-12);
        }
    }
}
