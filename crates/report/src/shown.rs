//! The order and the style in which methods are shown.

use descender_compare::comparison::{CONTROLLER, Comparison, MethodResult, Role};
use descender_figure::control;

/// The style index of each method, in their order: one for the controller, one for each rival, and those of negative
/// controls.
pub(super) fn styles(comparison: &Comparison) -> Vec<usize> {
    let (mut rivals, mut controls) = (0, 0);
    comparison
        .methods
        .iter()
        .map(|method| {
            if method.name == CONTROLLER {
                return 0;
            }
            if method.role == Role::Control {
                controls += 1;
                return control(controls - 1);
            }
            rivals += 1;
            rivals
        })
        .collect()
}

/// The style index of one method.
pub(super) fn style_of(comparison: &Comparison, method: &MethodResult) -> usize {
    let position = comparison
        .methods
        .iter()
        .position(|other| other.name == method.name);
    position.map_or(0, |position| styles(comparison)[position])
}

/// The positions of the methods with their style indices, as they are shown: negative controls last.
pub(super) fn shown_positions(comparison: &Comparison) -> Vec<(usize, usize)> {
    let mut positions: Vec<_> = styles(comparison).into_iter().enumerate().collect();
    positions.sort_by_key(|&(position, _)| comparison.methods[position].role == Role::Control);
    positions
}

/// The methods with their style indices, as they are shown.
pub(super) fn shown(comparison: &Comparison) -> Vec<(&MethodResult, usize)> {
    shown_positions(comparison)
        .into_iter()
        .map(|(position, style)| (&comparison.methods[position], style))
        .collect()
}
