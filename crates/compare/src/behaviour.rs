//! What a controller does and what it relies on: its actions and its policy's outputs along descents, and the
//! importance of each feature of its observation.
//!
//! [`Behaviour::record`] lets the controller steer a few descents, greedily and with η inside its bounds, and records
//! each decision. The shares of the actions, the mean outputs and the [`importance`](Importance) of the features are
//! computed from these decisions alone. The descents begin at selection starts, which no reported result uses. The
//! record is saved as `behaviour.json` in the run folder, where the report reads it.

mod permutation;
mod recording;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use descender_control::{ActionSettings, Controller, Factors, PolicyHead};
use descender_task::{DescentError, Problem, StartPoint, StartPurpose};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use descender_env::Stop;
use descender_record::nullable_float;
use descender_statistics::number;
use recording::Recording;

/// Why a controller's behaviour was not recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BehaviourError {
    /// A stop was requested.
    #[error("stopped")]
    Stopped,
    /// The controller's optimizer cannot be used on the problem.
    #[error(transparent)]
    Descent(#[from] DescentError),
}

/// How a controller behaved on some descents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Behaviour {
    /// The number of recorded descents.
    pub starts: u64,
    /// Steps between two decisions.
    pub interval: u64,
    /// The actions in words, such as `η × 0.9`, in the order of the policy's outputs.
    pub actions: Vec<String>,
    /// What an output of the policy is, such as `Q-value`.
    pub output: String,
    /// The decisions in order, until the last descent ended.
    pub decisions: Vec<Decision>,
    /// The features in the order of the observation.
    pub importance: Vec<Importance>,
}

/// One decision, over the descents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The step before which it is made.
    pub step: u64,
    /// The share of the descents in which each action was chosen; the shares add up to 1. Empty if a decision is a
    /// point of a continuous space.
    pub shares: Vec<f32>,
    /// The mean output of the policy for each action, or the mean value in each dimension of a continuous space.
    #[serde(with = "nullable_float::list")]
    pub outputs: Vec<f32>,
}

/// How much the controller relies on a feature: the share of its decisions that change when the feature's values are
/// permuted among the recorded observations (permutation importance). If a decision is a point of a continuous space,
/// the distance that it moves counts instead, as a share of the range of an action.
///
/// The values of one feature are shuffled among all observations of all descents, and the policy decides again. The
/// result is the mean of [`Importance::PERMUTATIONS`] shuffles. A feature that the policy ignores has exactly 0. The
/// measure is that of L. Breiman, "Random Forests" (2001), section 10, with the policy's own decision in place of the
/// right answer. This is the model reliance of A. Fisher, C. Rudin and F. Dominici, "All Models are Wrong, but Many are
/// Useful" (2019), for the loss "decided otherwise".
///
/// The share is used instead of the loss in the policy's own outputs because it needs no scale and differs less between
/// sets of start points (see the controllers in `results/`). Both rank the features similarly.
///
/// There are two limits. A shuffled observation may be one that never occurs, such as an early loss late in a descent.
/// And if two features carry the same information, each can look less important than both are together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The name of the feature.
    pub feature: String,
    /// The share of changed decisions, in [0, 1].
    #[serde(with = "nullable_float")]
    pub share: f64,
    /// Its 95 % interval over the descents: percentile bootstrap, which draws whole descents.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
}

impl Importance {
    /// The number of shuffles of each feature.
    pub const PERMUTATIONS: u64 = 10;
}

/// How a controller is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchSettings {
    /// Number of descents. Default 8, from the selection starts 0 to 7.
    pub starts: u64,
    /// Steps of each descent, of which at most [`Self::MOST_DECISIONS`] decisions are recorded. Default 500.
    pub steps: u64,
    /// Seed of the start points, the permutations and the bootstrap. Default 1.
    pub seed: u64,
}

impl WatchSettings {
    /// The most decisions of a descent that are recorded. A longer descent is stopped there.
    ///
    /// This bounds time and memory. The paper's full descents, 2,500 steps with a decision after each, fit.
    pub const MOST_DECISIONS: u64 = 5_000;
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            starts: 8,
            steps: 500,
            seed: 1,
        }
    }
}

