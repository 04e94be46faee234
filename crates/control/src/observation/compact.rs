//! Five features without units, found to be enough and steadier than many.
//!
//! They say where the descent is (smoothed loss, time), whether it is going well (fast against slow smoothed
//! loss), and what the controller is doing (η, the last action).

use descender_optim::{Feedback, HyperParameters};
use serde::{Deserialize, Serialize};

use super::loss_averages::LossAverages;
use super::registry::BuiltInObservation;
use super::scale::{learning_rate, log_time, ratio};
use super::{Observation, state};
use crate::{ActionDefinition, RestoreError, SettingsError};

/// Five features without units.
///
/// | number | feature | formula |
/// |---|---|---|
/// | 1 | `learning_rate` | ln(η / 0.03) / 2 |
/// | 2 | `loss` | ln(fast) / 2, where fast and slow are exponential moving averages of the loss |
/// | 3 | `loss_trend` | ln(fast / slow): below 0 while the loss falls |
/// | 4 | `total_steps` | ln(1 + t) / ln(1 + `total_steps`) |
/// | 5 | `last_action` | ln(η after / η before the last decision) / (the largest such change an action can cause) |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CompactObservationSettings {
    /// Window of the fast average in steps (the decay is 1 − 1/window), 1 or more. Default 10.
    pub fast_window: f32,
    /// Window of the slow average in steps, above the fast one. Default 50.
    pub slow_window: f32,
    /// Steps at which the fourth feature is 1. Default 2500.
    pub total_steps: f32,
}

impl Default for CompactObservationSettings {
    fn default() -> Self {
        CompactObservationSettings {
            fast_window: 10.0,
            slow_window: 50.0,
            total_steps: 2500.0,
        }
    }
}

impl BuiltInObservation for CompactObservationSettings {
    const NAME: &'static str = "compact";
    const DESCRIPTION: &'static str =
        "5 unit-less features: learning rate, smoothed loss, its trend, time, last action";
    fn features() -> &'static [&'static str] {
        &[
            "learning_rate",
            "loss",
            "loss_trend",
            "total_steps",
            "last_action",
        ]
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
        Box::new(CompactObservation::new(*self))
    }
}

/// What the five features need to remember of a descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct CompactObservation {
    settings: CompactObservationSettings,
    /// The largest |ln-change of η| that one action can cause.
    action_unit: f32,
    steps: u64,
    losses: LossAverages,
    learning_rate: f32,
    last_action: f32,
}

impl CompactObservation {
    fn new(settings: CompactObservationSettings) -> Self {
        CompactObservation {
            settings,
            action_unit: 1.0,
            steps: 0,
            losses: LossAverages::new(settings.fast_window, settings.slow_window),
            learning_rate: 0.0,
            last_action: 0.0,
        }
    }
}

impl Observation for CompactObservation {
    fn name(&self) -> &str {
        CompactObservationSettings::NAME
    }

    fn feature_names(&self) -> Vec<&str> {
        CompactObservationSettings::features().to_vec()
    }

    fn total_steps(&self) -> Option<f32> {
        Some(self.settings.total_steps)
    }

    fn prepare(&mut self, actions: &dyn ActionDefinition) {
        self.action_unit = actions.largest_log_change();
    }

    fn reset(&mut self, mu: &HyperParameters) {
        *self = CompactObservation {
            learning_rate: mu.learning_rate,
            action_unit: self.action_unit,
            ..Self::new(self.settings)
        };
    }

    fn record(&mut self, feedback: &Feedback, mu: &HyperParameters) {
        self.losses.record(feedback.loss);
        self.learning_rate = mu.learning_rate;
        self.steps = self.steps.saturating_add(1);
    }

    fn note_action(&mut self, before: &HyperParameters, after: &HyperParameters) {
        self.learning_rate = after.learning_rate;
        self.last_action = ratio(
            (after.learning_rate / before.learning_rate).ln(),
            self.action_unit,
        );
    }

    fn write(&self, out: &mut [f32]) {
        out.copy_from_slice(&[
            learning_rate(self.learning_rate),
            self.losses.fast_level(),
            self.losses.trend(),
            log_time(self.steps, self.settings.total_steps),
            self.last_action,
        ]);
    }

    fn save(&self, out: &mut Vec<u8>) {
        state::save(self, out);
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let state: Self = state::read(state)?;
        if state.settings != self.settings || state.action_unit != self.action_unit {
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
