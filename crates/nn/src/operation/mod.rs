//! What a network is made of once it is planned: operations, each one or several layers.

mod average_pool;
mod chain;
mod convolution;
mod element_wise;
mod embedding;
mod layer_norm;
mod linear;
mod max_pool;
mod plan;
mod recurrent;
mod residual;

use average_pool::AveragePool;
use convolution::{Convolution, ConvolutionScratch};
use element_wise::ElementWise;
use embedding::Embedding;
use layer_norm::LayerNorm;
use linear::Linear;
use max_pool::MaxPool;
use recurrent::{Recurrent, RecurrentScratch};
use residual::Residual;

pub(crate) use chain::{Chain, ChainBackward};
pub(crate) use plan::plan;

use crate::buffer::Buffer;
use crate::kernel::Kernels;

/// One step of the computation. Activations between operations are `[batch, height, width, channels]`.
#[derive(Debug, PartialEq)]
pub(crate) enum Operation {
    Convolution(Box<Convolution>),
    MaxPool(MaxPool),
    ElementWise(ElementWise),
    Linear(Linear),
    Recurrent(Recurrent),
    LayerNorm(LayerNorm),
    AveragePool(AveragePool),
    Embedding(Embedding),
    Residual(Residual),
}

/// Memory of one operation beside its output and the gradient of it.
#[derive(Clone, Debug)]
pub(crate) enum Scratch {
    None,
    Convolution(Box<ConvolutionScratch>),
    /// Where in the input each maximum was found.
    MaxPool(Vec<u32>),
    /// The transposed weights.
    Linear(Buffer),
    Recurrent(Box<RecurrentScratch>),
    /// Mean and 1/deviation of each position.
    LayerNorm(Buffer),
    /// The memory of the layers inside.
    Residual(Box<Chain>),
}

/// Arguments of a forward pass.
pub(crate) struct Forward<'a> {
    pub(crate) kernels: &'static Kernels,
    pub(crate) parameters: &'a [f32],
    pub(crate) input: &'a [f32],
    pub(crate) output: &'a mut [f32],
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) batch: usize,
}

/// Arguments of a backward pass.
pub(crate) struct Backward<'a> {
    pub(crate) kernels: &'static Kernels,
    pub(crate) parameters: &'a [f32],
    pub(crate) input: &'a [f32],
    pub(crate) output: &'a [f32],
    /// Gradient of the output; may be overwritten.
    pub(crate) output_gradient: &'a mut [f32],
    /// Where the gradient of the input goes, if anyone wants it.
    pub(crate) input_gradient: Option<&'a mut [f32]>,
    /// Gradient of all parameters; an operation writes its own part.
    pub(crate) gradient: &'a mut [f32],
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) batch: usize,
}

impl Operation {
    /// Values of one example's input.
    pub(crate) fn input_count(&self) -> usize {
        match self {
            Self::Convolution(convolution) => convolution.input_count(),
            Self::MaxPool(pool) => pool.input_count(),
            Self::ElementWise(element_wise) => element_wise.count,
            Self::Linear(linear) => linear.inputs,
            Self::Recurrent(recurrent) => recurrent.input_count(),
            Self::LayerNorm(norm) => norm.positions * norm.channels,
            Self::AveragePool(pool) => pool.input_count(),
            Self::Embedding(embedding) => embedding.input_count(),
            Self::Residual(residual) => residual.count,
        }
    }

    /// Values of one example's output.
    pub(crate) fn output_count(&self) -> usize {
        match self {
            Self::Convolution(convolution) => convolution.output_count(),
            Self::MaxPool(pool) => pool.output_count(),
            Self::ElementWise(element_wise) => element_wise.count,
            Self::Linear(linear) => linear.outputs,
            Self::Recurrent(recurrent) => recurrent.output_count(),
            Self::LayerNorm(norm) => norm.positions * norm.channels,
            Self::AveragePool(pool) => pool.output_count(),
            Self::Embedding(embedding) => embedding.output_count(),
            Self::Residual(residual) => residual.count,
        }
    }

    /// The operation's own memory for up to `max_batch` examples; `first` if nobody wants the gradient of its
    /// input.
    pub(crate) fn scratch(&self, max_batch: usize, first: bool) -> Scratch {
        match self {
            Self::Convolution(convolution) => {
                Scratch::Convolution(Box::new(convolution.scratch(max_batch, first)))
            }
            Self::MaxPool(pool) => Scratch::MaxPool(vec![0; max_batch * pool.output_count()]),
            Self::Linear(linear) if !first => {
                Scratch::Linear(Buffer::new(linear.inputs * linear.outputs))
            }
            Self::Recurrent(recurrent) => {
                Scratch::Recurrent(Box::new(recurrent.scratch(max_batch, first)))
            }
            Self::LayerNorm(norm) => {
                Scratch::LayerNorm(Buffer::new(2 * max_batch * norm.positions))
            }
            Self::Residual(residual) => {
                Scratch::Residual(Box::new(Chain::new(&residual.operations, max_batch, first)))
            }
            Self::ElementWise(_) | Self::Linear(_) | Self::AveragePool(_) | Self::Embedding(_) => {
                Scratch::None
            }
        }
    }

    /// Writes the output of `batch` examples.
    pub(crate) fn forward(&self, arguments: Forward<'_>) {
        match self {
            Self::Convolution(convolution) => convolution.forward(arguments),
            Self::MaxPool(pool) => pool.forward(arguments),
            Self::ElementWise(element_wise) => element_wise.forward(arguments),
            Self::Linear(linear) => linear.forward(arguments),
            Self::Recurrent(recurrent) => recurrent.forward(arguments),
            Self::LayerNorm(norm) => norm.forward(arguments),
            Self::AveragePool(pool) => pool.forward(arguments),
            Self::Embedding(embedding) => embedding.forward(arguments),
            Self::Residual(residual) => residual.forward(arguments),
        }
    }

    /// Writes the gradients of the operation's parameters and of its input.
    pub(crate) fn backward(&self, arguments: Backward<'_>) {
        match self {
            Self::Convolution(convolution) => convolution.backward(arguments),
            Self::MaxPool(pool) => pool.backward(arguments),
            Self::ElementWise(element_wise) => element_wise.backward(arguments),
            Self::Linear(linear) => linear.backward(arguments),
            Self::Recurrent(recurrent) => recurrent.backward(arguments),
            Self::LayerNorm(norm) => norm.backward(arguments),
            Self::AveragePool(pool) => pool.backward(arguments),
            Self::Embedding(embedding) => embedding.backward(arguments),
            Self::Residual(residual) => residual.backward(arguments),
        }
    }
}