impl Behaviour {
    /// Records `controller` on descents of `task`. `progress` is called with (done, total) after each descent, from any
    /// thread. The result has the same bits for any number of threads.
    ///
    /// # Errors
    /// [`BehaviourError::Stopped`] if a stop was requested; otherwise the controller's optimizer cannot be used on the
    /// task.
    pub fn record(
        problem: &dyn Problem,
        controller: &Controller,
        settings: &WatchSettings,
        stop: &Stop,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Self, BehaviourError> {
        let interval = u64::from(controller.control().interval);
        let steps = settings
            .steps
            .min(interval.saturating_mul(WatchSettings::MOST_DECISIONS));
        let done = AtomicU64::new(0);
        let recordings: Vec<Recording> = (0..settings.starts as usize)
            .into_par_iter()
            .with_max_len(1)
            .map(|index| {
                if stop.requested() {
                    return Err(BehaviourError::Stopped);
                }
                let start = StartPoint {
                    purpose: StartPurpose::Selection,
                    seed: settings.seed,
                    index: index as u64,
                };
                let recording = Recording::make(problem, controller, start, steps)?;
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, settings.starts);
                Ok(recording)
            })
            .collect::<Result<_, BehaviourError>>()?;
        let actions = action_words(&controller.control().action);
        Ok(Self {
            starts: settings.starts,
            interval,
            decisions: recording::decisions(&recordings, actions.len()),
            importance: permutation::importance(controller, &recordings, settings.seed),
            actions,
            output: match controller.policy().head() {
                PolicyHead::GreedyValues => "Q-value",
                PolicyHead::Squashed => "place between the ends (−1 to 1)",
                _ => "output",
            }
            .to_owned(),
        })
    }
}

impl Behaviour {
    /// The same record without the single decisions.
    #[must_use]
    pub fn without_decisions(&self) -> Self {
        Self {
            decisions: Vec::new(),
            ..self.clone()
        }
    }
}

/// Shows in a few lines how often each action was chosen and which features matter, the most important first.
impl fmt::Display for Behaviour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Watched    on {} selection starts, {} decisions each",
            self.starts,
            self.decisions.len()
        )?;
        let mean = |value: &dyn Fn(&Decision) -> Option<f32>| -> f64 {
            let sum: f64 = self.decisions.iter().filter_map(value).map(f64::from).sum();
            sum / self.decisions.len() as f64
        };
        let discrete = self.decisions.iter().any(|one| !one.shares.is_empty());
        for (number, action) in self.actions.iter().enumerate() {
            let label = match (number, discrete) {
                (0, true) => "Chooses",
                (0, false) => "Places",
                _ => "",
            };
            if discrete {
                let percent = 100.0 * mean(&|one| one.shares.get(number).copied());
                write!(formatter, "\n{label:<11}{percent:>3.0} %  {action}")?;
            } else {
                let place = mean(&|one| one.outputs.get(number).copied());
                write!(formatter, "\n{label:<11}{place:>+5.2}  {action}")?;
            }
        }
        let mut features: Vec<&Importance> = self.importance.iter().collect();
        features.sort_by(|a, b| b.share.total_cmp(&a.share));
        for (number, feature) in features.iter().enumerate() {
            let label = if number == 0 { "Relies on" } else { "" };
            let percent = 100.0 * feature.share;
            write!(
                formatter,
                "\n{label:<11}{percent:>3.0} %  {}",
                feature.feature
            )?;
        }
        write!(
            formatter,
            "\n           (share of the decisions that change when the feature is shuffled; of a continuous decision's range, how far it moves)"
        )
    }
}

/// Short names of the actions.
fn action_words(action: &ActionSettings) -> Vec<String> {
    match action {
        ActionSettings::Factors(Factors { factors }) => factors
            .iter()
            .map(|factor| format!("η × {}", number::setting((*factor).into())))
            .collect(),
        ActionSettings::Anchored(anchored) => anchored
            .dimensions
            .iter()
            .map(|dimension| dimension.parameter.to_string())
            .collect(),
        ActionSettings::Own(_) => action.descriptions(),
    }
}
