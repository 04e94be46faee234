//! A checked, planned network: forward, backward, initial parameters.
//!
//! Planning turns the list of layers into fewer operations: a convolution takes the ReLU and the max-pool
//! behind it into itself, a linear layer the function behind it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::kernel::Kernels;
use crate::operation::{Backward, Forward, Operation, plan};
use crate::{InstructionSet, Layer, NetworkError, NetworkSpecification, Shape, Workspace};

/// What a [`ParameterTensor`] is in its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// The factors of the inputs.
    Weight,
    /// The addend of each output.
    Bias,
}

/// One named piece of the flat parameter vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterTensor {
    /// Index of the layer in the specification, from 0.
    pub layer: usize,
    /// Weight or bias.
    pub kind: ParameterKind,
    /// Extents, the last one contiguous: conv2d `[kernel, kernel, in, out]`, linear `[in, out]`, bias `[out]`.
    pub shape: Vec<usize>,
    /// Where the tensor lies in the parameter vector.
    pub range: Range<usize>,
    /// Number of inputs that one output of the layer depends on.
    pub fan_in: usize,
}

/// Everything fixed about a network; shared by its clones and workspaces.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    specification: NetworkSpecification,
    tensors: Vec<ParameterTensor>,
    parameter_count: usize,
    output: Shape,
    instruction_set: InstructionSet,
    pub(crate) operations: Vec<Operation>,
}

/// A network of fixed shape. Immutable and cheap to clone; parameters and activations live elsewhere.
#[derive(Clone)]
pub struct Network {
    pub(crate) plan: Arc<Plan>,
    kernels: &'static Kernels,
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
    /// [`NetworkError`] names the layer and setting that make no sense.
    pub fn new(specification: NetworkSpecification) -> Result<Self, NetworkError> {
        Self::with_instruction_set(specification, InstructionSet::best())
    }

    /// As [`new`](Self::new), but computes with the given instructions instead of the machine's best.
    ///
    /// # Errors
    /// [`NetworkError`] as for `new`, or if this machine has not the instructions.
    pub fn with_instruction_set(
        specification: NetworkSpecification,
        instruction_set: InstructionSet,
    ) -> Result<Self, NetworkError> {
        let kernels = instruction_set
            .kernels()
            .ok_or(NetworkError::InstructionSet(instruction_set))?;
        let shapes = specification.shapes()?;
        let tensors = tensors(&specification, &shapes);
        let operations = plan(&specification.layers, &shapes, &tensors);
        let plan = Plan {
            parameter_count: tensors.last().map_or(0, |tensor| tensor.range.end),
            output: shapes[shapes.len() - 1],
            specification,
            tensors,
            instruction_set,
            operations,
        };
        Ok(Self {
            plan: Arc::new(plan),
            kernels,
        })
    }

    /// The specification this network was made of.
    #[must_use]
    pub fn specification(&self) -> &NetworkSpecification {
        &self.plan.specification
    }

    /// The instructions this network computes with.
    #[must_use]
    pub fn instruction_set(&self) -> InstructionSet {
        self.plan.instruction_set
    }

    /// Length of the parameter vector.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.plan.parameter_count
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

    /// Shape of one example's output.
    #[must_use]
    pub fn output_shape(&self) -> Shape {
        self.plan.output
    }

    /// The pieces of the parameter vector, in order: for each layer with parameters its weight, then its bias.
    #[must_use]
    pub fn tensors(&self) -> &[ParameterTensor] {
        &self.plan.tensors
    }

    /// Draws initial parameters as PyTorch does by default for convolutions and linear layers: weights and
    /// biases uniform in ±1/√fan_in. One draw from `generator` for each parameter, in order.
    ///
    /// # Panics
    /// If `parameters` has not [`parameter_count`](Self::parameter_count) values.
    pub fn initialize(&self, generator: &mut ChaCha8Rng, parameters: &mut [f32]) {
        assert_eq!(
            parameters.len(),
            self.parameter_count(),
            "length of the parameter vector"
        );
        for tensor in &self.plan.tensors {
            let bound = 1.0 / (tensor.fan_in as f32).sqrt();
            for parameter in &mut parameters[tensor.range.clone()] {
                let unit = (generator.next_u32() >> 8) as f32 * (1.0 / (1 << 24) as f32);
                *parameter = bound * (2.0 * unit - 1.0);
            }
        }
    }

