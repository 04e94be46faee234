//! A two-dimensional convolution, with the ReLU and the max-pool that may follow it.
//!
//! Forward: rows of outputs as matrix products over the padded image, or through Toom and Cook's transform
//! ([`crate::kernel::winograd`]) where that needs clearly fewer operations; then pooling, which notes for each
//! output the input patch that won. Backward: the gradients that survived ReLU and pooling are listed with
//! their patches, and both gradients are sums over those lists ([`crate::kernel::accumulate`]).
//! A first layer on images that are mostly zeros has passes of its own (`sparse`).
//! Examples are computed one by one, so everything stays in the nearest caches.

mod backward;
mod forward;
mod fused;
mod geometry;
mod sparse;
mod sparse_passes;

use super::interface::{Backward, Forward, Operation};
pub(crate) use fused::Convolution;
use fused::ConvolutionScratch;
pub(crate) use geometry::Sliding;

impl Operation for Convolution {
    type Scratch = ConvolutionScratch;

    fn input_count(&self) -> usize {
        self.input.count()
    }

    fn output_count(&self) -> usize {
        self.output().count()
    }

    fn scratch(&self, max_batch: usize, first: bool) -> ConvolutionScratch {
        self.memory(max_batch, first)
    }

    fn forward(&self, scratch: &mut ConvolutionScratch, arguments: Forward<'_>) {
        self.forward_examples(scratch, arguments);
    }

    fn backward(&self, scratch: &mut ConvolutionScratch, arguments: Backward<'_>) {
        self.backward_examples(scratch, arguments);
    }
}
