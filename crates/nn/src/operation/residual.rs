//! out = in + f(in), f being a chain of operations.

use super::{Backward, ChainBackward, Forward, Operation, Scratch};

/// A residual around `operations`, which turn `count` values for each example into as many.
#[derive(Debug, PartialEq)]
pub(crate) struct Residual {
    pub(crate) count: usize,
    pub(crate) operations: Vec<Operation>,
}

impl Residual {
    pub(crate) fn forward(&self, arguments: Forward<'_>) {
        let Forward {
            kernels,
            parameters,
            input,
            output,
            scratch,
            batch,
        } = arguments;
        let Scratch::Residual(chain) = scratch else {
            return;
        };
        let inner = chain.forward(&self.operations, kernels, parameters, input, batch);
        for ((output, input), inner) in output.iter_mut().zip(input).zip(inner) {
            *output = input + inner;
        }
    }

    pub(crate) fn backward(&self, arguments: Backward<'_>) {
        let Backward {
            kernels,
            parameters,
            input,
            output_gradient,
            mut input_gradient,
            gradient,
            scratch,
            batch,
            ..
        } = arguments;
        let Scratch::Residual(chain) = scratch else {
            return;
        };
        chain.backward(
            &self.operations,
            ChainBackward {
                kernels,
                parameters,
                inputs: input,
                output_gradient,
                input_gradient: input_gradient.as_deref_mut(),
                gradient,
                batch,
            },
        );
        if let Some(input_gradient) = input_gradient {
            for (slot, value) in input_gradient.iter_mut().zip(output_gradient) {
                *slot += *value;
            }
        }
    }
}
