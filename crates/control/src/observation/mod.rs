//! Observations: what a policy sees of a descent.
//!
//! An [`Observer`] is told the feedback of every step and remembers a few numbers; at a decision it writes its
//! features. No observer allocates after it is made, and every feature is finite and in [−10, 10] whatever the
//! feedback holds, so that a broken descent never breaks the policy.

mod compact;
mod paper;
mod progress;
mod scale;
mod smoothed;

use descender_optim::{Feedback, HyperParameters};
use serde::{Deserialize, Serialize};

use crate::{ActionSettings, SettingsError};
use compact::CompactObserver;
use paper::PaperObserver;
use progress::ProgressObserver;

/// Which observation, and its settings.
///
/// In the formulas, a loss L is first taken into [1e-6, 1e4] (1e4 where it is not finite) and a magnitude into
/// [1e-12, 1e12]; t counts the steps recorded; each feature is cut at ±10. These scalings are ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ObservationSettings {
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
    Paper {
        /// Steps at which the first feature is 1. Default 2500, the paper's ten epochs of 250 steps.
        #[serde(default = "default_total_steps")]
        total_steps: f32,
    },
    /// Five features without units.
    ///
    /// | number | feature | formula |
    /// |---|---|---|
    /// | 1 | `learning_rate` | ln(η / 0.03) / 2 |
    /// | 2 | `loss` | ln(fast) / 2, where fast and slow are exponential moving averages of the loss |
    /// | 3 | `loss_trend` | ln(fast / slow): below 0 while the loss falls |
    /// | 4 | `total_steps` | ln(1 + t) / ln(1 + `total_steps`) |
    /// | 5 | `last_action` | ln(η after / η before the last decision) / (the largest such change an action can cause) |
    Compact {
        /// Window of the fast average in steps (the decay is 1 − 1/window), 1 or more. Default 10.
        #[serde(default = "default_fast_window")]
        fast_window: f32,
        /// Window of the slow average in steps, above the fast one. Default 50.
        #[serde(default = "default_slow_window")]
        slow_window: f32,
        /// Steps at which the fourth feature is 1. Default 2500.
        #[serde(default = "default_total_steps")]
        total_steps: f32,
    },
    /// Four features without units, none of them of the controller's own doing: for anchored actions.
    ///
    /// | number | feature | formula |
    /// |---|---|---|
    /// | 1 | `loss` | ln(slow) / 2, where fast and slow are exponential moving averages of the loss |
    /// | 2 | `loss_trend` | ln(fast / slow): below 0 while the loss falls |
    /// | 3 | `log_time` | ln(1 + t) / ln(1 + `total_steps`) |
    /// | 4 | `time` | t / `total_steps`: what remains of a known budget is 1 minus this |
    Progress {
        /// Window of the fast average in steps (the decay is 1 − 1/window), 1 or more. Default 10.
        #[serde(default = "default_fast_window")]
        fast_window: f32,
        /// Window of the slow average in steps, above the fast one. Default 50.
        #[serde(default = "default_slow_window")]
        slow_window: f32,
        /// Steps at which the third and the fourth feature are 1. Default 2500.
        #[serde(default = "default_total_steps")]
        total_steps: f32,
    },
}

fn default_total_steps() -> f32 {
    2500.0
}

fn default_fast_window() -> f32 {
    10.0
}

fn default_slow_window() -> f32 {
    50.0
}

impl Default for ObservationSettings {
    fn default() -> Self {
        Self::paper()
    }
}

impl ObservationSettings {
    /// The paper's observation with default settings.
    #[must_use]
    pub fn paper() -> Self {
        ObservationSettings::Paper {
            total_steps: default_total_steps(),
        }
    }

    /// The compact observation with default settings.
    #[must_use]
    pub fn compact() -> Self {
        ObservationSettings::Compact {
            fast_window: default_fast_window(),
            slow_window: default_slow_window(),
            total_steps: default_total_steps(),
        }
    }

    /// Steps that the observation's measure of time is scaled to: the length of the descents that it was made for.
    #[must_use]
    pub fn total_steps(&self) -> f32 {
        match *self {
            ObservationSettings::Paper { total_steps }
            | ObservationSettings::Compact { total_steps, .. }
            | ObservationSettings::Progress { total_steps, .. } => total_steps,
        }
    }

    /// Name and one-line description of every observation.
    #[must_use]
    pub fn names() -> &'static [(&'static str, &'static str)] {
        &[
            (
                "paper",
                "the paper's 18 features of loss, parameters, gradient and learning rate, scaled",
            ),
            (
                "compact",
                "5 unit-less features: learning rate, smoothed loss, its trend, time, last action",
            ),
            (
                "progress",
                "4 unit-less features: smoothed loss, its trend, time on a logarithmic and on a linear scale",
            ),
        ]
    }

    /// Name of this observation.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            ObservationSettings::Paper { .. } => "paper",
            ObservationSettings::Compact { .. } => "compact",
            ObservationSettings::Progress { .. } => "progress",
        }
    }

    /// Names of the features, in the order in which they are written.
    #[must_use]
    pub fn feature_names(&self) -> &'static [&'static str] {
        match self {
            ObservationSettings::Paper { .. } => &paper::FEATURES,
            ObservationSettings::Compact { .. } => &compact::FEATURES,
            ObservationSettings::Progress { .. } => &progress::FEATURES,
        }
    }

    /// Checks every field.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn check(&self) -> Result<(), SettingsError> {
        match *self {
            ObservationSettings::Paper { total_steps } => {
                check_at_least_one("total_steps", total_steps)
            }
            ObservationSettings::Compact {
                fast_window,
                slow_window,
                total_steps,
            }
            | ObservationSettings::Progress {
                fast_window,
                slow_window,
                total_steps,
            } => {
                check_at_least_one("fast_window", fast_window)?;
                check_at_least_one("slow_window", slow_window)?;
                if slow_window <= fast_window {
                    return Err(SettingsError::field(
                        "slow_window",
                        slow_window,
                        "more steps than fast_window",
                    ));
                }
                check_at_least_one("total_steps", total_steps)
            }
        }
    }
}

