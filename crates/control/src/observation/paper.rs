//! The paper's observation: 18 features of the descent (Zhu, Hayashi, Ohsawa, section 4).
//!
//! The paper names the features and their groups. The split of the gradient group and every scaling are ours:
//! the paper feeds raw numbers, which a small network cannot digest, because their sizes differ by six orders.

use descender_optim::{Feedback, HyperParameters, StepStatistics};
use serde::{Deserialize, Serialize};

use super::scale::{bounded, finite_loss, learning_rate, log_magnitude, log_time, ratio};

/// Names of the 18 features, in their order.
pub(super) const FEATURES: [&str; 18] = [
    "total_steps",
    "loss_maximum",
    "loss_minimum",
    "loss_previous",
    "loss_change",
    "parameters_increased",
    "parameters_decreased",
    "parameters_relative_change",
    "gradient_mean_1",
    "gradient_mean_2",
    "gradient_mean_3",
    "gradient_mean_absolute_1",
    "gradient_mean_absolute_2",
    "gradient_mean_absolute_3",
    "gradient_sum_positive",
    "gradient_sum_negative",
    "loss_decrease_length",
    "learning_rate",
];

/// Mean and mean absolute value of one step's gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct GradientMeans {
    mean: f32,
    mean_absolute: f32,
}

/// What the 18 features need to remember of a descent: a few numbers, whatever its length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PaperObserver {
    /// Steps after which the first feature is 1.
    total_steps: f32,
    steps: u64,
    /// Losses are stored finite, see `scale::finite_loss`.
    loss_maximum: f32,
    loss_minimum: f32,
    loss: f32,
    loss_before: f32,
    decrease_length: u32,
    /// The last three steps, newest first; a step that was not yet counts as a repetition of the first.
    gradients: [GradientMeans; 3],
    statistics: StepStatistics,
    /// The largest number of parameters seen to change in one step, 1 or more.
    parameters_changing: u64,
    learning_rate: f32,
}

impl PaperObserver {
    pub(super) fn new(total_steps: f32) -> Self {
        PaperObserver {
            total_steps,
            steps: 0,
            loss_maximum: 1.0,
            loss_minimum: 1.0,
            loss: 1.0,
            loss_before: 1.0,
            decrease_length: 0,
            gradients: [GradientMeans {
                mean: 0.0,
                mean_absolute: 1.0,
            }; 3],
            statistics: StepStatistics::default(),
            parameters_changing: 1,
            learning_rate: 0.0,
        }
    }

    /// Whether both have the same settings.
    pub(super) fn observes_like(&self, other: &Self) -> bool {
        self.total_steps == other.total_steps
    }

    pub(super) fn reset(&mut self, hyper_parameters: &HyperParameters) {
        *self = PaperObserver {
            learning_rate: hyper_parameters.learning_rate,
            ..Self::new(self.total_steps)
        };
    }

    /// Becomes `kept`, but for the number of steps.
    pub(super) fn rewind(&mut self, kept: &Self) {
        *self = PaperObserver {
            steps: self.steps,
            ..kept.clone()
        };
    }

    pub(super) fn record(&mut self, feedback: &Feedback, hyper_parameters: &HyperParameters) {
        let loss = finite_loss(feedback.loss);
        let statistics = feedback.statistics;
        let means = GradientMeans {
            mean: statistics.gradient_mean,
            mean_absolute: statistics.gradient_mean_absolute,
        };
        if self.steps == 0 {
            (
                self.loss_maximum,
                self.loss_minimum,
                self.loss,
                self.loss_before,
            ) = (loss, loss, loss, loss);
            self.gradients = [means; 3];
        } else {
            self.loss_before = self.loss;
            self.loss = loss;
            self.loss_maximum = self.loss_maximum.max(loss);
            self.loss_minimum = self.loss_minimum.min(loss);
            self.gradients = [means, self.gradients[0], self.gradients[1]];
        }
        self.decrease_length = if loss < self.loss_before {
            self.decrease_length.saturating_add(1)
        } else {
            0
        };
        let changing =
            u64::from(statistics.parameters_increased) + u64::from(statistics.parameters_decreased);
        self.parameters_changing = self.parameters_changing.max(changing);
        self.statistics = statistics;
        self.learning_rate = hyper_parameters.learning_rate;
        self.steps = self.steps.saturating_add(1);
    }

    pub(super) fn note_action(&mut self, after: &HyperParameters) {
        self.learning_rate = after.learning_rate;
    }

    pub(super) fn write(&self, out: &mut [f32; 18]) {
        if self.steps == 0 {
            out.fill(0.0);
            out[17] = learning_rate(self.learning_rate);
            return;
        }
        let changing = self.parameters_changing as f32;
        let signed_mean = |gradient: &GradientMeans| ratio(gradient.mean, gradient.mean_absolute);
        let size =
            |gradient: &GradientMeans| bounded((log_magnitude(gradient.mean_absolute) + 7.0) / 3.0);
        let [newest, second, third] = &self.gradients;
        *out = [
            log_time(self.steps, self.total_steps),
            bounded(self.loss_maximum.ln() / 2.0),
            bounded(self.loss_minimum.ln() / 2.0),
            bounded(self.loss.ln() / 2.0),
            bounded((self.loss / self.loss_before).ln()),
            2.0 * (self.statistics.parameters_increased as f32 / changing) - 1.0,
            2.0 * (self.statistics.parameters_decreased as f32 / changing) - 1.0,
            bounded((log_magnitude(self.statistics.relative_change) + 6.0) / 3.0),
            signed_mean(newest),
            signed_mean(second),
            signed_mean(third),
            size(newest),
            size(second),
            size(third),
            bounded(log_magnitude(self.statistics.gradient_sum_positive) / 3.0),
            bounded(log_magnitude(self.statistics.gradient_sum_negative) / 3.0),
            (self.decrease_length as f32).ln_1p(),
            learning_rate(self.learning_rate),
        ];
    }
}
