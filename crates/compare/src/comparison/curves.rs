//! A method's mean curves over the start points: loss and learning rate against the step.

use descender_record::nullable_float;
use descender_statistics::{interquartile_mean, quantile_of_sorted, sorted};
use serde::{Deserialize, Serialize};

/// The curves of one method, all at the same steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// The step numbers, counted from 0.
    pub steps: Vec<u64>,
    /// The smoothed batch loss: interquartile mean over the starts, with the 25 % and 75 % quantiles.
    pub loss: Band,
    /// The learning rate η: median over the starts, with the 25 % and 75 % quantiles.
    pub learning_rate: Band,
}

/// A centre line between two bounds. Numbers that are not finite are `null` in JSON and read as NaN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// The centre at each step.
    #[serde(with = "nullable_float::list")]
    pub center: Vec<f32>,
    /// The lower bound at each step.
    #[serde(with = "nullable_float::list")]
    pub lower: Vec<f32>,
    /// The upper bound at each step.
    #[serde(with = "nullable_float::list")]
    pub upper: Vec<f32>,
}

impl Curves {
    /// The mean curves of `losses[start][step]` and `learning_rates[start][step]`.
    ///
    /// The loss of each start is first smoothed by the mean of its last `window` batch losses (fewer at the beginning;
    /// 0 counts as 1). At most `points` steps are kept, evenly spaced, including the first and the last. A descent that
    /// ended early has diverged: its missing losses, like NaN, count as the largest, and its missing learning rates are
    /// left out.
    #[must_use]
    pub fn of<L: AsRef<[f32]>>(
        losses: &[L],
        learning_rates: &[L],
        window: usize,
        points: usize,
    ) -> Self {
        let steps = kept_steps(longest(losses).max(longest(learning_rates)), points);
        let smoothed: Vec<Vec<f64>> = losses
            .iter()
            .map(|losses| trailing_mean(losses.as_ref(), window))
            .collect();
        let loss = Band::of(&steps, interquartile_mean, |step| {
            smoothed
                .iter()
                .map(|losses| losses.get(step).copied().unwrap_or(f64::INFINITY))
                .collect()
        });
        let learning_rate = Band::of(
            &steps,
            |sorted| quantile_of_sorted(sorted, 0.5),
            |step| {
                learning_rates
                    .iter()
                    .filter_map(|rates| rates.as_ref().get(step).map(|&rate| f64::from(rate)))
                    .collect()
            },
        );
        Self {
            steps: steps.into_iter().map(|step| step as u64).collect(),
            loss,
            learning_rate,
        }
    }
}

impl Band {
    /// The band of the values that `values` gives for each of `steps`: `center` of the sorted values, quartiles.
    fn of(
        steps: &[usize],
        center: impl Fn(&[f64]) -> f64,
        values: impl Fn(usize) -> Vec<f64>,
    ) -> Self {
        let mut band = Self::default();
        for &step in steps {
            let sorted = sorted(&values(step));
            band.center.push(finite_or_nan(center(&sorted)));
            band.lower
                .push(finite_or_nan(quantile_of_sorted(&sorted, 0.25)));
            band.upper
                .push(finite_or_nan(quantile_of_sorted(&sorted, 0.75)));
        }
        band
    }
}

/// The number, or NaN: the value that JSON gives back for anything that is not finite.
fn finite_or_nan(value: f64) -> f32 {
    let value = value as f32;
    if value.is_finite() { value } else { f32::NAN }
}

fn longest<L: AsRef<[f32]>>(series: &[L]) -> usize {
    series
        .iter()
        .map(|curve| curve.as_ref().len())
        .max()
        .unwrap_or(0)
}

/// At most `points` (at least 2) of the steps 0..count, evenly spaced, including the first and the last.
fn kept_steps(count: usize, points: usize) -> Vec<usize> {
    let points = points.max(2);
    if count <= points {
        return (0..count).collect();
    }
    (0..points)
        .map(|point| point * (count - 1) / (points - 1))
        .collect()
}

/// The mean of the last `window` values up to each. A value that is not finite makes every mean that contains it not
/// finite.
fn trailing_mean(values: &[f32], window: usize) -> Vec<f64> {
    let window = window.max(1);
    (0..values.len())
        .map(|index| {
            let recent = &values[(index + 1).saturating_sub(window)..=index];
            recent.iter().map(|&value| f64::from(value)).sum::<f64>() / recent.len() as f64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_by_hand() {
        let losses = [
            vec![4.0, 2.0, 0.0],
            vec![2.0, 2.0, 2.0],
            vec![0.0, 4.0, 8.0],
        ];
        let rates = [
            vec![0.1, 0.2, 0.3],
            vec![0.1, 0.4, 0.5],
            vec![0.1, 0.8, 0.5],
        ];
        let curves = Curves::of(&losses, &rates, 2, 100);
        assert_eq!(curves.steps, [0, 1, 2]);
        // Smoothed over two steps: 4 3 1, 2 2 2, 0 2 6; three values are averaged whole.
        assert_eq!(curves.loss.center, [2.0, 7.0 / 3.0, 3.0]);
        assert_eq!(curves.loss.lower, [1.0, 2.0, 1.5]);
        assert_eq!(curves.loss.upper, [3.0, 2.5, 4.0]);
        assert_eq!(curves.learning_rate.center, [0.1, 0.4, 0.5]);
    }

    #[test]
    fn long_curves_keep_their_ends() {
        let curves = Curves::of(
            &[(0..1001).map(|step| step as f32).collect::<Vec<f32>>()],
            &[],
            1,
            11,
        );
        assert_eq!(
            curves.steps,
            (0..11).map(|point| point * 100).collect::<Vec<_>>()
        );
        assert_eq!(curves.loss.center[10], 1000.0);
        assert!(curves.learning_rate.center.iter().all(|rate| rate.is_nan()));
        assert_eq!(Curves::of::<Vec<f32>>(&[], &[], 5, 10), Curves::default());
    }

    #[test]
    fn an_early_end_is_the_worst_loss() {
        // One of four starts diverged: it is cut with the best, and no bound is lost before a quarter.
        let losses = [vec![1.0, 1.0], vec![2.0, 2.0], vec![3.0, 3.0], vec![4.0]];
        let curves = Curves::of(&losses, &[], 1, 10);
        assert_eq!(curves.loss.center, [2.5, 2.5]);
        assert_eq!(curves.loss.lower, [1.75, 1.75]);
        assert!(curves.loss.upper[1].is_nan());
    }
}
