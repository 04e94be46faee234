//! Small calculations that several optimizers share.

/// a / b, and 0 where b is exactly 0.
#[inline(always)]
pub(crate) fn quotient(a: f32, b: f32) -> f32 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// 1 / weight, and 1 where nothing has been weighed (a controller may set b2 or a2 to 0).
pub(crate) fn reciprocal(weight: f64) -> f32 {
    if weight > 0.0 {
        (1.0 / weight) as f32
    } else {
        1.0
    }
}

/// Adam's correction sqrt(1 − β₂^t) / (1 − β₁^t) by the weights that P and Q hold; without a weight in Q, whose entries
/// are then 0, the denominator is 1.
pub(crate) fn bias_correction(first_weight: f64, second_weight: f64) -> f64 {
    let first = if first_weight > 0.0 {
        first_weight
    } else {
        1.0
    };
    second_weight.sqrt() / first
}

/// a · b in f64, where the product of two f32 is exact.
#[inline(always)]
pub(crate) fn product(a: f32, b: f32) -> f64 {
    f64::from(a) * f64::from(b)
}

/// The larger of an estimate and its successor, which may grow by a factor of at most `limit` (0: by any factor).
///
/// A successor that is not a number changes nothing.
pub(crate) fn grown(estimate: f64, successor: f64, limit: f64) -> f64 {
    let successor = if limit > 0.0 && successor > estimate * limit {
        estimate * limit
    } else {
        successor
    };
    if successor > estimate {
        successor
    } else {
        estimate
    }
}

/// Copies the parameters into a memory that is still empty.
pub(crate) fn keep(memory: &mut Vec<f32>, parameters: &[f32]) {
    if memory.is_empty() {
        memory.extend_from_slice(parameters);
    }
}
