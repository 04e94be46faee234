//! What a network is made of once it is planned: operations, each one or several layers.

mod convolution;
mod element_wise;
mod linear;
mod max_pool;

use convolution::Convolution;
use element_wise::ElementWise;
use linear::Linear;
use max_pool::MaxPool;

use crate::{Activation, Layer, ParameterTensor, Shape};

/// One step of the computation. Activations between operations are `[batch, height, width, channels]`.
#[derive(Debug, PartialEq)]
pub(crate) enum Operation {
    Convolution(Convolution),
    MaxPool(MaxPool),
    ElementWise(ElementWise),
    Linear(Linear),
}

/// Memory of one operation beside its output and the gradient of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    /// Position of the maximum in its window for each output of a max-pool.
    pub(crate) positions: Vec<u32>,
    /// Working memory.
    pub(crate) values: Vec<f32>,
}

/// Arguments of a backward pass.
pub(crate) struct Backward<'a> {
    pub(crate) parameters: &'a [f32],
    pub(crate) input: &'a [f32],
    pub(crate) output: &'a [f32],
    /// Gradient of the output; may be overwritten.
    pub(crate) output_gradient: &'a mut [f32],
    /// Where the gradient of the input goes, if anyone wants it.
    pub(crate) input_gradient: Option<&'a mut [f32]>,
    /// Gradient of all parameters; an operation writes its own part.
    pub(crate) gradient: &'a mut [f32],
    pub(crate) batch: usize,
}

/// Sorts checked layers into operations. `shapes` are those of [`NetworkSpecification::shapes`]
/// (crate::NetworkSpecification::shapes).
pub(crate) fn plan(
    layers: &[Layer],
    shapes: &[Shape],
    tensors: &[ParameterTensor],
) -> Vec<Operation> {
    let mut operations = Vec::new();
    let mut index = 0;
    while index < layers.len() {
        let first = index;
        let input = shapes[index];
        let offset = || {
            let own = tensors.iter().find(|tensor| tensor.layer == first);
            own.map_or(0, |tensor| tensor.range.start)
        };
        let peek = |index: usize| layers.get(index);
        let operation = match layers[index] {
            Layer::Conv2d {
                out_channels,
                kernel,
                stride,
                padding,
            } => {
                let mut relu = false;
                let mut pool = None;
                // ReLU and maximum commute, so both orders are one operation.
                loop {
                    match peek(index + 1) {
                        Some(Layer::Relu) => relu = true,
                        Some(&Layer::MaxPool2d { size, stride }) if pool.is_none() => {
                            pool = Some((size, stride));
                        }
                        _ => break,
                    }
                    index += 1;
                }
                Operation::Convolution(Convolution::new(
                    input,
                    shapes[first + 1],
                    (kernel, stride, padding),
                    offset(),
                    relu,
                    pool,
                    out_channels,
                ))
            }
            Layer::MaxPool2d { size, stride } => {
                Operation::MaxPool(MaxPool::new(input, shapes[index + 1], size, stride))
            }
            Layer::Linear { outputs } => {
                let activation = peek(index + 1).and_then(element_wise);
                index += usize::from(activation.is_some());
                Operation::Linear(Linear {
                    inputs: input.count(),
                    outputs,
                    offset: offset(),
                    activation,
                })
            }
            ref other => Operation::ElementWise(ElementWise {
                count: input.count(),
                function: element_wise(other).unwrap_or_default(),
            }),
        };
        operations.push(operation);
        index += 1;
    }
    operations
}

fn element_wise(layer: &Layer) -> Option<Activation> {
    match layer {
        Layer::Relu => Some(Activation::Relu),
        Layer::Tanh => Some(Activation::Tanh),
        Layer::Sigmoid => Some(Activation::Sigmoid),
        _ => None,
    }
}

impl Operation {
    /// Values of one example's input.
    pub(crate) fn input_count(&self) -> usize {
        match self {
            Self::Convolution(convolution) => convolution.input_count(),
            Self::MaxPool(pool) => pool.input_count(),
            Self::ElementWise(element_wise) => element_wise.count,
            Self::Linear(linear) => linear.inputs,
        }
    }

    /// Values of one example's output.
    pub(crate) fn output_count(&self) -> usize {
        match self {
            Self::Convolution(convolution) => convolution.output_count(),
            Self::MaxPool(pool) => pool.output_count(),
            Self::ElementWise(element_wise) => element_wise.count,
            Self::Linear(linear) => linear.outputs,
        }
    }

    /// The operation's own memory for up to `max_batch` examples.
    pub(crate) fn scratch(&self, max_batch: usize) -> Scratch {
        match self {
            Self::Convolution(convolution) => convolution.scratch(max_batch),
            Self::MaxPool(pool) => pool.scratch(max_batch),
            Self::ElementWise(_) | Self::Linear(_) => Scratch::default(),
        }
    }

    /// Writes the output of `batch` examples.
    pub(crate) fn forward(
        &self,
        parameters: &[f32],
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
        batch: usize,
    ) {
        match self {
            Self::Convolution(convolution) => {
                convolution.forward(parameters, input, output, scratch, batch);
            }
            Self::MaxPool(pool) => pool.forward(input, output, scratch, batch),
            Self::ElementWise(element_wise) => element_wise.forward(input, output),
            Self::Linear(linear) => linear.forward(parameters, input, output, batch),
        }
    }

    /// Writes the gradients of the operation's parameters and of its input.
    pub(crate) fn backward(&self, arguments: Backward<'_>, scratch: &mut Scratch) {
        match self {
            Self::Convolution(convolution) => convolution.backward(arguments, scratch),
            Self::MaxPool(pool) => pool.backward(arguments, scratch),
            Self::ElementWise(element_wise) => element_wise.backward(arguments),
            Self::Linear(linear) => linear.backward(arguments),
        }
    }
}
