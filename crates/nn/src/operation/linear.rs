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

/// Fewest weights of a layer that are too many for the second-level cache beside their transpose.
const LARGE: usize = 1 << 18;

/// What is transposed for the gradient of the input.
#[derive(Clone, Debug)]
pub(crate) enum Transposed {
    /// Nobody wants the gradient.
    Nothing,
    /// The weights.
    Weights(Buffer),
    /// The gradients of the outputs and of the inputs, because there are fewer of them.
    Gradients { outputs: Buffer, inputs: Buffer },
}

impl Operation for Linear {
    type Scratch = Transposed;

    fn input_count(&self) -> usize {
        self.inputs
    }

    fn output_count(&self) -> usize {
        self.outputs
    }

    fn scratch(&self, max_batch: usize, first: bool) -> Transposed {
        let weights = self.inputs * self.outputs;
        if first {
            Transposed::Nothing
        } else if weights < LARGE || self.outputs < 64 {
            Transposed::Weights(Buffer::new(weights))
        } else {
            Transposed::Gradients {
                outputs: Buffer::new(self.outputs * max_batch),
                inputs: Buffer::new(self.inputs * max_batch),
            }
        }
    }

    fn forward(&self, _: &mut Transposed, arguments: Forward<'_>) {
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

    fn backward(&self, transposed: &mut Transposed, arguments: Backward<'_>) {
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
        let Some(input_gradient) = arguments.input_gradient else {
            return;
        };
        let weights = &parameters[self.offset..][..inputs * outputs];
        let product = |a: &[f32], b: &[f32], c: &mut [f32], [rows, length, columns]: [usize; 3]| {
            kernels.gemm(&mut Gemm {
                rows,
                columns,
                a,
                a_row: length,
                a_step: 1,
                segments: 1,
                a_segment: 0,
                length,
                b,
                b_row: columns,
                c,
                c_row: columns,
                bias: &[],
                add: false,
                relu: false,
            });
        };
        let transpose = |from: &[f32], to: &mut [f32], rows, columns| {
            kernels.transpose(&mut Transpose {
                rows,
                columns,
                from,
                from_row: columns,
                to,
                to_row: rows,
            });
        };
        // gradient · weightᵀ, or the transpose of weight · gradientᵀ, which are the same sums.
        match transposed {
            Transposed::Nothing => {}
            Transposed::Weights(turned) => {
                transpose(weights, turned, inputs, outputs);
                let sizes = [batch, outputs, inputs];
                product(output_gradient, turned, input_gradient, sizes);
            }
            Transposed::Gradients {
                outputs: slopes,
                inputs: gradient,
            } => {
                transpose(output_gradient, slopes, batch, outputs);
                product(weights, slopes, gradient, [inputs, outputs, batch]);
                transpose(gradient, input_gradient, inputs, batch);
            }
        }
    }
}
