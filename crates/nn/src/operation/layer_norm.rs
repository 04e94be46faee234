//! Layer normalisation over the channels of each position, with the element-wise function that may follow it.

use super::element_wise::{apply, apply_derivative};
use super::interface::{Backward, Forward, Operation};
use crate::activation::Activation;
use crate::buffer::Buffer;
use crate::kernel::layer_norm::{Normalize, NormalizeGradient};

/// out = f(weight · (in − mean) / deviation + bias); weight `[channels]` and bias `[channels]` from `offset` on in the
/// parameters.
#[derive(Debug, PartialEq)]
pub(crate) struct LayerNorm {
    pub(crate) positions: usize,
    pub(crate) channels: usize,
    pub(crate) offset: usize,
    pub(crate) activation: Option<Activation>,
}

impl Operation for LayerNorm {
    /// Mean and 1/deviation of each position.
    type Scratch = Buffer;

    fn input_count(&self) -> usize {
        self.positions * self.channels
    }

    fn output_count(&self) -> usize {
        self.positions * self.channels
    }

    fn scratch(&self, max_batch: usize, _first: bool) -> Buffer {
        Buffer::new(2 * max_batch * self.positions)
    }

    fn forward(&self, moments: &mut Buffer, arguments: Forward<'_>) {
        let parameters = &arguments.parameters[self.offset..][..2 * self.channels];
        let (weights, bias) = parameters.split_at(self.channels);
        arguments.kernels.normalize(&mut Normalize {
            rows: arguments.batch * self.positions,
            input: arguments.input,
            weights,
            bias,
            output: &mut *arguments.output,
            moments,
        });
        if let Some(function) = self.activation {
            apply(arguments.kernels, function, arguments.output);
        }
    }

    fn backward(&self, moments: &mut Buffer, arguments: Backward<'_>) {
        if let Some(function) = self.activation {
            let (outputs, slopes) = (arguments.output, &mut *arguments.output_gradient);
            apply_derivative(arguments.kernels, function, outputs, slopes);
        }
        let weights = &arguments.parameters[self.offset..][..self.channels];
        let gradient = &mut arguments.gradient[self.offset..][..2 * self.channels];
        let (weight_gradient, bias_gradient) = gradient.split_at_mut(self.channels);
        arguments
            .kernels
            .normalize_gradient(&mut NormalizeGradient {
                rows: arguments.batch * self.positions,
                input: arguments.input,
                weights,
                moments,
                slopes: arguments.output_gradient,
                weight_gradient,
                bias_gradient,
                input_gradient: arguments.input_gradient.unwrap_or_default(),
            });
    }
}
