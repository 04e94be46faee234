//! The moving average of the paper's figures.

/// The moving average over `window` neighbours, centred, as in the paper's figure 3: value i is the mean of the
/// values from `i − window/2` to `i − window/2 + window − 1`, as far as they exist and are finite.
///
/// NaN where the window holds no finite value. A window of 0 counts as 1.
#[must_use]
pub fn moving_average(values: &[f64], window: usize) -> Vec<f64> {
    let window = window.max(1);
    (0..values.len())
        .map(|index| {
            let first = index.saturating_sub(window / 2);
            let end = (index + window - window / 2).min(values.len());
            let (sum, count) = values[first..end]
                .iter()
                .filter(|value| value.is_finite())
                .fold((0.0, 0_usize), |(sum, count), value| {
                    (sum + value, count + 1)
                });
            sum / count as f64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_average_is_centred_and_skips_what_is_not_finite() {
        assert_eq!(
            moving_average(&[1.0, 2.0, 3.0, 4.0], 3),
            [1.5, 2.0, 3.0, 3.5]
        );
        assert_eq!(moving_average(&[1.0, f64::NAN, 3.0], 3), [1.0, 2.0, 3.0]);
        assert_eq!(moving_average(&[1.0, 5.0], 0), [1.0, 5.0]);
        // An even window looks one further back than forward.
        assert_eq!(moving_average(&[0.0, 2.0, 4.0], 2), [0.0, 1.0, 3.0]);
        assert!(moving_average(&[f64::NAN], 5)[0].is_nan());
        assert!(moving_average(&[], 5).is_empty());
    }
}
