//! A convolution with a 3 × 3 kernel, stride 1 and many channels, with the ReLU and the max-pool that may follow it.
//!
//! All three passes go through the transform of [`crate::kernel::planar`], which leaves a quarter of the products.
//! They are matrix products, equally fast for every gradient, dense or not. Several examples share one pass over the
//! weights. With few channels the transforms would cost more than they save: those convolutions are
//! [`super::convolution`]s. Which of the two a layer is depends on its shape alone.

mod backward;
mod forward;
mod fused;

use super::interface::{Backward, Forward, Operation};
pub(crate) use fused::PlanarConvolution;
use fused::PlanarScratch;

impl Operation for PlanarConvolution {
    type Scratch = PlanarScratch;

    fn input_count(&self) -> usize {
        self.input.count()
    }

    fn output_count(&self) -> usize {
        self.output().count()
    }

    fn scratch(&self, max_batch: usize, first: bool) -> PlanarScratch {
        self.memory(max_batch, first)
    }

    fn forward(&self, scratch: &mut PlanarScratch, arguments: Forward<'_>) {
        self.forward_examples(scratch, arguments);
    }

    fn backward(&self, scratch: &mut PlanarScratch, arguments: Backward<'_>) {
        self.backward_examples(scratch, arguments);
    }
}
