//! Points of time between which a policy interpolates.

/// When a policy has values of its own, as shares of the steps of a descent. They are dense where a descent changes fast.
pub(super) const POINTS: [f32; 6] = [0.0, 0.04, 0.12, 0.28, 0.6, 1.0];
/// What they are called in the names of features.
pub(super) const POINT_NAMES: [&str; 6] = ["start", "at_4", "at_12", "at_28", "at_60", "end"];

/// The weights of the points at this share of the descent: they sum to 1.
pub(super) fn interpolate(share: f32, weights: &mut [f32]) {
    weights.fill(0.0);
    let next = POINTS.iter().position(|point| share < *point);
    match next {
        // At or beyond the end, or no number.
        None => weights[POINTS.len() - 1] = 1.0,
        Some(0) => weights[0] = 1.0,
        Some(next) => {
            let (before, after) = (POINTS[next - 1], POINTS[next]);
            let way = (share - before) / (after - before);
            (weights[next - 1], weights[next]) = (1.0 - way, way);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_a_point_or_between_two() {
        for (share, expected) in [
            (0.0, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
            (0.02, [0.5, 0.5, 0.0, 0.0, 0.0, 0.0]),
            (0.28, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
            (0.8, [0.0, 0.0, 0.0, 0.0, 0.5, 0.5]),
            (1.0, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
            (7.0, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        ] {
            let mut weights = [9.0; 6];
            interpolate(share, &mut weights);
            for (weight, expected) in weights.iter().zip(expected) {
                assert!((weight - expected).abs() < 1e-5, "{share}: {weights:?}");
            }
        }
    }
}
