//! Which agent, with what settings; and the agent they make.
//!
//! To add a built-in agent, write its module and add an entry to the list below. Its settings implement
//! `BuiltInAgent` and [`AgentBuilder`], and what they build implements [`Agent`].

use std::sync::Arc;

use descender_control::ActionSpace;
use serde::{Deserialize, Serialize};

use crate::a2c::A2cSettings;
use crate::ddpg::DdpgSettings;
use crate::dqn::DqnSettings;
use crate::error::impossible;
use crate::evolution::EvolutionSettings;
use crate::ppo::PpoSettings;
use crate::rainbow::RainbowSettings;
use crate::random_search::RandomSearchSettings;
use crate::registry::{BuiltInAgent, built_in_agents};
use crate::regression::RegressionSettings;
use crate::sac::SacSettings;
use crate::tabular::TabularSettings;
use crate::td3::Td3Settings;
use crate::{Agent, AgentBuilder, AgentError, Own, SettingsError};

built_in_agents! {
    /// A Deep Q-Network.
    Dqn(DqnSettings),
    /// An advantage actor-critic.
    A2c(A2cSettings),
    /// Proximal policy optimization.
    Ppo(PpoSettings),
    /// An evolution strategy over whole policies.
    Evolution(EvolutionSettings),
    /// A regression on pairs of perturbed descents.
    Regression(RegressionSettings),
    /// The best of many random policies.
    RandomSearch(RandomSearchSettings),
    /// A table of action values.
    Tabular(TabularSettings),
    /// A deep deterministic policy gradient.
    Ddpg(DdpgSettings),
    /// A twin delayed deep deterministic policy gradient.
    Td3(Td3Settings),
    /// A soft actor-critic.
    Sac(SacSettings),
    /// A Deep Q-Network with all improvements.
    Rainbow(RainbowSettings),
}

impl Default for AgentSettings {
    /// The paper's agent.
    fn default() -> Self {
        Self::Dqn(DqnSettings::default())
    }
}

impl AgentSettings {
    /// An agent of the program's own, under the name that its builder gives it.
    #[must_use]
    pub fn own(builder: impl AgentBuilder + 'static) -> Self {
        Self::Own(Own::new(builder.name().to_owned(), Arc::new(builder)))
    }
}

/// The builder of an agent of the program's own.
fn builder_of(own: &Own<dyn AgentBuilder>) -> Result<&dyn AgentBuilder, SettingsError> {
    own.value().ok_or_else(|| {
        impossible(
            "own",
            own.name(),
            "an agent that the program brings as a value; a file holds only its name",
        )
    })
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
    settings
        .builder()?
        .build(observation_len, space, environments, seed)
}
