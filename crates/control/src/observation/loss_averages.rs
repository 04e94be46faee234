//! The fast and the slow average of the loss, which several observations watch.

use serde::{Deserialize, Serialize};

use super::debiased_average::DebiasedAverage;
use super::scale::{bounded, finite_loss};
use crate::SettingsError;

/// Two exponential moving averages of a descent's loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LossAverages {
    fast: DebiasedAverage,
    slow: DebiasedAverage,
}

impl LossAverages {
    /// Checks the settings `fast_window` and `slow_window`.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub(super) fn check(fast_window: f32, slow_window: f32) -> Result<(), SettingsError> {
        SettingsError::check_steps("fast_window", fast_window)?;
        SettingsError::check_steps("slow_window", slow_window)?;
        if slow_window <= fast_window {
            return Err(SettingsError::field(
                "slow_window",
                slow_window,
                "more steps than fast_window",
            ));
        }
        Ok(())
    }

    /// Before the first step.
    pub(super) fn new(fast_window: f32, slow_window: f32) -> Self {
        Self {
            fast: DebiasedAverage::new(fast_window),
            slow: DebiasedAverage::new(slow_window),
        }
    }

    pub(super) fn record(&mut self, loss: f32) {
        let loss = finite_loss(loss);
        self.fast.record(loss);
        self.slow.record(loss);
    }

    /// ln(fast) / 2.
    pub(super) fn fast_level(&self) -> f32 {
        bounded(self.fast.average().ln() / 2.0)
    }

    /// ln(slow) / 2.
    pub(super) fn slow_level(&self) -> f32 {
        bounded(self.slow.average().ln() / 2.0)
    }

    /// ln(fast / slow): below 0 while the loss falls.
    pub(super) fn trend(&self) -> f32 {
        bounded((self.fast.average() / self.slow.average()).ln())
    }
}
