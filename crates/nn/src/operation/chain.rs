//! Operations one after the other: a whole network, or the layers inside a residual.

use descender_random::ChaCha8Rng;

use super::interface::{Backward, Forward, Operation};
use crate::buffer::Buffer;
use crate::kernel::Kernels;

/// The memory of a chain of operations, each of which keeps an `S` for itself.
#[derive(Clone, Debug)]
pub(crate) struct Chain<S> {
    /// Output of each operation.
    activations: Vec<Buffer>,
    /// Gradient with respect to the output of each operation.
    gradients: Vec<Buffer>,
    /// What an operation keeps for itself.
    scratch: Vec<S>,
}

/// Arguments of a forward pass through a chain.
pub(crate) struct ChainForward<'a> {
    pub(crate) kernels: &'static Kernels,
    pub(crate) parameters: &'a [f32],
    pub(crate) inputs: &'a [f32],
    /// Where masks are drawn from; none if this is no training pass.
    pub(crate) noise: Option<&'a mut ChaCha8Rng>,
    pub(crate) batch: usize,
    /// The states of all operations, one after the other, each `[batch][…]`; or empty, as for an operation.
    pub(crate) carried: &'a mut [f32],
}

/// Arguments of a backward pass through a chain.
pub(crate) struct ChainBackward<'a> {
    pub(crate) kernels: &'static Kernels,
    pub(crate) parameters: &'a [f32],
    pub(crate) inputs: &'a [f32],
    pub(crate) output_gradient: &'a [f32],
    /// Where the gradient of the inputs goes, if anyone wants it.
    pub(crate) input_gradient: Option<&'a mut [f32]>,
    pub(crate) gradient: &'a mut [f32],
    pub(crate) batch: usize,
}

impl<S> Chain<S> {
    /// Memory for up to `max_batch` examples; `first` if nobody wants the gradient of the inputs.
    pub(crate) fn new(
        operations: &[impl Operation<Scratch = S>],
        max_batch: usize,
        first: bool,
    ) -> Self {
        let buffers = || -> Vec<Buffer> {
            operations
                .iter()
                .map(|operation| Buffer::new(max_batch * operation.output_count()))
                .collect()
        };
        Self {
            activations: buffers(),
            gradients: buffers(),
            scratch: operations
                .iter()
                .enumerate()
                .map(|(index, operation)| operation.scratch(max_batch, first && index == 0))
                .collect(),
        }
    }

    /// The outputs for `batch` examples; in a training pass with masks from `noise`.
    pub(crate) fn forward(
        &mut self,
        operations: &[impl Operation<Scratch = S>],
        arguments: ChainForward<'_>,
    ) -> &[f32] {
        let ChainForward {
            kernels,
            parameters,
            inputs,
            mut noise,
            batch,
            mut carried,
        } = arguments;
        for (index, operation) in operations.iter().enumerate() {
            let (before, from) = self.activations.split_at_mut(index);
            let input = match before.last() {
                Some(previous) => &previous[..batch * operation.input_count()],
                None => inputs,
            };
            let output = &mut from[0][..batch * operation.output_count()];
            let own = match carried.is_empty() {
                true => 0,
                false => batch * operation.state_count(),
            };
            let (own, rest) = carried.split_at_mut(own);
            carried = rest;
            operation.forward(
                &mut self.scratch[index],
                Forward {
                    kernels,
                    parameters,
                    input,
                    output,
                    noise: noise.as_deref_mut(),
                    batch,
                    carried: own,
                },
            );
        }
        let last = operations.len() - 1;
        &self.activations[last][..batch * operations[last].output_count()]
    }

    /// The gradients of the parameters, and of the inputs if wanted, after a forward pass of the same batch.
    pub(crate) fn backward(
        &mut self,
        operations: &[impl Operation<Scratch = S>],
        arguments: ChainBackward<'_>,
    ) {
        let ChainBackward {
            kernels,
            parameters,
            inputs,
            output_gradient,
            mut input_gradient,
            gradient,
            batch,
        } = arguments;
        let last = operations.len() - 1;
        self.gradients[last][..output_gradient.len()].copy_from_slice(output_gradient);
        for (index, operation) in operations.iter().enumerate().rev() {
            let input = match index.checked_sub(1) {
                Some(previous) => &self.activations[previous][..batch * operation.input_count()],
                None => inputs,
            };
            let output = &self.activations[index][..batch * operation.output_count()];
            let (before, from) = self.gradients.split_at_mut(index);
            let output_gradient = &mut from[0][..batch * operation.output_count()];
            let input_gradient = match before.last_mut() {
                Some(previous) => Some(&mut previous[..batch * operation.input_count()]),
                None => input_gradient.take(),
            };
            operation.backward(
                &mut self.scratch[index],
                Backward {
                    kernels,
                    parameters,
                    input,
                    output,
                    output_gradient,
                    input_gradient,
                    gradient: &mut *gradient,
                    batch,
                },
            );
        }
    }
}

/// Values of one example's state in all operations.
pub(crate) fn state_count(operations: &[impl Operation]) -> usize {
    operations.iter().map(Operation::state_count).sum()
}
