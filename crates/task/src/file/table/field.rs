//! One field of a table: missing, a number, or the name of a category.

/// Whether nothing is known: an empty field, or a word for it.
pub(super) fn is_missing(field: &str) -> bool {
    ["", "?", "na", "n/a", "nan", "null", "none"]
        .iter()
        .any(|missing| field.eq_ignore_ascii_case(missing))
}

/// The category of a field: one for all that are missing, however that is written.
pub(super) fn category(field: &str) -> &str {
    if is_missing(field) { "" } else { field }
}

/// The finite number that is written there.
pub(super) fn number(field: &str) -> Option<f64> {
    let number = field.parse::<f64>().ok();
    number.filter(|number| number.is_finite())
}
