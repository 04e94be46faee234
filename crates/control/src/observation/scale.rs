//! The scalings that observations share: they turn any number, finite or not, into a small finite one.

/// Losses are taken into [`LOSS_FLOOR`, `LOSS_CEILING`] before they enter an observation.
pub(super) const LOSS_FLOOR: f32 = 1e-6;
/// A loss that is not finite counts as this one.
pub(super) const LOSS_CEILING: f32 = 1e4;
/// Magnitudes (of gradients and of changes) are taken into [`MAGNITUDE_FLOOR`, `MAGNITUDE_CEILING`].
pub(super) const MAGNITUDE_FLOOR: f32 = 1e-12;
/// A magnitude that is not finite counts as this one.
pub(super) const MAGNITUDE_CEILING: f32 = 1e12;
/// No feature is further from 0 than this.
pub(super) const FEATURE_LIMIT: f32 = 10.0;
/// The learning rate at which the feature of η is 0, near the geometric mean of the paper's bounds.
const LEARNING_RATE_CENTRE: f32 = 0.03;

/// The loss in [1e-6, 1e4]; 1e4 if it is not finite (and 1e-6 if it is −∞).
pub(super) fn finite_loss(loss: f32) -> f32 {
    if loss.is_nan() {
        LOSS_CEILING
    } else {
        loss.clamp(LOSS_FLOOR, LOSS_CEILING)
    }
}

/// ln |x| with |x| taken into [1e-12, 1e12]; what is not a number counts as 1e12.
pub(super) fn log_magnitude(x: f32) -> f32 {
    if x.is_nan() {
        MAGNITUDE_CEILING.ln()
    } else {
        x.abs().clamp(MAGNITUDE_FLOOR, MAGNITUDE_CEILING).ln()
    }
}

/// a / b in [−1, 1] for |a| ≤ b; 0 where the ratio is not a number.
pub(super) fn ratio(a: f32, b: f32) -> f32 {
    let ratio = a / b;
    if ratio.is_nan() {
        0.0
    } else {
        ratio.clamp(-1.0, 1.0)
    }
}

/// ln(η / 0.03) / 2: −1.7 and 1.4 at the paper's bounds.
pub(super) fn learning_rate(learning_rate: f32) -> f32 {
    bounded((log_magnitude(learning_rate) - LEARNING_RATE_CENTRE.ln()) / 2.0)
}

/// ln(1 + steps) / ln(1 + total): 1 at the end of a descent of `total` steps.
pub(super) fn log_time(steps: u64, total: f32) -> f32 {
    bounded((steps as f32).ln_1p() / total.ln_1p())
}

/// `x` in [−10, 10]; 0 for what is not a number.
pub(super) fn bounded(x: f32) -> f32 {
    if x.is_nan() {
        0.0
    } else {
        x.clamp(-FEATURE_LIMIT, FEATURE_LIMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scaling_is_finite_for_every_number() {
        let numbers = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            1e-30,
            1e30,
            f32::MAX,
            f32::MIN,
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
        ];
        for a in numbers {
            assert!((LOSS_FLOOR..=LOSS_CEILING).contains(&finite_loss(a)));
            assert!(log_magnitude(a).is_finite());
            assert!(bounded(a).abs() <= FEATURE_LIMIT);
            assert!(learning_rate(a).abs() <= FEATURE_LIMIT);
            for b in numbers {
                assert!(ratio(a, b).abs() <= 1.0, "{a} / {b}");
            }
        }
        assert!(log_time(u64::MAX, 1.0).abs() <= FEATURE_LIMIT);
        assert_eq!(log_time(2500, 2500.0), 1.0);
    }
}
