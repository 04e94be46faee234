//! Four features without units that say how far a descent has come, and nothing of what the controller did.
//!
//! For actions that place hyper-parameters anew at each decision: there η is no state of the control, and a feature of it
//! would only feed the policy its own last answer.

use descender_optim::{Feedback, HyperParameters};
use serde::{Deserialize, Serialize};

use super::loss_averages::LossAverages;
use super::registry::BuiltInObservation;
use super::scale::{bounded, log_time};
use super::{Observation, state};
use crate::{RestoreError, SettingsError};

/// Four features without units, none of them of the controller's own doing: for anchored actions.
///
/// | number | feature | formula |
/// |---|---|---|
/// | 1 | `loss` | ln(slow) / 2, where fast and slow are exponential moving averages of the loss |
/// | 2 | `loss_trend` | ln(fast / slow): below 0 while the loss falls |
/// | 3 | `log_time` | ln(1 + t) / ln(1 + `total_steps`) |
/// | 4 | `time` | t / `total_steps`: what remains of a known budget is 1 minus this |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProgressObservationSettings {
    /// Window of the fast average in steps (the decay is 1 − 1/window), 1 or more. Default 10.
    pub fast_window: f32,
    /// Window of the slow average in steps, above the fast one. Default 50.
    pub slow_window: f32,
    /// Steps at which the third and the fourth feature are 1. Default 2500.
    pub total_steps: f32,
}

impl Default for ProgressObservationSettings {
    fn default() -> Self {
        ProgressObservationSettings {
            fast_window: 10.0,
            slow_window: 50.0,
            total_steps: 2500.0,
        }
    }
}

impl BuiltInObservation for ProgressObservationSettings {
    const NAME: &'static str = "progress";
    const DESCRIPTION: &'static str = "4 unit-less features: smoothed loss, its trend, time on a logarithmic and on a linear scale";
    fn features() -> &'static [&'static str] {
        &["loss", "loss_trend", "log_time", "time"]
    }

    fn check(&self) -> Result<(), SettingsError> {
        LossAverages::check(self.fast_window, self.slow_window)?;
        SettingsError::check_steps("total_steps", self.total_steps)
    }

    fn total_steps(&self) -> Option<f32> {
        Some(self.total_steps)
    }

    fn pace(&mut self, total_steps: f32) {
        self.total_steps = total_steps;
    }

    fn start(&self) -> Box<dyn Observation> {
        Box::new(ProgressObservation::new(*self))
    }
}

/// What the four features need to remember of a descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ProgressObservation {
    settings: ProgressObservationSettings,
    steps: u64,
    losses: LossAverages,
}

impl ProgressObservation {
    fn new(settings: ProgressObservationSettings) -> Self {
        ProgressObservation {
            settings,
            steps: 0,
            losses: LossAverages::new(settings.fast_window, settings.slow_window),
        }
    }
}

impl Observation for ProgressObservation {
    fn name(&self) -> &str {
        ProgressObservationSettings::NAME
    }

    fn feature_names(&self) -> Vec<&str> {
        ProgressObservationSettings::features().to_vec()
    }

    fn total_steps(&self) -> Option<f32> {
        Some(self.settings.total_steps)
    }

    fn reset(&mut self, _mu: &HyperParameters) {
        *self = Self::new(self.settings);
    }

    fn record(&mut self, feedback: &Feedback, _mu: &HyperParameters) {
        self.losses.record(feedback.loss);
        self.steps = self.steps.saturating_add(1);
    }

    fn write(&self, out: &mut [f32]) {
        out.copy_from_slice(&[
            self.losses.slow_level(),
            self.losses.trend(),
            log_time(self.steps, self.settings.total_steps),
            bounded(self.steps as f32 / self.settings.total_steps),
        ]);
    }

    fn save(&self, out: &mut Vec<u8>) {
        state::save(self, out);
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let state: Self = state::read(state)?;
        if state.settings != self.settings {
            return Err(RestoreError::Observation);
        }
        *self = state;
        Ok(())
    }

    fn rewind(&mut self, kept: &[u8]) -> Result<(), RestoreError> {
        let steps = self.steps;
        self.restore(kept)?;
        self.steps = steps;
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Observation> {
        Box::new(self.clone())
    }
}
