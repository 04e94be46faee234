//! A checked, planned network, and its initial parameters.
//!
//! Planning fuses layers: a convolution with the ReLU and the max-pool that follow it, a linear layer or a layer
//! normalisation with the element-wise function that follows it.

use std::fmt;
use std::sync::Arc;

use descender_random::ChaCha8Rng;

use crate::error::NetworkError;
use crate::kernel::{InstructionSet, Kernels};
use crate::operation::{AnyOperation, plan, state_count};
use crate::parameters::{ParameterTensor, Parameters};
use crate::shape::Shape;
use crate::specification::NetworkSpecification;

/// What is fixed about a network; shared by its clones and workspaces.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    specification: NetworkSpecification,
    parameters: Parameters,
    output: Shape,
    instruction_set: InstructionSet,
    pub(crate) operations: Vec<AnyOperation>,
}

/// A network of fixed shape. It does not change and is cheap to clone. Parameters belong to the caller and
/// activations to a [`Workspace`](crate::Workspace).
#[derive(Clone)]
pub struct Network {
    pub(crate) plan: Arc<Plan>,
    pub(crate) kernels: &'static Kernels,
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(formatter)
    }
}

impl Network {
    /// Checks and plans `specification`.
    ///
    /// # Errors
    /// [`NetworkError`] names the layer and the setting that are wrong.
    pub fn new(specification: NetworkSpecification) -> Result<Self, NetworkError> {
        Self::with_instruction_set(specification, InstructionSet::best())
    }

    /// Like [`new`](Self::new), but computes with the given instructions instead of the machine's best.
    ///
    /// # Errors
    /// [`NetworkError`] as for `new`, or if this machine does not have the instructions.
    pub fn with_instruction_set(
        specification: NetworkSpecification,
        instruction_set: InstructionSet,
    ) -> Result<Self, NetworkError> {
        let kernels = instruction_set
            .kernels()
            .ok_or(NetworkError::InstructionSet(instruction_set))?;
        let shapes = specification.shapes()?;
        let parameters = Parameters::new(&specification.layers, specification.input);
        let operations = plan(
            &specification.layers,
            specification.input,
            0,
            &parameters.tensors,
        );
        let plan = Plan {
            output: shapes[shapes.len() - 1],
            specification,
            parameters,
            instruction_set,
            operations,
        };
        Ok(Self {
            plan: Arc::new(plan),
            kernels,
        })
    }

    /// The specification that this network was made from.
    #[must_use]
    pub fn specification(&self) -> &NetworkSpecification {
        &self.plan.specification
    }

    /// The instructions that this network computes with.
    #[must_use]
    pub fn instruction_set(&self) -> InstructionSet {
        self.plan.instruction_set
    }

    /// Length of the parameter vector.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.plan.parameters.count
    }

    /// Number of input values of one example.
    #[must_use]
    pub fn input_count(&self) -> usize {
        self.plan.specification.input.count()
    }

    /// Number of output values of one example.
    #[must_use]
    pub fn output_count(&self) -> usize {
        self.plan.output.count()
    }

    /// Values of one example's state in all recurrent layers: h of a [`Layer::Gru`](crate::Layer::Gru), h and c of a
    /// [`Layer::Lstm`](crate::Layer::Lstm); 0 if there is none.
    #[must_use]
    pub fn state_count(&self) -> usize {
        state_count(&self.plan.operations)
    }

    /// Shape of one example's output.
    #[must_use]
    pub fn output_shape(&self) -> Shape {
        self.plan.output
    }

    /// The pieces of the parameter vector, in order: for each layer with parameters its weight, then its bias.
    #[must_use]
    pub fn tensors(&self) -> &[ParameterTensor] {
        &self.plan.parameters.tensors
    }

    /// Draws initial parameters from PyTorch's default distributions.
    ///
    /// | layer | weights and biases |
    /// |---|---|
    /// | convolution, linear | uniform in ±1/√fan_in |
    /// | recurrent | uniform in ±1/√hidden; a bias that stands for two of PyTorch's is the sum of two draws |
    /// | layer normalisation | weights 1, biases 0 |
    /// | embedding | normal, mean 0 and variance 1 |
    ///
    /// # Panics
    /// If the length of `parameters` is not [`parameter_count`](Self::parameter_count).
    pub fn initialize(&self, generator: &mut ChaCha8Rng, parameters: &mut [f32]) {
        assert_eq!(
            parameters.len(),
            self.parameter_count(),
            "length of the parameter vector"
        );
        self.plan.parameters.draw(generator, parameters);
    }
}
