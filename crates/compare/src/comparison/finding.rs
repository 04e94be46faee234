//! A finding of the verdict: how the controller stands against one method in one measure.

use super::Role;
use descender_statistics::Estimate;
use serde::Serialize;

/// With fewer starts, no method is told apart from another. Five starts of equal methods all go the same way by chance
/// with probability 1/16 (sign test), which is above 5 %; six do with probability 1/32.
pub const MINIMUM_STARTS: u64 = 6;

/// The controller against one method in one measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The method.
    pub name: String,
    /// Its role in the comparison.
    pub role: Role,
    /// How the controller compares with it.
    pub standing: Standing,
    /// Controller − method, start by start; `None` if no pairs are known.
    pub difference: Option<Estimate>,
}

/// How the controller compares with a method in a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The interval lies on the controller's side.
    Better,
    /// The interval contains 0, is not known, or rests on too few starts.
    NotToldApart,
    /// The interval lies on the method's side.
    Worse,
}

/// The side of 0 on which an interval of controller − method lies, where smaller is better. An end that is not known is
/// NaN or infinite.
pub(super) fn side([low, high]: [f64; 2]) -> Standing {
    if high < 0.0 {
        Standing::Better
    } else if low > 0.0 {
        Standing::Worse
    } else {
        Standing::NotToldApart
    }
}
