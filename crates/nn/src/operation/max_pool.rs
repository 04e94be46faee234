//! Max-pooling that stands by itself (behind a convolution it is part of the convolution).

use super::{Backward, Scratch};
use crate::Shape;

/// Maximum over windows of `size` × `size` cells, `stride` apart.
#[derive(Debug, PartialEq)]
pub(crate) struct MaxPool {
    input: Shape,
    output: Shape,
    size: usize,
    stride: usize,
}

impl MaxPool {
    pub(crate) fn new(input: Shape, output: Shape, size: usize, stride: usize) -> Self {
        Self {
            input,
            output,
            size,
            stride,
        }
    }

    pub(crate) fn input_count(&self) -> usize {
        self.input.count()
    }

    pub(crate) fn output(&self) -> Shape {
        self.output
    }

    pub(crate) fn output_count(&self) -> usize {
        self.output.count()
    }

    pub(crate) fn scratch(&self, max_batch: usize) -> Scratch {
        Scratch {
            positions: vec![0; max_batch * self.output.count()],
            values: Vec::new(),
        }
    }

    pub(crate) fn forward(
        &self,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
        batch: usize,
    ) {
        let (inputs, outputs) = (self.input.count(), self.output.count());
        for example in 0..batch {
            self.forward_example(
                &input[example * inputs..][..inputs],
                &mut output[example * outputs..][..outputs],
                &mut scratch.positions[example * outputs..][..outputs],
            );
        }
    }

    /// Writes the maxima of one example, and where in the input each was found.
    pub(crate) fn forward_example(&self, input: &[f32], output: &mut [f32], positions: &mut [u32]) {
        let channels = self.input.channels;
        let cells = output
            .chunks_exact_mut(channels)
            .zip(positions.chunks_exact_mut(channels));
        for (cell, (output, positions)) in cells.enumerate() {
            let (row, column) = (cell / self.output.width, cell % self.output.width);
            for window in 0..self.size * self.size {
                let y = row * self.stride + window / self.size;
                let x = column * self.stride + window % self.size;
                let start = (y * self.input.width + x) * channels;
                for (channel, &value) in input[start..][..channels].iter().enumerate() {
                    // The first of equal values wins; a NaN wins over any number.
                    if window == 0 || value > output[channel] || value.is_nan() {
                        output[channel] = value;
                        positions[channel] = (start + channel) as u32;
                    }
                }
            }
        }
    }

    pub(crate) fn backward(&self, arguments: Backward<'_>, scratch: &mut Scratch) {
        let Some(input_gradient) = arguments.input_gradient else {
            return;
        };
        input_gradient.fill(0.0);
        let outputs = self.output.count();
        for (example, gradient) in input_gradient
            .chunks_exact_mut(self.input.count())
            .enumerate()
        {
            let own = example * outputs..(example + 1) * outputs;
            let pairs = arguments.output_gradient[own.clone()]
                .iter()
                .zip(&scratch.positions[own]);
            for (&value, &position) in pairs {
                gradient[position as usize] += value;
            }
        }
    }
}
