//! Spearman's rank correlation: how far two lists of values agree about what is better.

/// Spearman's ρ of two lists of the same length, in [−1, 1]. Equal values share the mean of their ranks. Where all values
/// of both lists are equal there is nothing to disagree about: 1. Where those of one are: 0.
pub(super) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let centred = |values: &[f64]| -> Vec<f64> {
        let middle = (values.len() as f64 - 1.0) / 2.0;
        ranks(values).iter().map(|rank| rank - middle).collect()
    };
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (a, b) = (centred(a), centred(b));
    let scale = (product(&a, &a), product(&b, &b));
    match (scale.0 > 0.0, scale.1 > 0.0) {
        (true, true) => product(&a, &b) / (scale.0 * scale.1).sqrt(),
        (false, false) => 1.0,
        _ => 0.0,
    }
}

/// The rank of each value, the smallest one's is 0.
fn ranks(values: &[f64]) -> Vec<f64> {
    let below = |value: f64| values.iter().filter(|other| **other < value).count();
    let equal = |value: f64| values.iter().filter(|other| **other == value).count();
    values
        .iter()
        .map(|&value| below(value) as f64 + (equal(value) as f64 - 1.0) / 2.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::correlation;

    #[test]
    fn it_is_spearman_s() {
        let up = [1.0, 2.0, 5.0, 9.0];
        assert_eq!(correlation(&up, &[2.0, 4.0, 4.5, 100.0]), 1.0);
        assert_eq!(correlation(&up, &[3.0, 2.0, 1.0, f64::NEG_INFINITY]), -1.0);
        // 1 − 6·Σd²/(n·(n² − 1)) with d = (1, −1, 0, 0).
        assert!((correlation(&up, &[2.0, 1.0, 5.0, 9.0]) - 0.8).abs() < 1e-12);
        // Ties share their ranks: scipy.stats.spearmanr gives the same.
        assert!((correlation(&up, &[1.0, 1.0, 3.0, 2.0]) - 0.737_864_787_372_621_6).abs() < 1e-12);
        assert_eq!(correlation(&[3.0; 4], &[7.0; 4]), 1.0);
        assert_eq!(correlation(&up, &[7.0; 4]), 0.0);
    }
}
