//! A linear layer, with the element-wise function that may follow it.

use super::element_wise::{apply, apply_derivative};
use super::interface::{Backward, Forward, Operation};
use crate::activation::Activation;
use crate::buffer::Buffer;
use crate::kernel::gemm::Gemm;
use crate::kernel::rows::Transpose;

/// out = f(bias + in · weight), weight `[in][out]` and then bias `[out]` from `offset` on in the parameters.
#[derive(Debug, PartialEq)]
pub(crate) struct Linear {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) offset: usize,
    pub(crate) activation: Option<Activation>,
}

impl Operation for Linear {
    /// The transposed weights, if anyone wants the gradient of the input.
    type Scratch = Option<Buffer>;

    fn input_count(&self) -> usize {
        self.inputs
    }

    fn output_count(&self) -> usize {
        self.outputs
    }

    fn scratch(&self, _max_batch: usize, first: bool) -> Option<Buffer> {
        (!first).then(|| Buffer::new(self.inputs * self.outputs))
    }

    fn forward(&self, _: &mut Option<Buffer>, arguments: Forward<'_>) {
        let Forward {
            kernels,
            parameters,
            input,
            output,
            batch,
            ..
        } = arguments;
        let (weights, rest) = parameters[self.offset..].split_at(self.inputs * self.outputs);
        kernels.gemm(&mut Gemm {
            rows: batch,
            columns: self.outputs,
            a: input,
            a_row: self.inputs,
            a_step: 1,
            segments: 1,
            a_segment: 0,
            length: self.inputs,
            b: weights,
            b_row: self.outputs,
            c: output,
            c_row: self.outputs,
            bias: &rest[..self.outputs],
            add: false,
            relu: self.activation == Some(Activation::Relu),
        });
        if let Some(function @ (Activation::Tanh | Activation::Sigmoid)) = self.activation {
            apply(kernels, function, output);
        }
    }

    fn backward(&self, transposed: &mut Option<Buffer>, arguments: Backward<'_>) {
        let Backward {
            kernels,
            parameters,
            input,
            output,
            output_gradient,
            ..
        } = arguments;
        if let Some(function) = self.activation {
            apply_derivative(kernels, function, output, output_gradient);
        }
        let (inputs, outputs, batch) = (self.inputs, self.outputs, arguments.batch);
        let (weight_gradient, rest) =
            arguments.gradient[self.offset..].split_at_mut(inputs * outputs);
        kernels.sum_rows(output_gradient, &mut rest[..outputs]);
        // inᵀ · gradient.
        kernels.gemm(&mut Gemm {
            rows: inputs,
            columns: outputs,
            a: input,
            a_row: 1,
            a_step: inputs,
            segments: 1,
            a_segment: 0,
            length: batch,
            b: output_gradient,
            b_row: outputs,
            c: weight_gradient,
            c_row: outputs,
            bias: &[],
            add: false,
            relu: false,
        });
        let (Some(input_gradient), Some(transposed)) = (arguments.input_gradient, transposed)
        else {
            return;
        };
        let weights = &parameters[self.offset..][..inputs * outputs];
        kernels.transpose(&mut Transpose {
            rows: inputs,
            columns: outputs,
            from: weights,
            from_row: outputs,
            to: transposed,
            to_row: inputs,
        });
        // gradient · weightᵀ.
        kernels.gemm(&mut Gemm {
            rows: batch,
            columns: inputs,
            a: output_gradient,
            a_row: outputs,
            a_step: 1,
            segments: 1,
            a_segment: 0,
            length: outputs,
            b: transposed,
            b_row: inputs,
            c: input_gradient,
            c_row: inputs,
            bias: &[],
            add: false,
            relu: false,
        });
    }
}
