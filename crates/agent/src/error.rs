//! What can go wrong with an agent: impossible settings, and a saved state that is not its own.

use descender_control::SettingsError;
use thiserror::Error;

/// A setting with an impossible value.
pub(crate) fn impossible(
    field: &str,
    value: impl std::fmt::Debug,
    expected: &'static str,
) -> SettingsError {
    SettingsError::Field {
        field: field.to_owned(),
        value: format!("{value:?}"),
        expected,
    }
}

/// Refuses a setting's value unless it holds.
pub(crate) fn require(
    holds: bool,
    field: &str,
    value: impl std::fmt::Debug,
    expected: &'static str,
) -> Result<(), SettingsError> {
    if holds {
        Ok(())
    } else {
        Err(impossible(field, value, expected))
    }
}

/// Why an agent could not be built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AgentError {
    /// A setting has an impossible value.
    #[error("a setting of the agent has an impossible value")]
    Settings(#[from] SettingsError),
    /// The agent can't choose actions of this kind.
    #[error("agent `{agent}` can't act in {space}; expected {expected}")]
    ActionSpace {
        /// Name of the agent.
        agent: &'static str,
        /// The action space that was asked for.
        space: String,
        /// The action spaces that the agent knows.
        expected: &'static str,
    },
    /// There is no room for the replay memory.
    #[error(
        "no memory for a replay of {capacity} transitions with {observation_len} observed values; expected a smaller \
         replay_capacity"
    )]
    Memory {
        /// Transitions that it should hold.
        capacity: usize,
        /// Length of an observation.
        observation_len: usize,
    },
    /// The agent would see nothing, or serve no environment.
    #[error("an agent for {what} = 0; expected at least 1")]
    Nothing {
        /// What is zero: the observation's length or the number of environments.
        what: &'static str,
    },
    /// The policy has more parameters than the agent can search over.
    #[error(
        "agent `{agent}`: a policy of {found} parameters; expected at most {most} (fewer or smaller hidden layers)"
    )]
    TooManyParameters {
        /// Name of the agent.
        agent: &'static str,
        /// Parameters of the policy.
        found: usize,
        /// The most that the agent takes.
        most: usize,
    },
    /// The agent's network can't be built.
    #[error("the agent's network can't be built")]
    Network(#[from] descender_nn::NetworkError),
    /// The agent's network makes no policy.
    #[error(transparent)]
    Policy(#[from] descender_control::PolicyError),
    /// An agent of the program's own can't be built.
    #[error("the agent `{agent}` can't be built")]
    Own {
        /// Name of the agent.
        agent: String,
        /// Why.
        #[source]
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The agent's optimizer can't be built.
    #[error("the agent's optimizer can't be built")]
    Optimizer(#[from] descender_optim::OptimizerError),
}

impl AgentError {
    /// Refuses to serve nothing: an observation without a number, or no environment.
    pub(crate) fn require_something(
        observation_len: usize,
        environments: usize,
    ) -> Result<(), Self> {
        for (what, count) in [
            ("the observation's length", observation_len),
            ("the number of environments", environments),
        ] {
            if count == 0 {
                return Err(Self::Nothing { what });
            }
        }
        Ok(())
    }
}

/// Why a saved state was refused. The agent is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AgentStateError {
    /// The bytes aren't a state of this kind of agent, or they are cut short.
    #[error("these bytes are no state of agent `{agent}`: {reason}")]
    Unreadable {
        /// Name of the agent that was asked to take them.
        agent: &'static str,
        /// What is wrong with them.
        reason: String,
    },
    /// A state of this kind, saved by an agent with other settings.
    #[error("the saved state's {what} is {found}; this agent expects {expected}")]
    Mismatch {
        /// What differs.
        what: &'static str,
        /// Its value in the state.
        found: String,
        /// The value of this agent.
        expected: String,
    },
}

impl AgentStateError {
    pub(crate) fn compare<T: PartialEq + std::fmt::Debug>(
        what: &'static str,
        found: T,
        expected: T,
    ) -> Result<(), Self> {
        if found == expected {
            return Ok(());
        }
        Err(Self::Mismatch {
            what,
            found: format!("{found:?}"),
            expected: format!("{expected:?}"),
        })
    }
}
