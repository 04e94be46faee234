//! The policy of agents that search over whole policies: a small network whose head fits the actions.

use descender_control::{ActionSpace, PolicyHead};
use descender_nn::{Activation, NetworkSpecification};

use crate::AgentError;

/// The shape of such a policy.
#[derive(Clone, Debug)]
pub(crate) struct WholePolicy {
    pub(crate) specification: NetworkSpecification,
    pub(crate) head: PolicyHead,
    /// The number of parameters; `usize::MAX` for more than can be counted.
    pub(crate) parameters: usize,
}

impl WholePolicy {
    /// For observations of this length, with hidden layers of these widths (tanh), for agents of so many environments.
    ///
    /// # Errors
    /// [`AgentError::Nothing`]: nothing to see, no environment, or no action.
    pub(crate) fn new(
        observation_len: usize,
        hidden: &[usize],
        space: ActionSpace,
        environments: usize,
    ) -> Result<Self, AgentError> {
        let (outputs, head) = match space {
            ActionSpace::Discrete(actions) => (actions, PolicyHead::GreedyValues),
            ActionSpace::Continuous { dimensions } => (dimensions, PolicyHead::Squashed),
        };
        AgentError::require_something(observation_len, environments)?;
        if outputs == 0 {
            let what = "the number of actions";
            return Err(AgentError::Nothing { what });
        }
        let widths: Vec<usize> = std::iter::once(observation_len)
            .chain(hidden.iter().copied())
            .chain([outputs])
            .collect();
        Ok(Self {
            specification: NetworkSpecification::multi_layer_perceptron(
                observation_len,
                hidden,
                outputs,
                Activation::Tanh,
            ),
            head,
            parameters: widths
                .windows(2)
                .map(|pair| (pair[0] + 1).saturating_mul(pair[1]))
                .fold(0, usize::saturating_add),
        })
    }
}
