//! A linear layer, with the element-wise function behind it if there is one.

use super::Backward;
use super::element_wise::{apply, apply_derivative};
use crate::Activation;

/// out = f(bias + in · weight), weight `[in][out]` and then bias `[out]` from `offset` on in the parameters.
#[derive(Debug, PartialEq)]
pub(crate) struct Linear {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) offset: usize,
    pub(crate) activation: Option<Activation>,
}

impl Linear {
    pub(crate) fn forward(
        &self,
        parameters: &[f32],
        input: &[f32],
        output: &mut [f32],
        _batch: usize,
    ) {
        let own = &parameters[self.offset..];
        let (weights, own) = own.split_at(self.inputs * self.outputs);
        let bias = &own[..self.outputs];
        let rows = input
            .chunks_exact(self.inputs)
            .zip(output.chunks_exact_mut(self.outputs));
        for (input, output) in rows {
            output.copy_from_slice(bias);
            for (value, weights) in input.iter().zip(weights.chunks_exact(self.outputs)) {
                for (sum, weight) in output.iter_mut().zip(weights) {
                    *sum += value * weight;
                }
            }
        }
        if let Some(function) = self.activation {
            apply(function, output);
        }
    }

    pub(crate) fn backward(&self, arguments: Backward<'_>) {
        let Backward {
            parameters,
            input,
            output,
            output_gradient,
            input_gradient,
            gradient,
            ..
        } = arguments;
        if let Some(function) = self.activation {
            apply_derivative(function, output, output_gradient);
        }
        let split = self.inputs * self.outputs;
        let weights = &parameters[self.offset..][..split];
        let (weight_gradient, rest) = gradient[self.offset..].split_at_mut(split);
        let bias_gradient = &mut rest[..self.outputs];
        weight_gradient.fill(0.0);
        bias_gradient.fill(0.0);
        let rows = || {
            input
                .chunks_exact(self.inputs)
                .zip(output_gradient.chunks_exact(self.outputs))
        };
        for (input, output_gradient) in rows() {
            for (sum, value) in bias_gradient.iter_mut().zip(output_gradient) {
                *sum += value;
            }
            for (value, sums) in input
                .iter()
                .zip(weight_gradient.chunks_exact_mut(self.outputs))
            {
                for (sum, gradient) in sums.iter_mut().zip(output_gradient) {
                    *sum += value * gradient;
                }
            }
        }
        let Some(input_gradient) = input_gradient else {
            return;
        };
        let rows = input_gradient
            .chunks_exact_mut(self.inputs)
            .zip(output_gradient.chunks_exact(self.outputs));
        for (input_gradient, output_gradient) in rows {
            for (slot, weights) in input_gradient
                .iter_mut()
                .zip(weights.chunks_exact(self.outputs))
            {
                *slot = weights
                    .iter()
                    .zip(output_gradient)
                    .map(|(weight, value)| weight * value)
                    .sum();
            }
        }
    }
}
