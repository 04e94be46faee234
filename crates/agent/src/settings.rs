//! Which agent, with what settings; and the agent they make.

use descender_control::ActionSpace;
use serde::{Deserialize, Serialize};

use crate::dqn::{Dqn, DqnSettings};
use crate::evolution::{Evolution, EvolutionSettings};
use crate::{Agent, AgentError, SettingsError};

/// An agent's kind and settings; in a configuration file `[agent]` with the kind as `name`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AgentSettings {
    /// A Deep Q-Network.
    Dqn(DqnSettings),
    /// An evolution strategy over whole policies.
    Evolution(EvolutionSettings),
}

impl Default for AgentSettings {
    /// The paper's agent.
    fn default() -> Self {
        Self::Dqn(DqnSettings::default())
    }
}

impl AgentSettings {
    /// Every kind of agent: its name and one line about it.
    #[must_use]
    pub fn names() -> &'static [(&'static str, &'static str)] {
        &[
            (
                Dqn::NAME,
                "Deep Q-Network with uniform replay; Double DQN, n-step returns, soft target, averaged policy",
            ),
            (
                Evolution::NAME,
                "evolution strategy (CMA-ES) over small policies, compared by whole episodes from common starts",
            ),
        ]
    }

    /// The name of this kind.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dqn(_) => Dqn::NAME,
            Self::Evolution(_) => Evolution::NAME,
        }
    }

    /// The kind in words, with its article.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Dqn(_) => "a Deep Q-Network",
            Self::Evolution(_) => "an evolution strategy",
        }
    }

    /// The settings of the kind called `name`, at their defaults.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            Dqn::NAME => Some(Self::default()),
            Evolution::NAME => Some(Self::Evolution(EvolutionSettings::default())),
            _ => None,
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value.
    pub fn check(&self) -> Result<(), SettingsError> {
        match self {
            Self::Dqn(settings) => settings.check(),
            Self::Evolution(settings) => settings.check(),
        }
    }
}

/// Builds the agent of `settings`, for observations of `observation_len` numbers and `environments` environments.
///
/// Everything random about it comes from the streams of `seed`.
///
/// # Errors
/// If a setting is impossible, or the agent can't act in `space`.
pub fn build(
    settings: &AgentSettings,
    observation_len: usize,
    space: ActionSpace,
    environments: usize,
    seed: u64,
) -> Result<Box<dyn Agent>, AgentError> {
    match settings {
        AgentSettings::Dqn(settings) => Ok(Box::new(Dqn::new(
            settings,
            observation_len,
            space,
            environments,
            seed,
        )?)),
        AgentSettings::Evolution(settings) => Ok(Box::new(Evolution::new(
            settings,
            observation_len,
            space,
            environments,
            seed,
        )?)),
    }
}
