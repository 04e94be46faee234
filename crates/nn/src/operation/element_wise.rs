//! Functions of each value by itself.

use super::interface::{Backward, Forward, Operation};
use crate::activation::Activation;
use crate::kernel::Kernels;

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
        arguments.output.copy_from_slice(arguments.input);
        apply(arguments.kernels, self.function, arguments.output);
    }

    fn backward(&self, (): &mut (), arguments: Backward<'_>) {
        let Some(input_gradient) = arguments.input_gradient else {
            return;
        };
        input_gradient.copy_from_slice(arguments.output_gradient);
        apply_derivative(
            arguments.kernels,
            self.function,
            arguments.output,
            input_gradient,
        );
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
