//! The record of a controller's behaviour.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use descender_control::{ActionSettings, Controller, Factors, PolicyHead};
use descender_task::{DescentError, Problem, StartPoint, StartPurpose};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::decision::{Decision, Importance};
use super::permutation;
use super::recording::{self, Recording};
use descender_env::Stop;
use descender_statistics::number;

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
    /// Descents that were watched.
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

/// How a controller is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchSettings {
    /// Descents. Default 8, from the selection starts 0 to 7.
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
                PolicyHead::GreedyExpectation { .. } => "expected return",
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
