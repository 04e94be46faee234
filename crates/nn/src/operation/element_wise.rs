//! Functions of each value by itself.

use super::{Backward, Forward};
use crate::Activation;
use crate::kernel::Kernels;

/// An element-wise function of `count` values for each example.
#[derive(Debug, PartialEq)]
pub(crate) struct ElementWise {
    pub(crate) count: usize,
    pub(crate) function: Activation,
}

impl ElementWise {
    pub(crate) fn forward(&self, arguments: Forward<'_>) {
        arguments.output.copy_from_slice(arguments.input);
        apply(self.function, arguments.output);
    }

    pub(crate) fn backward(&self, arguments: Backward<'_>) {
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
pub(crate) fn apply(function: Activation, values: &mut [f32]) {
    match function {
        // Not `max`, which would turn NaN into 0 and hide a divergence.
        Activation::Relu => values.iter_mut().for_each(|value| {
            *value = if *value <= 0.0 { 0.0 } else { *value };
        }),
        Activation::Tanh => values.iter_mut().for_each(|value| *value = value.tanh()),
        Activation::Sigmoid => values
            .iter_mut()
            .for_each(|value| *value = 1.0 / (1.0 + (-*value).exp())),
    }
}

/// Multiplies each gradient by the function's derivative, given the function's value.
pub(crate) fn apply_derivative(
    kernels: &Kernels,
    function: Activation,
    outputs: &[f32],
    gradient: &mut [f32],
) {
    let pairs = gradient.iter_mut().zip(outputs);
    match function {
        Activation::Relu => kernels.mask_inactive(outputs, gradient),
        Activation::Tanh => pairs.for_each(|(slot, &output)| *slot *= 1.0 - output * output),
        Activation::Sigmoid => pairs.for_each(|(slot, &output)| *slot *= output * (1.0 - output)),
    }
}
