//! What the bad ends of an episode earn, for every kind of reward.

use crate::EnvironmentSettingsError;
use crate::error::require;

/// Rewards of the step at which an episode ends badly, in place of the step's own.
///
/// Each kind of reward has these two among its settings, with defaults that suit its magnitudes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ending {
    /// η left its bounds and that ended the episode. 0 or less.
    pub out_of_bounds: f64,
    /// The descent diverged. 0 or less.
    pub divergence: f64,
}

impl Ending {
    pub(crate) fn check(self) -> Result<(), EnvironmentSettingsError> {
        check_penalty("reward.out_of_bounds", self.out_of_bounds)?;
        check_penalty("reward.divergence", self.divergence)
    }
}

/// Checks a reward that punishes.
pub(crate) fn check_penalty(
    setting: &'static str,
    value: f64,
) -> Result<(), EnvironmentSettingsError> {
    require(
        (-1e6..=0.0).contains(&value),
        setting,
        value,
        "a number from -1e6 to 0",
    )
}
