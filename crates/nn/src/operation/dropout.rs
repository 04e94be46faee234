//! Dropout: some values become zero in training passes, and the others grow to make up for it.

use descender_random::Rng;

use super::interface::{Backward, Forward, Operation};
use crate::buffer::Buffer;
use crate::dropout_rate::DropoutRate;

/// out = in · mask in training passes, out = in otherwise, for `count` values of each example.
#[derive(Debug, PartialEq)]
pub(crate) struct Dropout {
    pub(crate) count: usize,
    pub(crate) rate: DropoutRate,
}

/// The masks of the last forward pass.
#[derive(Clone, Debug)]
pub(crate) struct DropoutScratch {
    /// For each value of the batch 0 or 1 / (1 − rate).
    mask: Buffer,
    /// Whether the pass was one of training.
    active: bool,
}

impl Operation for Dropout {
    type Scratch = DropoutScratch;

    fn input_count(&self) -> usize {
        self.count
    }

    fn output_count(&self) -> usize {
        self.count
    }

    fn scratch(&self, max_batch: usize, _first: bool) -> DropoutScratch {
        DropoutScratch {
            mask: Buffer::new(max_batch * self.count),
            active: false,
        }
    }

    fn forward(&self, scratch: &mut DropoutScratch, arguments: Forward<'_>) {
        let Forward {
            input,
            output,
            noise,
            ..
        } = arguments;
        scratch.active = noise.is_some();
        let Some(noise) = noise else {
            output.copy_from_slice(input);
            return;
        };
        let rate = f64::from(self.rate.value());
        // Exact to 2⁻³²; below 2³², because no rate is 1.
        let dropped = (rate * (1_u64 << 32) as f64) as u32;
        let kept = (1.0 / (1.0 - rate)) as f32;
        let values = output.iter_mut().zip(input).zip(scratch.mask.iter_mut());
        for ((output, input), mask) in values {
            *mask = if noise.next_u32() < dropped {
                0.0
            } else {
                kept
            };
            *output = input * *mask;
        }
    }

    fn backward(&self, scratch: &mut DropoutScratch, arguments: Backward<'_>) {
        let Some(input_gradient) = arguments.input_gradient else {
            return;
        };
        input_gradient.copy_from_slice(arguments.output_gradient);
        if scratch.active {
            let gradients = input_gradient.iter_mut().zip(scratch.mask.iter());
            gradients.for_each(|(gradient, mask)| *gradient *= mask);
        }
    }
}
