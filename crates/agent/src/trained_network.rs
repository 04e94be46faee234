//! A network that learns by Adam, with a target network that follows it: what actors and critics are made of.

use descender_nn::{Activation, Network, NetworkSpecification, Workspace};
use descender_optim::{Adam, HyperParameters, Method, Optimizer};
use descender_random::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::gradient::{LARGEST_NORM, norm};
use crate::polyak::approach;
use crate::{AgentError, AgentStateError};

/// The network, with all its memory.
#[derive(Debug)]
pub(crate) struct TrainedNetwork {
    pub(crate) network: Network,
    pub(crate) state: NetworkState,
    /// The gradient of the last backward pass.
    pub(crate) gradient: Vec<f32>,
    workspace: Workspace,
    hyper_parameters: HyperParameters,
}

/// What a network must carry from one update to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkState {
    pub(crate) weights: Vec<f32>,
    /// Those of the target network.
    pub(crate) target: Vec<f32>,
    optimizer: Optimizer,
}

impl TrainedNetwork {
    /// ReLU layers of these widths, for up to `batch_size` examples at a time, with initial weights from `generator`. The
    /// target network has the same.
    pub(crate) fn new(
        (inputs, hidden, outputs): (usize, &[usize], usize),
        batch_size: usize,
        learning_rate: f32,
        generator: &mut ChaCha8Rng,
    ) -> Result<Self, AgentError> {
        let network = Network::new(NetworkSpecification::multi_layer_perceptron(
            inputs,
            hidden,
            outputs,
            Activation::Relu,
        ))?;
        let count = network.parameter_count();
        let mut weights = vec![0.0; count];
        network.initialize(generator, &mut weights);
        let method = Method::Adam(Adam::default());
        Ok(Self {
            state: NetworkState {
                target: weights.clone(),
                weights,
                optimizer: Optimizer::new(method, count)?,
            },
            gradient: vec![0.0; count],
            workspace: Workspace::with_input_gradient(&network, batch_size),
            hyper_parameters: method.hyper_parameters(learning_rate),
            network,
        })
    }

    /// The outputs for as many examples as there are inputs.
    pub(crate) fn forward(&mut self, inputs: &[f32]) -> &[f32] {
        let count = inputs.len() / self.network.input_count();
        self.network
            .forward(&mut self.workspace, &self.state.weights, inputs, count)
    }

    /// Those of the target network.
    pub(crate) fn forward_target(&mut self, inputs: &[f32]) -> &[f32] {
        let count = inputs.len() / self.network.input_count();
        self.network
            .forward(&mut self.workspace, &self.state.target, inputs, count)
    }

    /// Computes the gradient of a function of the outputs of the last [`forward`](Self::forward), from its gradient with
    /// respect to these.
    pub(crate) fn backward(&mut self, inputs: &[f32], output_gradient: &[f32]) {
        self.network.backward(
            &mut self.workspace,
            &self.state.weights,
            inputs,
            output_gradient,
            &mut self.gradient,
        );
    }

    /// Likewise, and the gradient with respect to the inputs.
    pub(crate) fn backward_to_inputs(
        &mut self,
        inputs: &[f32],
        output_gradient: &[f32],
        input_gradient: &mut [f32],
    ) {
        self.network.backward_to_inputs(
            &mut self.workspace,
            &self.state.weights,
            inputs,
            output_gradient,
            &mut self.gradient,
            input_gradient,
        );
    }

    /// Whether the optimizer may take the gradient.
    pub(crate) fn has_usable_gradient(&self) -> bool {
        norm(&self.gradient) <= LARGEST_NORM
    }

    /// One step of Adam along the gradient.
    pub(crate) fn step(&mut self) {
        self.state.optimizer.step(
            &self.hyper_parameters,
            &mut self.state.weights,
            &self.gradient,
        );
    }

    /// Lets the target network follow by τ.
    pub(crate) fn follow(&mut self, rate: f32) {
        approach(&mut self.state.target, &self.state.weights, rate);
    }
}

impl NetworkState {
    /// Checks that `self`, read from a saved state, has the sizes of `other` and usable numbers.
    pub(crate) fn check_like(&self, other: &Self) -> Result<(), AgentStateError> {
        let lengths = |state: &Self| [state.weights.len(), state.target.len()];
        AgentStateError::compare(
            "number of weights (network, target)",
            lengths(self),
            lengths(other),
        )?;
        AgentStateError::compare(
            "number of the optimizer's parameters",
            self.optimizer.parameter_count(),
            other.optimizer.parameter_count(),
        )?;
        let finite = [&self.weights, &self.target]
            .into_iter()
            .flatten()
            .all(|weight| weight.is_finite());
        AgentStateError::compare("consistency of the weights", finite, true)
    }
}
