//! Four features without units that say how far a descent has come, and nothing of what the controller did.
//!
//! For actions that place hyper-parameters anew at each decision: there η is no state of the control, and a feature of it
//! would only feed the policy its own last answer.

use descender_optim::Feedback;
use serde::{Deserialize, Serialize};

use super::scale::{bounded, finite_loss, log_time};
use super::smoothed::Smoothed;

/// Names of the four features, in their order.
pub(super) const FEATURES: [&str; 4] = ["loss", "loss_trend", "log_time", "time"];

/// What the four features need to remember of a descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ProgressObserver {
    total_steps: f32,
    fast_window: f32,
    slow_window: f32,
    steps: u64,
    fast: Smoothed,
    slow: Smoothed,
}

impl ProgressObserver {
    pub(super) fn new(fast_window: f32, slow_window: f32, total_steps: f32) -> Self {
        ProgressObserver {
            total_steps,
            fast_window,
            slow_window,
            steps: 0,
            fast: Smoothed::new(fast_window),
            slow: Smoothed::new(slow_window),
        }
    }

    /// Whether both have the same settings.
    pub(super) fn observes_like(&self, other: &Self) -> bool {
        let settings = |of: &Self| [of.total_steps, of.fast_window, of.slow_window];
        settings(self) == settings(other)
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new(self.fast_window, self.slow_window, self.total_steps);
    }

    /// Becomes `kept`, but for the number of steps.
    pub(super) fn rewind(&mut self, kept: &Self) {
        *self = ProgressObserver {
            steps: self.steps,
            ..kept.clone()
        };
    }

    pub(super) fn record(&mut self, feedback: &Feedback) {
        let loss = finite_loss(feedback.loss);
        self.fast.record(loss);
        self.slow.record(loss);
        self.steps = self.steps.saturating_add(1);
    }

    pub(super) fn write(&self, out: &mut [f32; 4]) {
        let (fast, slow) = (self.fast.average(), self.slow.average());
        *out = [
            bounded(slow.ln() / 2.0),
            bounded((fast / slow).ln()),
            log_time(self.steps, self.total_steps),
            bounded(self.steps as f32 / self.total_steps),
        ];
    }
}
