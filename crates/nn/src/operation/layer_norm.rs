//! Layer normalisation over the channels of each position.

use super::{Backward, Forward, Scratch};
use crate::kernel::layer_norm::{Normalize, NormalizeGradient};

/// out = weight · (in − mean) / deviation + bias; weight `[channels]` and bias `[channels]` from `offset` on in the
/// parameters.
#[derive(Debug, PartialEq)]
pub(crate) struct LayerNorm {
    pub(crate) positions: usize,
    pub(crate) channels: usize,
    pub(crate) offset: usize,
}

impl LayerNorm {
    pub(crate) fn forward(&self, arguments: Forward<'_>) {
        let Scratch::LayerNorm(moments) = arguments.scratch else {
            return;
        };
        let parameters = &arguments.parameters[self.offset..][..2 * self.channels];
        let (weights, bias) = parameters.split_at(self.channels);
        arguments.kernels.normalize(&mut Normalize {
            rows: arguments.batch * self.positions,
            input: arguments.input,
            weights,
            bias,
            output: arguments.output,
            moments,
        });
    }

    pub(crate) fn backward(&self, arguments: Backward<'_>) {
        let Scratch::LayerNorm(moments) = arguments.scratch else {
            return;
        };
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
            });
        if let Some(input_gradient) = arguments.input_gradient {
            input_gradient.copy_from_slice(arguments.output_gradient);
        }
    }
}
