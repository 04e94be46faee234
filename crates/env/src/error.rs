//! What can go wrong with an environment: impossible settings, and a saved state that is not its own.

use descender_optim::OptimizerError;
use thiserror::Error;

/// A setting with an impossible value.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EnvironmentSettingsError {
    /// One setting has a value outside its range.
    #[error("{setting} = {value}: expected {expected}")]
    Field {
        /// The setting's name inside the environment's settings, as in the configuration file (`reward.tier2`).
        setting: &'static str,
        /// The value it has.
        value: String,
        /// What it may be.
        expected: String,
    },
    /// A setting of the control has an impossible value.
    #[error(transparent)]
    Control(descender_control::SettingsError),
}

impl From<descender_control::SettingsError> for EnvironmentSettingsError {
    /// The same error, with the setting's path inside the environment's settings.
    fn from(error: descender_control::SettingsError) -> Self {
        Self::Control(error.within("control"))
    }
}

impl EnvironmentSettingsError {
    pub(crate) fn new(
        setting: &'static str,
        value: impl std::fmt::Debug,
        expected: impl Into<String>,
    ) -> Self {
        Self::Field {
            setting,
            value: format!("{value:?}"),
            expected: expected.into(),
        }
    }
}

/// `Ok` if `condition` holds, else the error that names the setting, its value and what was expected.
pub(crate) fn require(
    condition: bool,
    setting: &'static str,
    value: impl std::fmt::Debug,
    expected: &str,
) -> Result<(), EnvironmentSettingsError> {
    if condition {
        Ok(())
    } else {
        Err(EnvironmentSettingsError::new(setting, value, expected))
    }
}

/// Why an environment could not be built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// The reward looks at something that the descents don't have.
    #[error("the reward `{reward}` needs {what}, which these descents don't have")]
    Incapable {
        /// The reward.
        reward: String,
        /// What it needs.
        what: &'static str,
    },
    /// A setting has an impossible value.
    #[error("a setting of the environment has an impossible value")]
    Settings(#[from] EnvironmentSettingsError),
    /// A setting of the controlled optimizer has an impossible value.
    #[error("a setting of the controlled optimizer has an impossible value")]
    Optimizer(#[from] OptimizerError),
}

/// Why a saved state was refused. The environment is as it was before, unless its descent says otherwise.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EnvironmentStateError {
    /// The bytes are no state of an environment, or they are cut short.
    #[error("these bytes are no saved state of an environment: {0}")]
    Unreadable(String),
    /// A state of an environment with other settings.
    #[error("the saved state's {what} does not fit this environment: expected {expected}")]
    Mismatch {
        /// What differs.
        what: &'static str,
        /// What this environment has.
        expected: String,
    },
    /// The control's part of the state belongs to another control.
    #[error(transparent)]
    Control(#[from] descender_control::RestoreError),
    /// The reward refused its part of the state.
    #[error(transparent)]
    Reward(descender_task::StateError),
    /// The descent refused its part of the state.
    #[error(transparent)]
    Descent(descender_task::StateError),
}
