//! The paper's observation: 18 features of the descent (Zhu, Hayashi, Ohsawa, section 4).
//!
//! The paper names the features and their groups. The split of the gradient group and every scaling are ours:
//! the paper feeds raw numbers, which a small network cannot digest, because their sizes differ by six orders.

use descender_optim::{Feedback, HyperParameters, StepStatistics};
use serde::{Deserialize, Serialize};

use super::registry::BuiltInObservation;
use super::scale::{bounded, finite_loss, learning_rate, log_magnitude, log_time, ratio};
use super::{Observation, state};
use crate::{RestoreError, SettingsError};

/// The paper's 18 features, with our scaling. Before the first step all are 0, except η.
///
/// | number | feature | formula |
/// |---|---|---|
/// | 1 | `total_steps` | ln(1 + t) / ln(1 + `total_steps`) |
/// | 2 | `loss_maximum` | ln(largest loss so far) / 2 |
/// | 3 | `loss_minimum` | ln(smallest loss so far) / 2 |
/// | 4 | `loss_previous` | ln(loss of the last step) / 2 |
/// | 5 | `loss_change` | ln(loss of the last step / loss of the step before) |
/// | 6 | `parameters_increased` | 2·(number that increased) / n − 1, n = largest number seen to change in one step |
/// | 7 | `parameters_decreased` | 2·(number that decreased) / n − 1 |
/// | 8 | `parameters_relative_change` | (ln(Σ\|Δθ\| / Σ\|θ\|) + 6) / 3 |
/// | 9–11 | `gradient_mean_1…3` | mean of g / mean of \|g\|, in the last step, the one before, and the one before that |
/// | 12–14 | `gradient_mean_absolute_1…3` | (ln(mean of \|g\|) + 7) / 3, in the same steps |
/// | 15 | `gradient_sum_positive` | ln(sum of the positive entries of g) / 3 |
/// | 16 | `gradient_sum_negative` | ln(−sum of the negative entries of g) / 3 |
/// | 17 | `loss_decrease_length` | ln(1 + number of steps for which the loss has been decreasing) |
/// | 18 | `learning_rate` | ln(η / 0.03) / 2 |
///
/// Two readings are ours. The paper's "average relative change" of feature 8 is a ratio of sums, as a mean of the
/// parameters' own ratios would be ruled by those near zero
/// ([`relative_change`](descender_optim::StepStatistics::relative_change)). Features 6 and 7 are shares, as raw
/// counts grow with the network; their n is the largest number seen to change in one step rather than the number
/// of parameters, so that parameters whose gradient is always zero don't count, and an observer needn't be told
/// the network's size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaperObservationSettings {
    /// Steps at which the first feature is 1. Default 2500, the paper's ten epochs of 250 steps.
    pub total_steps: f32,
}

impl Default for PaperObservationSettings {
    fn default() -> Self {
        PaperObservationSettings {
            total_steps: 2500.0,
        }
    }
}

impl BuiltInObservation for PaperObservationSettings {
    const NAME: &'static str = "paper";
    const DESCRIPTION: &'static str =
        "the paper's 18 features of loss, parameters, gradient and learning rate, scaled";
    fn features() -> &'static [&'static str] {
        &[
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
        ]
    }

    fn check(&self) -> Result<(), SettingsError> {
        SettingsError::check_steps("total_steps", self.total_steps)
    }

    fn total_steps(&self) -> Option<f32> {
        Some(self.total_steps)
    }

    fn pace(&mut self, total_steps: f32) {
        self.total_steps = total_steps;
    }

    fn start(&self) -> Box<dyn Observation> {
        Box::new(PaperObservation::new(*self))
    }
}

/// Mean and mean absolute value of one step's gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct GradientMeans {
    mean: f32,
    mean_absolute: f32,
}

/// What the 18 features need to remember of a descent: a few numbers, whatever its length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct PaperObservation {
    settings: PaperObservationSettings,
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

impl PaperObservation {
    fn new(settings: PaperObservationSettings) -> Self {
        PaperObservation {
            settings,
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
}

impl Observation for PaperObservation {
    fn name(&self) -> &str {
        PaperObservationSettings::NAME
    }

    fn feature_names(&self) -> Vec<&str> {
        PaperObservationSettings::features().to_vec()
    }

    fn total_steps(&self) -> Option<f32> {
        Some(self.settings.total_steps)
    }

    fn reset(&mut self, mu: &HyperParameters) {
        *self = PaperObservation {
            learning_rate: mu.learning_rate,
            ..Self::new(self.settings)
        };
    }

    fn record(&mut self, feedback: &Feedback, mu: &HyperParameters) {
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
        self.learning_rate = mu.learning_rate;
        self.steps = self.steps.saturating_add(1);
    }

    fn note_action(&mut self, _before: &HyperParameters, after: &HyperParameters) {
        self.learning_rate = after.learning_rate;
    }

    fn write(&self, out: &mut [f32]) {
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
        out.copy_from_slice(&[
            log_time(self.steps, self.settings.total_steps),
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
