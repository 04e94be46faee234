//! The policy: a small network that turns an observation into an action.

use descender_nn::{Network, NetworkError, NetworkSpecification, Workspace};

use crate::{Action, PolicyHead, expected_return};

/// Why a policy cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PolicyError {
    /// The specification describes no network.
    #[error("policy network")]
    Network(#[source] NetworkError),
    /// The parameters are not those of the network.
    #[error("policy network: {found} parameters, expected {expected}")]
    ParameterCount {
        /// Number of parameters given.
        found: usize,
        /// Number of parameters of the network.
        expected: usize,
    },
    /// The head cannot read outputs.
    #[error("policy head {head} with {outputs} outputs: expected {expected}")]
    Head {
        /// The head's name.
        head: PolicyHead,
        /// Outputs of the network.
        outputs: usize,
        /// What was expected of the head and the outputs.
        expected: &'static str,
    },
    /// The network is far larger than any policy needs.
    #[error("policy network: {found} values between its layers, expected at most {limit}")]
    TooLarge {
        /// Number of values of all activations of one example.
        found: usize,
        /// The most that are accepted.
        limit: usize,
    },
}

/// The most values that all activations of a policy network may hold together.
const ACTIVATION_LIMIT: usize = 1 << 22;

/// A frozen network, and the [head](PolicyHead) that turns its outputs into an action.
///
/// A policy remembers nothing between two decisions; what it must know of the past, the observation tells it. Each
/// [`Session`](crate::Session) has a copy of its own, so a recurrent network's memory could live here and begin
/// anew with each descent.
#[derive(Clone)]
pub struct Policy {
    head: PolicyHead,
    network: Network,
    parameters: Vec<f32>,
    workspace: Workspace,
}

impl Policy {
    /// A policy that takes the action of the highest output ([`PolicyHead::GreedyValues`]), from a network and its
    /// parameters in the layout of [`descender_nn`].
    ///
    /// # Errors
    /// If the specification describes no network, or has another number of parameters.
    pub fn new(
        specification: NetworkSpecification,
        parameters: Vec<f32>,
    ) -> Result<Self, PolicyError> {
        Policy::with_head(PolicyHead::GreedyValues, specification, parameters)
    }

    /// A policy that decides by `head`, from a network and its parameters in the layout of [`descender_nn`].
    ///
    /// # Errors
    /// If the specification describes no network, or has another number of parameters.
    pub fn with_head(
        head: PolicyHead,
        specification: NetworkSpecification,
        parameters: Vec<f32>,
    ) -> Result<Self, PolicyError> {
        let shapes = specification.shapes().map_err(PolicyError::Network)?;
        let values = shapes.iter().map(|shape| shape.count()).sum();
        if values > ACTIVATION_LIMIT {
            return Err(PolicyError::TooLarge {
                found: values,
                limit: ACTIVATION_LIMIT,
            });
        }
        let network = Network::new(specification).map_err(PolicyError::Network)?;
        let outputs = network.output_count();
        let refused = |expected| PolicyError::Head {
            head,
            outputs,
            expected,
        };
        head.check().map_err(refused)?;
        if let PolicyHead::GreedyExpectation { atoms, .. } = head
            && !outputs.is_multiple_of(atoms)
        {
            return Err(refused(
                "as many outputs for each action as there are atoms",
            ));
        }
        if parameters.len() != network.parameter_count() {
            return Err(PolicyError::ParameterCount {
                found: parameters.len(),
                expected: network.parameter_count(),
            });
        }
        let workspace = Workspace::new(&network, 1);
        Ok(Policy {
            head,
            network,
            parameters,
            workspace,
        })
    }

