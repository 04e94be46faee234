//! The probe of a policy: the loss of a few examples of the selection data.

use descender_task::{Descent, Split};

/// Mean loss of so many selection examples; NaN where the descent has none. `losses` is room for them.
pub(crate) fn selection_probe(
    descent: &mut dyn Descent,
    examples: usize,
    losses: &mut Vec<f32>,
) -> f32 {
    if !descent.probe(Split::Selection, examples, losses) || losses.is_empty() {
        return f32::NAN;
    }
    let sum: f64 = losses.iter().map(|loss| f64::from(*loss)).sum();
    (sum / losses.len() as f64) as f32
}