    /// Computes the outputs (`[batch, outputs]`) of `batch` examples (`[batch, height, width, channels]`) and
    /// keeps in `workspace` what [`backward`](Self::backward) needs. Allocates nothing.
    ///
    /// # Panics
    /// If `workspace` is not this network's or holds fewer than `batch` examples, or a slice has a wrong length.
    pub fn forward<'w>(
        &self,
        workspace: &'w mut Workspace,
        parameters: &[f32],
        inputs: &[f32],
        batch: usize,
    ) -> &'w [f32] {
        self.check(workspace, parameters, inputs, batch);
        workspace.batch = batch;
        for (index, operation) in self.plan.operations.iter().enumerate() {
            let (before, from) = workspace.activations.split_at_mut(index);
            let input = match before.last() {
                Some(previous) => &previous[..batch * operation.input_count()],
                None => inputs,
            };
            let output = &mut from[0][..batch * operation.output_count()];
            operation.forward(Forward {
                kernels: self.kernels,
                parameters,
                input,
                output,
                scratch: &mut workspace.scratch[index],
                batch,
            });
        }
        let last = workspace.activations.len() - 1;
        &workspace.activations[last][..batch * self.output_count()]
    }

    /// Computes the gradient of a scalar function of the outputs with respect to the parameters, given
    /// `output_gradient` (`[batch, outputs]`) with respect to the outputs of the last
    /// [`forward`](Self::forward), which must have had the same `parameters` and `inputs`. Overwrites
    /// `gradient`. Allocates nothing. May be called once for each forward pass.
    ///
    /// # Panics
    /// If `workspace` is not this network's, or a slice has a wrong length.
    pub fn backward(
        &self,
        workspace: &mut Workspace,
        parameters: &[f32],
        inputs: &[f32],
        output_gradient: &[f32],
        gradient: &mut [f32],
    ) {
        let batch = workspace.batch;
        self.check(workspace, parameters, inputs, batch);
        assert_eq!(
            output_gradient.len(),
            batch * self.output_count(),
            "length of the output gradient"
        );
        assert_eq!(
            gradient.len(),
            self.parameter_count(),
            "length of the gradient"
        );
        let last = self.plan.operations.len() - 1;
        workspace.gradients[last][..output_gradient.len()].copy_from_slice(output_gradient);
        for (index, operation) in self.plan.operations.iter().enumerate().rev() {
            let input = match index.checked_sub(1) {
                Some(previous) => {
                    &workspace.activations[previous][..batch * operation.input_count()]
                }
                None => inputs,
            };
            let output = &workspace.activations[index][..batch * operation.output_count()];
            let (before, from) = workspace.gradients.split_at_mut(index);
            let output_gradient = &mut from[0][..batch * operation.output_count()];
            let input_gradient = before
                .last_mut()
                .map(|previous| &mut previous[..batch * operation.input_count()]);
            operation.backward(Backward {
                kernels: self.kernels,
                parameters,
                input,
                output,
                output_gradient,
                input_gradient,
                gradient: &mut *gradient,
                scratch: &mut workspace.scratch[index],
                batch,
            });
        }
    }

    fn check(&self, workspace: &Workspace, parameters: &[f32], inputs: &[f32], batch: usize) {
        assert!(
            Arc::ptr_eq(&self.plan, &workspace.plan) || self.plan == workspace.plan,
            "the workspace was made for another network"
        );
        assert!(
            batch <= workspace.max_batch(),
            "a batch of {batch} in a workspace for at most {}",
            workspace.max_batch()
        );
        assert_eq!(
            parameters.len(),
            self.parameter_count(),
            "length of the parameter vector"
        );
        assert_eq!(
            inputs.len(),
            batch * self.input_count(),
            "length of the inputs"
        );
    }
}

/// The pieces of the parameter vector for layers whose shapes have been checked.
fn tensors(specification: &NetworkSpecification, shapes: &[Shape]) -> Vec<ParameterTensor> {
    let mut tensors = Vec::new();
    let mut offset = 0;
    for (index, (layer, input)) in specification.layers.iter().zip(shapes).enumerate() {
        let (shape, outputs, fan_in) = match *layer {
            Layer::Conv2d {
                out_channels,
                kernel,
                ..
            } => (
                vec![kernel, kernel, input.channels, out_channels],
                out_channels,
                kernel * kernel * input.channels,
            ),
            Layer::Linear { outputs } => (vec![input.count(), outputs], outputs, input.count()),
            _ => continue,
        };
        for (kind, shape) in [
            (ParameterKind::Weight, shape),
            (ParameterKind::Bias, vec![outputs]),
        ] {
            let end = offset + shape.iter().product::<usize>();
            tensors.push(ParameterTensor {
                layer: index,
                kind,
                shape,
                range: offset..end,
                fan_in,
            });
            offset = end;
        }
    }
    tensors
}
