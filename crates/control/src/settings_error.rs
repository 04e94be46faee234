//! Why settings of the control cannot be used.

use descender_optim::OptimizerError;

use crate::NotBuiltIn;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// One field has a value outside its range.
    #[error("{field} = {value}: expected {expected}")]
    Field {
        /// The field's path inside the settings, for instance `bounds.lower`.
        field: String,
        /// The value found.
        value: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// The optimizer's settings cannot be used.
    #[error("optimizer")]
    Optimizer(#[source] OptimizerError),
    /// A schedule's settings cannot be used.
    #[error("{field}")]
    Schedule {
        /// The schedule's path inside the settings.
        field: String,
        /// What is wrong with it.
        #[source]
        error: OptimizerError,
    },
    /// A part is not built in, and its value is not there.
    #[error(transparent)]
    NotBuiltIn(#[from] NotBuiltIn),
}

impl SettingsError {
    /// `value` of `field` is not what was `expected`.
    pub(crate) fn field(
        field: impl Into<String>,
        value: impl std::fmt::Debug,
        expected: &'static str,
    ) -> Self {
        SettingsError::Field {
            field: field.into(),
            value: format!("{value:?}"),
            expected,
        }
    }

    /// `Ok` if `steps` is finite and at least 1.
    pub(crate) fn check_steps(field: &'static str, steps: f32) -> Result<(), Self> {
        if steps.is_finite() && steps >= 1.0 {
            Ok(())
        } else {
            Err(Self::field(
                field,
                steps,
                "a finite number of steps, 1 or more",
            ))
        }
    }

    /// The same error with the field's path placed under `section`: `lower` becomes `bounds.lower`.
    #[must_use]
    pub fn within(self, section: &str) -> Self {
        match self {
            SettingsError::Field {
                field,
                value,
                expected,
            } => SettingsError::Field {
                field: format!("{section}.{field}"),
                value,
                expected,
            },
            SettingsError::Schedule { field, error } => SettingsError::Schedule {
                field: format!("{section}.{field}"),
                error,
            },
            other => other,
        }
    }
}
