//! What can be wrong with the settings of an optimizer or a schedule.

use thiserror::Error;

/// A setting, or the name of an optimizer or schedule, that cannot be used.
///
/// `owner` is what the setting belongs to, such as `optimizer "adam"`.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum OptimizerError {
    /// No optimizer or schedule of this name.
    #[error("no {kind} is called \"{name}\" (known: {known})")]
    UnknownName {
        /// "optimizer" or "schedule".
        kind: &'static str,
        /// The name that was asked for.
        name: String,
        /// The known names, separated by commas.
        known: String,
    },
    /// The optimizer or schedule has no setting of this name.
    #[error("{owner} has no setting \"{key}\" ({known})")]
    UnknownSetting {
        /// What was to be set.
        owner: String,
        /// The key that was asked for.
        key: String,
        /// The known keys in words.
        known: String,
    },
    /// The value is not a number, not one of the choices, or outside its range.
    #[error("{owner}: setting \"{key}\" is {value}, expected {expected}")]
    InvalidValue {
        /// What was to be set.
        owner: String,
        /// The setting.
        key: &'static str,
        /// The value as given.
        value: String,
        /// What would have been right.
        expected: String,
    },
    /// A stored optimizer whose moments do not fit its number of parameters.
    #[error("a stored optimizer of {parameters} parameters has a moment of {moment} entries")]
    StoredMoment {
        /// Number of parameters.
        parameters: usize,
        /// Entries of the moment that does not fit.
        moment: usize,
    },
}
