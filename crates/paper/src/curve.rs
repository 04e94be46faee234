//! Curves as the figures' files keep them: thinned, with what the thinning left out as bounds.

use serde::{Deserialize, Serialize};

use descender_figure::{BandPoint, Series};
use descender_record::nullable_float;
use descender_statistics::{mean, quantile_of_sorted, sorted};

/// A curve over the steps of a descent, at most a few hundred points. Numbers that are not finite are `null`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// What it is a curve of.
    pub name: String,
    /// The steps, counted from 0.
    pub steps: Vec<u64>,
    /// The curve.
    #[serde(with = "nullable_float::list")]
    pub center: Vec<f32>,
    /// Its lower bound: of one descent the smallest value around the step, of several the 25 % quantile.
    #[serde(with = "nullable_float::list")]
    pub low: Vec<f32>,
    /// Its upper bound: of one descent the largest value around the step, of several the 75 % quantile.
    #[serde(with = "nullable_float::list")]
    pub high: Vec<f32>,
}

impl Curve {
    /// The curve of one descent: the steps are cut into groups of `length`, and each group gives its mean, its smallest
    /// and its largest value at its middle step. A group with a value that is not finite has none.
    pub(crate) fn of_descent(name: impl Into<String>, values: &[f32], length: usize) -> Self {
        let length = length.max(1);
        let mut curve = Self {
            name: name.into(),
            ..Self::default()
        };
        for (number, group) in values.chunks(length).enumerate() {
            let finite = group.iter().all(|value| value.is_finite());
            let number_or_nan = |value: f32| if finite { value } else { f32::NAN };
            let sum: f64 = group.iter().map(|value| f64::from(*value)).sum();
            curve.steps.push((number * length + group.len() / 2) as u64);
            curve
                .center
                .push(number_or_nan((sum / group.len() as f64) as f32));
            curve.low.push(number_or_nan(
                group.iter().copied().fold(f32::INFINITY, f32::min),
            ));
            curve.high.push(number_or_nan(
                group.iter().copied().fold(f32::NEG_INFINITY, f32::max),
            ));
        }
        curve
    }

    /// The curve of several descents: median and quartiles at `steps`, with `value(descent, step)` where there is one.
    pub(crate) fn of_descents(
        name: impl Into<String>,
        steps: &[u64],
        descents: usize,
        value: impl Fn(usize, usize) -> Option<f64>,
    ) -> Self {
        let mut curve = Self {
            name: name.into(),
            steps: steps.to_vec(),
            ..Self::default()
        };
        for position in 0..steps.len() {
            let values: Vec<f64> = (0..descents)
                .filter_map(|descent| value(descent, position))
                .collect();
            let values = sorted(&values);
            let quantile = |fraction| quantile_of_sorted(&values, fraction) as f32;
            curve.center.push(quantile(0.5));
            curve.low.push(quantile(0.25));
            curve.high.push(quantile(0.75));
        }
        curve
    }

    /// As a series of a line chart.
    pub(crate) fn series(&self, style: usize) -> Series {
        Series::line(self.name.clone(), self.points(), style)
    }

    /// As a series of a line chart, with its bounds as a band.
    pub(crate) fn series_with_band(&self, style: usize) -> Series {
        let bounds = self.low.iter().zip(&self.high);
        let band = self
            .steps
            .iter()
            .zip(bounds)
            .map(|(&step, (&low, &high))| BandPoint {
                x: step as f64,
                low: low.into(),
                high: high.into(),
            });
        self.series(style).with_band(band.collect())
    }

    fn points(&self) -> Vec<(f64, f64)> {
        let points = self.steps.iter().zip(&self.center);
        points
            .map(|(&step, &value)| (step as f64, value.into()))
            .collect()
    }
}

/// At most `most` of the steps `0..count`, evenly spread.
pub(crate) fn spread_steps(count: u64, most: u64) -> Vec<u64> {
    let stride = count.div_ceil(most.max(1)).max(1);
    (0..count).step_by(stride as usize).collect()
}

/// Mean of each run of `length` values; the rest at the end is left out, unless it is all there is.
pub(crate) fn window_means(values: &[f64], length: usize) -> Vec<f64> {
    if values.len() < length {
        return vec![mean(values)];
    }
    values.chunks_exact(length.max(1)).map(mean).collect()
}

/// How much a series fluctuates: the mean absolute difference between neighbours; NaN for less than two values.
pub(crate) fn fluctuation(values: &[f32]) -> f64 {
    let differences: Vec<f64> = values
        .windows(2)
        .map(|pair| (f64::from(pair[1]) - f64::from(pair[0])).abs())
        .collect();
    mean(&differences)
}

/// Of all movement of a series, the share that goes down: 1 for a monotone decrease; NaN for a series that stands.
pub(crate) fn downward_share(values: &[f64]) -> f64 {
    let (mut down, mut all) = (0.0, 0.0);
    for pair in values.windows(2) {
        let change = pair[1] - pair[0];
        down += (-change).max(0.0);
        all += change.abs();
    }
    down / all
}

/// The number, with NaN as the worst loss: what came back from JSON, or a descent that diverged.
pub(crate) fn loss_or_worst(loss: f64) -> f64 {
    if loss.is_nan() { f64::INFINITY } else { loss }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descents_curve_keeps_the_spikes_and_stops_where_the_numbers_do() {
        let mut values = vec![1.0_f32; 10];
        (values[3], values[9]) = (9.0, f32::NAN);
        let curve = Curve::of_descent("loss", &values, 4);
        assert_eq!(curve.steps, [2, 6, 9]);
        assert_eq!(
            (curve.center[0], curve.low[0], curve.high[0]),
            (3.0, 1.0, 9.0)
        );
        assert_eq!(curve.center[1], 1.0);
        assert!(curve.center[2].is_nan() && curve.high[2].is_nan());
        let text = serde_json::to_string(&curve).unwrap();
        assert!(text.contains(r#""high":[9.0,1.0,null]"#), "{text}");
    }

    #[test]
    fn measures_by_hand() {
        assert_eq!(fluctuation(&[1.0, 3.0, 2.0]), 1.5);
        assert!(fluctuation(&[1.0]).is_nan());
        assert_eq!(downward_share(&[4.0, 1.0, 2.0, 1.0]), 0.8);
        assert_eq!(window_means(&[1.0, 3.0, 5.0, 7.0, 9.0], 2), [2.0, 6.0]);
        assert_eq!(window_means(&[1.0, 3.0], 5), [2.0]);
        assert_eq!(spread_steps(7, 3), [0, 3, 6]);
        assert_eq!(spread_steps(3, 500), [0, 1, 2]);
        assert!(spread_steps(0, 3).is_empty());
    }

    #[test]
    fn several_descents_give_median_and_quartiles_of_those_that_are_left() {
        let descents = [vec![1.0, 1.0], vec![2.0], vec![3.0, 5.0]];
        let curve = Curve::of_descents("η", &[0, 1], 3, |descent, step| {
            descents[descent].get(step).copied()
        });
        assert_eq!(
            (curve.center[0], curve.low[0], curve.high[0]),
            (2.0, 1.5, 2.5)
        );
        assert_eq!((curve.center[1], curve.high[1]), (3.0, 4.0));
    }
}
