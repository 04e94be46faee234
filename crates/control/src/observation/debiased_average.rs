//! An exponential moving average without the bias towards its initial value 0, corrected as Adam's moments are.

use serde::{Deserialize, Serialize};

use super::scale::finite_loss;

/// The average and what it remembers:
/// m ← d·m + (1 − d)·x, w ← d·w + (1 − d), average = m / w with d = 1 − 1 / window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DebiasedAverage {
    decay: f32,
    sum: f32,
    weight: f32,
}

impl DebiasedAverage {
    pub(super) fn new(window: f32) -> Self {
        DebiasedAverage {
            decay: 1.0 - 1.0 / window,
            sum: 0.0,
            weight: 0.0,
        }
    }

    pub(super) fn record(&mut self, x: f32) {
        self.sum = self.decay * self.sum + (1.0 - self.decay) * x;
        self.weight = self.decay * self.weight + (1.0 - self.decay);
    }

    /// The average; 1 before the first value.
    pub(super) fn average(&self) -> f32 {
        if self.weight > 0.0 {
            finite_loss(self.sum / self.weight)
        } else {
            1.0
        }
    }
}
