//! Five features without units, found to be enough and steadier than many.
//!
//! They say where the descent is (smoothed loss, time), whether it is going well (fast against slow smoothed
//! loss), and what the controller is doing (η, the last action).

use descender_optim::{Feedback, HyperParameters};
use serde::{Deserialize, Serialize};

use super::scale::{bounded, finite_loss, learning_rate, log_time, ratio};
use super::smoothed::Smoothed;

/// Names of the five features, in their order.
pub(super) const FEATURES: [&str; 5] = [
    "learning_rate",
    "loss",
    "loss_trend",
    "total_steps",
    "last_action",
];

/// What the five features need to remember of a descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CompactObserver {
    total_steps: f32,
    fast_window: f32,
    slow_window: f32,
    /// The largest |ln-change of η| that one action can cause.
    action_unit: f32,
    steps: u64,
    fast: Smoothed,
    slow: Smoothed,
    learning_rate: f32,
    last_action: f32,
}

impl CompactObserver {
    pub(super) fn new(
        fast_window: f32,
        slow_window: f32,
        total_steps: f32,
        action_unit: f32,
    ) -> Self {
        CompactObserver {
            total_steps,
            fast_window,
            slow_window,
            action_unit,
            steps: 0,
            fast: Smoothed::new(fast_window),
            slow: Smoothed::new(slow_window),
            learning_rate: 0.0,
            last_action: 0.0,
        }
    }

    /// Whether both have the same settings.
    pub(super) fn observes_like(&self, other: &Self) -> bool {
        let settings = |of: &Self| {
            [
                of.total_steps,
                of.fast_window,
                of.slow_window,
                of.action_unit,
            ]
        };
        settings(self) == settings(other)
    }

    pub(super) fn reset(&mut self, hyper_parameters: &HyperParameters) {
        *self = CompactObserver {
            learning_rate: hyper_parameters.learning_rate,
            ..Self::new(
                self.fast_window,
                self.slow_window,
                self.total_steps,
                self.action_unit,
            )
        };
    }

    /// Becomes `kept`, but for the number of steps.
    pub(super) fn rewind(&mut self, kept: &Self) {
        *self = CompactObserver {
            steps: self.steps,
            ..kept.clone()
        };
    }

    pub(super) fn record(&mut self, feedback: &Feedback, hyper_parameters: &HyperParameters) {
        let loss = finite_loss(feedback.loss);
        self.fast.record(loss);
        self.slow.record(loss);
        self.learning_rate = hyper_parameters.learning_rate;
        self.steps = self.steps.saturating_add(1);
    }

    pub(super) fn note_action(&mut self, before: &HyperParameters, after: &HyperParameters) {
        self.learning_rate = after.learning_rate;
        self.last_action = ratio(
            (after.learning_rate / before.learning_rate).ln(),
            self.action_unit,
        );
    }

    pub(super) fn write(&self, out: &mut [f32; 5]) {
        let (fast, slow) = (self.fast.average(), self.slow.average());
        *out = [
            learning_rate(self.learning_rate),
            bounded(fast.ln() / 2.0),
            bounded((fast / slow).ln()),
            log_time(self.steps, self.total_steps),
            self.last_action,
        ];
    }
}
