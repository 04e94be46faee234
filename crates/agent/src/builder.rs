//! The trait of an agent's settings: what builds the agent, once the environments are known.

use std::fmt::Debug;

use descender_control::ActionSpace;

use crate::{Agent, AgentError};

/// Builds agents of one kind, with the same settings.
///
/// A training builds one for each of its learners. The settings of the built-in agents are builders, and a program can
/// bring its own ([`AgentSettings::own`](crate::AgentSettings::own)). [`Agent`] has an agent to go with this builder:
///
/// ```
/// # use descender_agent::{AgentStateError, LearnReport, Transition};
/// # use descender_control::{Action, Policy};
/// # use descender_nn::{Activation, NetworkSpecification};
/// use descender_agent::{Agent, AgentBuilder, AgentError, AgentSettings, build};
/// use descender_control::ActionSpace;
///
/// # struct AlwaysOne(usize);
/// # impl Agent for AlwaysOne {
/// #     fn act(&mut self, _: usize, _: &[f32]) -> Action { Action::Discrete(1) }
/// #     fn observe(&mut self, _: usize, _: Transition<'_>) {}
/// #     fn learn(&mut self) -> Option<LearnReport> { None }
/// #     fn policy(&self) -> Policy {
/// #         let network = NetworkSpecification::multi_layer_perceptron(self.0, &[], 2, Activation::Tanh);
/// #         Policy::new(network, vec![0.0; 2 * (self.0 + 1)]).expect("a linear network")
/// #     }
/// #     fn set_progress(&mut self, _: f64) {}
/// #     fn save(&self) -> Vec<u8> { Vec::new() }
/// #     fn restore(&mut self, _: &[u8]) -> Result<(), AgentStateError> { Ok(()) }
/// # }
/// #[derive(Debug)]
/// struct AlwaysOneBuilder;
///
/// impl AgentBuilder for AlwaysOneBuilder {
///     fn name(&self) -> &str {
///         "always-one"
///     }
///
///     fn build(
///         &self,
///         observation_len: usize,
///         space: ActionSpace,
///         _environments: usize,
///         _seed: u64,
///     ) -> Result<Box<dyn Agent>, AgentError> {
///         match space {
///             ActionSpace::Discrete(2..) => Ok(Box::new(AlwaysOne(observation_len))),
///             _ => Err(AgentError::ActionSpace {
///                 agent: "always-one",
///                 space: space.to_string(),
///                 expected: "a discrete space of at least 2 actions",
///             }),
///         }
///     }
/// }
///
/// let settings = AgentSettings::own(AlwaysOneBuilder);
/// settings.check()?;
/// let agent = build(&settings, 5, ActionSpace::Discrete(3), 2, 1)?;
/// assert!(build(&settings, 5, ActionSpace::Discrete(1), 2, 1).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait AgentBuilder: Send + Sync + Debug {
    /// The agent's name.
    fn name(&self) -> &str;

    /// An agent that has learned nothing, for observations of `observation_len` numbers and `environments`
    /// environments. All that is random about it belongs to `seed`.
    ///
    /// # Errors
    /// If a setting is impossible, or the agent can't act in `space`.
    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError>;
}
