//! The complete settings of a run, and their checks.

use std::path::Path;

use descender_agent::AgentSettings;
use descender_env::{BoundsMode, EnvironmentSettings, RewardSettings};
use descender_optim::Method;
use descender_record::settings_text::table_of;
use descender_task::{Task, TaskError};
use serde::{Deserialize, Serialize};

use descender_record::whole_message;

use super::error::ConfigurationError;

/// Which start points the training episodes use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrainingStarts {
    /// Every episode has the same initial parameters and the same batch order.
    Fixed,
    /// Every episode has a different start point.
    Random,
}

/// By what a checkpoint of the policy is judged on the selection starts. Lower is better for all but `score`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectionMeasure {
    /// First step with a batch loss at or below the threshold; the episode's length if there is none.
    FirstHit,
    /// Expected first hit, from the probe losses (needs the reward `expected-hit`).
    ExpectedHit,
    /// Mean of the last 50 batch losses.
    FinalLoss,
    /// Sum of the rewards.
    Score,
}

impl SelectionMeasure {
    /// The name, as in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstHit => "first-hit",
            Self::ExpectedHit => "expected-hit",
            Self::FinalLoss => "final-loss",
            Self::Score => "score",
        }
    }

    /// The name with the better side: `first hit, lower is better`.
    #[must_use]
    pub fn words(self) -> String {
        let name = self.name().replace('-', " ");
        format!("{name}, {} is better", self.better_side())
    }

    /// Which values are better, as they are [shown](Self::shown): `lower` or `higher`.
    #[must_use]
    pub fn better_side(self) -> &'static str {
        if self == Self::Score {
            "higher"
        } else {
            "lower"
        }
    }

    /// A candidate's score as it is shown. Candidates are ranked by numbers of which the lowest is the best, so that the
    /// sum of the rewards is negated there; it is shown with the sign of an episode's score.
    #[must_use]
    pub fn shown(self, score: f64) -> f64 {
        if self == Self::Score {
            0.0 - score
        } else {
            score
        }
    }
}

/// How the policy that becomes the controller is chosen among the checkpoints of its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionSettings {
    /// A candidate is taken each time this many episodes have ended (0: only the last policy).
    pub every: u64,
    /// What candidates are judged by; the interquartile mean over the starts counts.
    pub measure: SelectionMeasure,
    /// Selection starts that each candidate is scored on when it is taken.
    pub starts: u64,
    /// How many of the best candidates are scored again at the end.
    pub finalists: usize,
    /// Number of further selection starts for the finalists. The best on these alone becomes the controller.
    pub final_starts: u64,
}

/// What the controller is compared with at the end of `train`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonSettings {
    /// The other contenders, in the form of `--against`.
    pub against: String,
    /// Held-out start points.
    pub starts: u64,
    /// Steps of each descent.
    pub steps: u64,
    /// The seed that the start points come from; −1: that of the run. Several runs that share it are compared on the same
    /// starts.
    pub seed: i64,
}

/// The most start points and steps of a comparison, which keeps every loss of every descent.
pub const MOST_STARTS: u64 = 100_000;
/// See [`MOST_STARTS`].
pub const MOST_STEPS: u64 = 10_000_000;

/// The complete settings of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The preset that the settings are based on.
    pub preset: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// Name of the task.
    pub task: String,
    /// Folder with the task's IDX files; empty for the embedded data.
    pub data: String,
    /// Number of training episodes, over all learners.
    pub episodes: u64,
    /// Number of agents that are trained one after the other, each with its own random streams and an equal share of
    /// the episodes. The controller is chosen among the candidates of all. This is like training with several seeds and
    /// keeping the best on the selection starts.
    pub learners: u64,
    /// Number of parallel environments. It changes the result (unlike the number of threads).
    pub environments: usize,
    /// Start points of the training episodes.
    pub training_starts: TrainingStarts,
    /// Seconds between checkpoints (0: after every decision). Never changes the result.
    pub checkpoint_seconds: f64,
    /// The optimizer that is controlled.
    pub optimizer: Method,
    /// Episode, bounds, observation, action and reward.
    pub environment: EnvironmentSettings,
    /// The agent that learns.
    pub agent: AgentSettings,
    /// Choice of the controller.
    pub selection: SelectionSettings,
    /// Comparison at the end.
    pub comparison: ComparisonSettings,
}

impl Configuration {
    /// The seed of the reported start points.
    #[must_use]
    pub fn report_seed(&self) -> u64 {
        u64::try_from(self.comparison.seed).unwrap_or(self.seed)
    }

    /// The task that it names, with its data.
    ///
    /// # Errors
    /// The name is unknown, or the data are rejected.
    pub fn load_task(&self) -> Result<Task, TaskError> {
        let data = Some(self.data.as_str()).filter(|data| !data.is_empty());
        Task::by_name(&self.task, data.map(Path::new))
    }

