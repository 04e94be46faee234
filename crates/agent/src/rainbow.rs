//! Rainbow: a Deep Q-Network with all its improvements on, under a name of its own.
//!
//! Double DQN, n-step returns, dueling network, prioritized replay, distribution over returns and noisy network: each is a
//! setting of the [`Dqn`] agent, and Rainbow is that agent with other defaults ([`DqnSettings::rainbow`]).
//! Source: M. Hessel et al., "Rainbow: Combining Improvements in Deep Reinforcement Learning", 2018.

use descender_control::ActionSpace;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use toml::Table;

use crate::dqn::{Dqn, DqnSettings};
use crate::registry::BuiltInAgent;
use crate::{Agent, AgentBuilder, AgentError, SettingsError};

/// Settings of Rainbow: those of a Deep Q-Network, of which the ones that a file leaves out are those of
/// [`DqnSettings::rainbow`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RainbowSettings(pub DqnSettings);

impl Default for RainbowSettings {
    fn default() -> Self {
        Self(DqnSettings::rainbow())
    }
}

impl RainbowSettings {
    /// Checks every setting.
    ///
    /// # Errors
    /// As [`DqnSettings::check`].
    pub fn check(&self) -> Result<(), SettingsError> {
        self.0.check()
    }
}

impl<'de> Deserialize<'de> for RainbowSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Over the defaults as a table, key by key: those of the structure are the Deep Q-Network's.
        let mut settings = Table::try_from(DqnSettings::rainbow()).map_err(D::Error::custom)?;
        settings.extend(Table::deserialize(deserializer)?);
        let settings = DqnSettings::deserialize(settings);
        settings.map(Self).map_err(D::Error::custom)
    }
}

impl AgentBuilder for RainbowSettings {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        Dqn::new(&self.0, observation_len, space, environments, seed)
            .map(|agent| Box::new(agent) as Box<dyn Agent>)
    }
}

impl BuiltInAgent for RainbowSettings {
    const NAME: &'static str = "rainbow";
    const DESCRIPTION: &'static str = "Rainbow: a Deep Q-Network with a dueling and noisy network, prioritized replay, and distributions over returns";
    const WORDS: &'static str = "a Rainbow agent";
}
