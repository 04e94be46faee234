//! Functions of each value by itself.

use super::Backward;
use crate::Activation;

/// An element-wise function of `count` values for each example.
#[derive(Debug, PartialEq)]
pub(crate) struct ElementWise {
    pub(crate) count: usize,
    pub(crate) function: Activation,
}

impl ElementWise {
    pub(crate) fn forward(&self, input: &[f32], output: &mut [f32]) {
        output.copy_from_slice(input);
        apply(self.function, output);
    }

    pub(crate) fn backward(&self, arguments: Backward<'_>) {
        let Some(input_gradient) = arguments.input_gradient else {
            return;
        };
        input_gradient.copy_from_slice(arguments.output_gradient);
        apply_derivative(self.function, arguments.output, input_gradient);
    }
}

/// Replaces each value by its function. NaN stays NaN.
pub(crate) fn apply(function: Activation, values: &mut [f32]) {
    match function {
        // Not `max`, which would turn NaN into 0 and hide a divergence.
        Activation::Relu => values.iter_mut().for_each(|value| {
            if *value <= 0.0 {
                *value = 0.0;
            }
        }),
        Activation::Tanh => values.iter_mut().for_each(|value| *value = value.tanh()),
        Activation::Sigmoid => values
            .iter_mut()
            .for_each(|value| *value = 1.0 / (1.0 + (-*value).exp())),
    }
}

/// Multiplies each gradient by the function's derivative, given the function's value.
pub(crate) fn apply_derivative(function: Activation, outputs: &[f32], gradient: &mut [f32]) {
    let pairs = gradient.iter_mut().zip(outputs);
    match function {
        Activation::Relu => pairs.for_each(|(slot, &output)| {
            if output <= 0.0 {
                *slot = 0.0;
            }
        }),
        Activation::Tanh => pairs.for_each(|(slot, &output)| *slot *= 1.0 - output * output),
        Activation::Sigmoid => pairs.for_each(|(slot, &output)| *slot *= output * (1.0 - output)),
    }
}