fn check_at_least_one(field: &'static str, steps: f32) -> Result<(), SettingsError> {
    if steps.is_finite() && steps >= 1.0 {
        Ok(())
    } else {
        Err(SettingsError::field(
            field,
            steps,
            "a finite number of steps, 1 or more",
        ))
    }
}

/// Remembers what an observation needs of the descent so far, and writes the features.
///
/// Its serde form is its whole state: an observer that was saved and read back writes the same bits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observer(Kind);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Paper(PaperObserver),
    Compact(CompactObserver),
    Progress(ProgressObserver),
}

impl Observer {
    /// An observer for descents under `action`, as before the first step.
    ///
    /// # Errors
    /// If a setting cannot be used.
    pub fn new(
        settings: &ObservationSettings,
        action: &ActionSettings,
    ) -> Result<Self, SettingsError> {
        settings.check()?;
        action.check()?;
        Ok(Observer(match *settings {
            ObservationSettings::Paper { total_steps } => {
                Kind::Paper(PaperObserver::new(total_steps))
            }
            ObservationSettings::Compact {
                fast_window,
                slow_window,
                total_steps,
            } => Kind::Compact(CompactObserver::new(
                fast_window,
                slow_window,
                total_steps,
                action.largest_log_change(),
            )),
            ObservationSettings::Progress {
                fast_window,
                slow_window,
                total_steps,
            } => Kind::Progress(ProgressObserver::new(fast_window, slow_window, total_steps)),
        }))
    }

    /// Number of features.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "an observation is never empty")]
    pub fn len(&self) -> usize {
        self.feature_names().len()
    }

    /// Names of the features, in the order in which they are written.
    #[must_use]
    pub fn feature_names(&self) -> &'static [&'static str] {
        match self.0 {
            Kind::Paper(_) => &paper::FEATURES,
            Kind::Compact(_) => &compact::FEATURES,
            Kind::Progress(_) => &progress::FEATURES,
        }
    }

    /// Forgets everything: a new descent begins with μ.
    pub fn reset(&mut self, hyper_parameters: &HyperParameters) {
        match &mut self.0 {
            Kind::Paper(observer) => observer.reset(hyper_parameters),
            Kind::Compact(observer) => observer.reset(hyper_parameters),
            Kind::Progress(observer) => observer.reset(),
        }
    }

    /// Whether `other` is the same observation with the same settings, whatever the two have seen.
    pub(crate) fn observes_like(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Paper(one), Kind::Paper(other)) => one.observes_like(other),
            (Kind::Compact(one), Kind::Compact(other)) => one.observes_like(other),
            (Kind::Progress(one), Kind::Progress(other)) => one.observes_like(other),
            _ => false,
        }
    }

    /// Becomes what `kept` is, but for the number of steps: the descent goes back to where that observer saw it, and
    /// the steps since then are spent. An observer of another kind changes nothing.
    pub(crate) fn rewind(&mut self, kept: &Self) {
        match (&mut self.0, &kept.0) {
            (Kind::Paper(observer), Kind::Paper(kept)) => observer.rewind(kept),
            (Kind::Compact(observer), Kind::Compact(kept)) => observer.rewind(kept),
            (Kind::Progress(observer), Kind::Progress(kept)) => observer.rewind(kept),
            _ => {}
        }
    }

    /// Takes in the feedback of one step, which was made with μ.
    pub fn record(&mut self, feedback: &Feedback, hyper_parameters: &HyperParameters) {
        match &mut self.0 {
            Kind::Paper(observer) => observer.record(feedback, hyper_parameters),
            Kind::Compact(observer) => observer.record(feedback, hyper_parameters),
            Kind::Progress(observer) => observer.record(feedback),
        }
    }

    /// Takes in a decision: μ as it was before and as it is now, bounds included.
    pub fn note_action(&mut self, before: &HyperParameters, after: &HyperParameters) {
        match &mut self.0 {
            Kind::Paper(observer) => observer.note_action(after),
            Kind::Compact(observer) => observer.note_action(before, after),
            Kind::Progress(_) => {}
        }
    }

    /// Writes the features.
    ///
    /// # Panics
    /// If `out` does not have [`Observer::len`] entries.
    pub fn write(&self, out: &mut [f32]) {
        const LENGTH: &str = "the slice has as many entries as the observation has features";
        match &self.0 {
            Kind::Paper(observer) => observer.write(out.try_into().expect(LENGTH)),
            Kind::Compact(observer) => observer.write(out.try_into().expect(LENGTH)),
            Kind::Progress(observer) => observer.write(out.try_into().expect(LENGTH)),
        }
    }
}

#[cfg(test)]
mod tests;