    /// Rejects settings that cannot run, naming the setting.
    ///
    /// # Errors
    /// [`ConfigurationError::Value`] with the key and what was expected.
    pub fn check(&self) -> Result<(), ConfigurationError> {
        let positive = |key: &str, value: u64| match value {
            0 => Err(ConfigurationError::value(key, "is 0; expected at least 1")),
            _ => Ok(()),
        };
        positive("episodes", self.episodes)?;
        positive("learners", self.learners)?;
        if !self.episodes.is_multiple_of(self.learners) {
            return Err(ConfigurationError::value(
                "learners",
                format!(
                    "is {}; expected a divisor of episodes, which is {}",
                    self.learners, self.episodes
                ),
            ));
        }
        positive("environments", self.environments as u64)?;
        if self.environments > 1024 {
            return Err(ConfigurationError::value(
                "environments",
                format!("is {}; expected at most 1024", self.environments),
            ));
        }
        if self.seed > i64::MAX as u64 {
            return Err(ConfigurationError::value(
                "seed",
                format!("is {}; expected at most {}", self.seed, i64::MAX),
            ));
        }
        if self.checkpoint_seconds.is_nan() || self.checkpoint_seconds < 0.0 {
            return Err(ConfigurationError::value(
                "checkpoint_seconds",
                format!("is {}; expected 0 or more", self.checkpoint_seconds),
            ));
        }
        if self.comparison.seed < -1 {
            return Err(ConfigurationError::value(
                "comparison.seed",
                format!(
                    "is {}; expected a seed, or -1 for that of the run",
                    self.comparison.seed
                ),
            ));
        }
        positive("selection.starts", self.selection.starts)?;
        positive("selection.finalists", self.selection.finalists as u64)?;
        positive("selection.final_starts", self.selection.final_starts)?;
        positive("comparison.starts", self.comparison.starts)?;
        positive("comparison.steps", self.comparison.steps)?;
        let most = |key: &str, value: u64, most: u64| match value <= most {
            true => Ok(()),
            false => Err(ConfigurationError::value(
                key,
                format!("is {value}; expected at most {most}"),
            )),
        };
        most("episodes", self.episodes, 1_000_000_000)?;
        most("selection.starts", self.selection.starts, 100_000)?;
        most(
            "selection.final_starts",
            self.selection.final_starts,
            100_000,
        )?;
        most("comparison.starts", self.comparison.starts, MOST_STARTS)?;
        most("comparison.steps", self.comparison.steps, MOST_STEPS)?;
        if self.selection.measure == SelectionMeasure::ExpectedHit
            && !matches!(self.environment.reward, RewardSettings::ExpectedHit(_))
        {
            return Err(ConfigurationError::value(
                "selection.measure",
                "is \"expected-hit\", which needs environment.reward.name = \"expected-hit\"",
            ));
        }
        self.optimizer
            .check()
            .map_err(|error| ConfigurationError::value("optimizer", error))?;
        self.environment
            .check()
            .map_err(|error| ConfigurationError::value("environment", whole_message(&error)))?;
        self.agent
            .check()
            .map_err(|error| ConfigurationError::value("agent", error))?;
        descender_compare::contender::ContenderSpecification::parse_list(&self.comparison.against)
            .map_err(|error| ConfigurationError::value("comparison.against", error))?;
        Ok(())
    }

    /// Warnings about settings that can run but are probably not intended.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.budget_warnings();
        let agent = match &self.agent {
            AgentSettings::Dqn(agent) => agent,
            AgentSettings::Evolution(agent) => {
                let (share, generation) = (
                    self.episodes / self.learners.max(1),
                    agent.episodes_of_generation(),
                );
                if share < generation {
                    warnings.push(format!(
                        "each learner has {share} episodes, but a generation takes {generation} (agent.population · \
                         agent.starts): nothing will be learned"
                    ));
                }
                return warnings;
            }
            _ => return warnings,
        };
        if let Err(error) = self.environment.check_survival(agent.discount.into()) {
            warnings.push(format!(
                "an agent may do well to end episodes on purpose: environment.{error}"
            ));
        }
        if let RewardSettings::ExpectedHit(reward) = &self.environment.reward
            && (reward.discount - f64::from(agent.discount)).abs() > 1e-6
        {
            warnings.push(format!(
                "environment.reward.discount is {}, but agent.discount is {}: the potential then changes what the \
                 best policy is",
                reward.discount, agent.discount
            ));
        }
        warnings
    }

    /// The settings as TOML text, complete, as in `config.toml`.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(&table_of(self)).expect("a table of plain values is always valid TOML")
    }

    /// The settings under which policies are judged and used: the same environment, except that η is clipped to its
    /// bounds and no score ends an episode.
    #[must_use]
    pub fn evaluation_environment(&self) -> EnvironmentSettings {
        let mut settings = self.environment.clone();
        settings.bounds_mode = BoundsMode::Clip;
        settings.score_threshold = f64::NEG_INFINITY;
        if let RewardSettings::TimeToThreshold(reward) = &mut settings.reward {
            reward.end_at_hit = false;
        }
        settings
    }
}
