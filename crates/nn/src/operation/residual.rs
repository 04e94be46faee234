//! out = in + f(in), where f is a chain of operations.

use super::chain::{Chain, ChainBackward, ChainForward, state_count};
use super::interface::{Backward, Forward, Operation};

/// A residual around `operations`, which turn `count` values for each example into as many.
#[derive(Debug, PartialEq)]
pub(crate) struct Residual<O> {
    pub(crate) count: usize,
    pub(crate) operations: Vec<O>,
}

impl<O: Operation> Operation for Residual<O> {
    type Scratch = Chain<O::Scratch>;

    fn input_count(&self) -> usize {
        self.count
    }

    fn output_count(&self) -> usize {
        self.count
    }

    fn state_count(&self) -> usize {
        state_count(&self.operations)
    }

    fn scratch(&self, max_batch: usize, first: bool) -> Self::Scratch {
        Chain::new(&self.operations, max_batch, first)
    }

    fn forward(&self, chain: &mut Self::Scratch, arguments: Forward<'_>) {
        let Forward {
            kernels,
            parameters,
            input,
            output,
            noise,
            batch,
            carried,
        } = arguments;
        let inner = ChainForward {
            kernels,
            parameters,
            inputs: input,
            noise,
            batch,
            carried,
        };
        let inner = chain.forward(&self.operations, inner);
        for ((output, input), inner) in output.iter_mut().zip(input).zip(inner) {
            *output = input + inner;
        }
    }

    fn backward(&self, chain: &mut Self::Scratch, arguments: Backward<'_>) {
        let Backward {
            kernels,
            parameters,
            input,
            output_gradient,
            mut input_gradient,
            gradient,
            batch,
            ..
        } = arguments;
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
