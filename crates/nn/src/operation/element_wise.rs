//! Functions of each value by itself.

use super::interface::{Backward, Forward, Operation};
use crate::activation::Activation;
use crate::kernel::Kernels;

/// Values that are copied and changed while they are in the nearest cache; whole vectors of every instruction set.
const PART: usize = 2048;

/// An element-wise function of `count` values for each example.
#[derive(Debug, PartialEq)]
pub(crate) struct ElementWise {
    pub(crate) count: usize,
    pub(crate) function: Activation,
}

impl Operation for ElementWise {
    type Scratch = ();

    fn input_count(&self) -> usize {
        self.count
    }

    fn output_count(&self) -> usize {
        self.count
    }

    fn scratch(&self, _: usize, _: bool) {}

    fn forward(&self, (): &mut (), arguments: Forward<'_>) {
        let parts = arguments.output.chunks_mut(PART);
        for (output, input) in parts.zip(arguments.input.chunks(PART)) {
            output.copy_from_slice(input);
            apply(arguments.kernels, self.function, output);
        }
    }

    fn backward(&self, (): &mut (), arguments: Backward<'_>) {
        let Some(input_gradient) = arguments.input_gradient else {
            return;
        };
        let slopes = arguments.output_gradient.chunks(PART);
        let outputs = arguments.output.chunks(PART);
        let parts = input_gradient.chunks_mut(PART);
        for ((gradient, slopes), outputs) in parts.zip(slopes).zip(outputs) {
            gradient.copy_from_slice(slopes);
            apply_derivative(arguments.kernels, self.function, outputs, gradient);
        }
    }
}

/// Replaces each value by its function. NaN stays NaN.
pub(crate) fn apply(kernels: &Kernels, function: Activation, values: &mut [f32]) {
    match function {
        Activation::Relu => kernels.relu(values),
        Activation::Tanh => kernels.tanh(values),
        Activation::Sigmoid => kernels.sigmoid(values),
    }
}

/// Multiplies each gradient by the function's derivative, given the function's value.
pub(crate) fn apply_derivative(
    kernels: &Kernels,
    function: Activation,
    outputs: &[f32],
    gradient: &mut [f32],
) {
    match function {
        Activation::Relu => kernels.relu_gradient(outputs, gradient),
        Activation::Tanh => kernels.tanh_gradient(outputs, gradient),
        Activation::Sigmoid => kernels.sigmoid_gradient(outputs, gradient),
    }
}
