//! When a gradient may be used: its norm, and the largest one that Adam can take.

/// The longest gradient that is used: Adam's second moment holds its square in f32, and a moment that overflows once
/// stops its parameter for good.
pub(crate) const LARGEST_NORM: f64 = 1e18;

/// The Euclidean norm; in f64, where the square of any finite entry is finite.
pub(crate) fn norm(values: &[f32]) -> f64 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut lanes = [0.0_f64; 8];
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += f64::from(value) * f64::from(value);
        }
    }
    let rest = rest
        .iter()
        .map(|&value| f64::from(value) * f64::from(value));
    (lanes.iter().sum::<f64>() + rest.sum::<f64>()).sqrt()
}