    /// How its outputs become an action.
    #[must_use]
    pub fn head(&self) -> PolicyHead {
        self.head
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The network as data.
    #[must_use]
    pub fn specification(&self) -> &NetworkSpecification {
        self.network.specification()
    }

    /// The network's parameters.
    #[must_use]
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// The action that the [head](PolicyHead) takes on this observation. Allocates nothing but a continuous action's numbers.
    ///
    /// # Panics
    /// If `observation` does not have as many entries as the network has inputs.
    pub fn act(&mut self, observation: &[f32]) -> Action {
        let head = self.head;
        head.decide(self.outputs(observation))
    }

    /// What the policy thinks of each action: one number for each discrete action, its value or expected return, or for each
    /// dimension of a continuous one, before tanh.
    ///
    /// # Panics
    /// As [`Policy::act`].
    pub fn values(&mut self, observation: &[f32]) -> Vec<f32> {
        let head = self.head;
        let outputs = self.outputs(observation);
        match head {
            PolicyHead::GreedyExpectation { atoms, least, most } => (outputs.chunks_exact(atoms))
                .map(|logits| expected_return(logits, least, most) as f32)
                .collect(),
            PolicyHead::GreedyValues | PolicyHead::Squashed => outputs.to_vec(),
        }
    }

    /// The network's outputs for this observation, from which the [head](Policy::head) decides. Allocates nothing.
    ///
    /// # Panics
    /// As [`Policy::act`].
    pub fn outputs(&mut self, observation: &[f32]) -> &[f32] {
        self.network
            .forward(&mut self.workspace, &self.parameters, observation, 1)
    }
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Policy")
            .field("head", &self.head)
            .field("specification", self.specification())
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.head == other.head
            && self.specification() == other.specification()
            && self.parameters == other.parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_nn::Activation;

    /// A linear layer without bias from 2 inputs to 3 outputs: the outputs are x, y and −x.
    fn policy() -> Policy {
        let specification =
            NetworkSpecification::multi_layer_perceptron(2, &[], 3, Activation::Relu);
        Policy::new(
            specification,
            vec![1.0, 0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        )
        .unwrap()
    }

    #[test]
    fn the_highest_output_wins() {
        let mut policy = policy();
        for (observation, action) in [([2.0, 1.0], 0), ([1.0, 2.0], 1), ([-2.0, 1.0], 2)] {
            assert_eq!(policy.act(&observation), Action::Discrete(action));
            assert_eq!(policy.clone().act(&observation), Action::Discrete(action));
        }
    }

    #[test]
    fn of_equal_outputs_the_first_wins() {
        assert_eq!(policy().act(&[0.0, 0.0]), Action::Discrete(0));
        assert_eq!(policy().act(&[1.0, 1.0]), Action::Discrete(0));
    }

    #[test]
    fn a_head_that_cannot_read_the_outputs_is_refused() {
        let with = |atoms| {
            let head = PolicyHead::GreedyExpectation {
                atoms,
                least: 0.0,
                most: 1.0,
            };
            Policy::with_head(head, policy().specification().clone(), vec![0.0; 9])
        };
        assert_eq!(
            with(2).unwrap_err().to_string(),
            "policy head greedy-expectation with 3 outputs: expected as many outputs for each action as there are atoms"
        );
        assert!(
            with(1)
                .unwrap_err()
                .to_string()
                .contains("2 to 65536 atoms")
        );
        assert_eq!(with(3).unwrap().values(&[1.0, 2.0]), [0.5]);
        assert_eq!(policy().values(&[1.0, 2.0]), [1.0, 2.0, -1.0]);
    }

    #[test]
    fn what_makes_no_policy_is_refused() {
        let specification = policy().specification().clone();
        let error = Policy::new(specification.clone(), vec![0.0; 8]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "policy network: 8 parameters, expected 9"
        );
        let empty = NetworkSpecification {
            layers: vec![],
            ..specification
        };
        assert!(matches!(
            Policy::new(empty, vec![]),
            Err(PolicyError::Network(_))
        ));
        let padding = descender_nn::Layer::Conv2d {
            out_channels: 1,
            kernel: 1,
            stride: 1,
            padding: 5000,
        };
        let huge = NetworkSpecification {
            input: descender_nn::Shape::flat(1),
            layers: vec![padding],
        };
        assert!(matches!(
            Policy::new(huge, vec![0.0; 2]),
            Err(PolicyError::TooLarge { .. })
        ));
    }
}
