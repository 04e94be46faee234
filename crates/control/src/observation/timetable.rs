//! The time as a choice of points between which a policy interpolates, and two features of the loss.
//!
//! A linear policy of these features is a schedule with a value of its own at each point of time, moved by the loss. The
//! four features of [`ProgressObservationSettings`](super::ProgressObservationSettings) leave it a straight line and a
//! logarithm.

use descender_optim::{Feedback, HyperParameters};
use serde::{Deserialize, Serialize};

use super::loss_averages::LossAverages;
use super::registry::BuiltInObservation;
use super::time_points::{POINTS, interpolate};
use super::{Observation, state};
use crate::{RestoreError, SettingsError};

/// Eight features without units, none of them of the controller's own doing: for anchored actions.
///
/// | number | feature | formula |
/// |---|---|---|
/// | 1 to 6 | `start`, `at_4`, `at_12`, `at_28`, `at_60`, `end` | 1 at that percentage of `total_steps`, 0 at its neighbours and beyond, linear between |
/// | 7 | `loss` | ln(slow) / 2, where fast and slow are exponential moving averages of the loss |
/// | 8 | `loss_trend` | ln(fast / slow): below 0 while the loss falls |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimetableObservationSettings {
    /// Window of the fast average in steps (the decay is 1 − 1/window), 1 or more. Default 10.
    pub fast_window: f32,
    /// Window of the slow average in steps, above the fast one. Default 50.
    pub slow_window: f32,
    /// Steps at which `end` is 1; it stays so. Default 2500.
    pub total_steps: f32,
}

impl Default for TimetableObservationSettings {
    fn default() -> Self {
        TimetableObservationSettings {
            fast_window: 10.0,
            slow_window: 50.0,
            total_steps: 2500.0,
        }
    }
}

impl BuiltInObservation for TimetableObservationSettings {
    const NAME: &'static str = "timetable";
    const DESCRIPTION: &'static str = "8 unit-less features: six points of time between which a policy interpolates, smoothed loss, its trend";
    fn features() -> &'static [&'static str] {
        &[
            "start",
            "at_4",
            "at_12",
            "at_28",
            "at_60",
            "end",
            "loss",
            "loss_trend",
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
        Box::new(TimetableObservation::new(*self))
    }
}

/// What the features need to remember of a descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct TimetableObservation {
    settings: TimetableObservationSettings,
    steps: u64,
    losses: LossAverages,
}

impl TimetableObservation {
    fn new(settings: TimetableObservationSettings) -> Self {
        TimetableObservation {
            settings,
            steps: 0,
            losses: LossAverages::new(settings.fast_window, settings.slow_window),
        }
    }
}

impl Observation for TimetableObservation {
    fn name(&self) -> &str {
        TimetableObservationSettings::NAME
    }

    fn feature_names(&self) -> Vec<&str> {
        TimetableObservationSettings::features().to_vec()
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
        let (points, rest) = out.split_at_mut(POINTS.len());
        interpolate(self.steps as f32 / self.settings.total_steps, points);
        rest.copy_from_slice(&[self.losses.slow_level(), self.losses.trend()]);
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
