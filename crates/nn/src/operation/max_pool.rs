//! Max-pooling: by itself, or inside a convolution.

use std::ops::Range;

use super::interface::{Backward, Forward, Operation};
use crate::kernel::Kernels;
use crate::kernel::pool::{Pool, Unpool};
use crate::shape::Shape;

/// Maximum over windows of `size` × `size` cells, `stride` apart.
#[derive(Debug, PartialEq)]
pub(crate) struct MaxPool {
    pub(crate) input: Shape,
    pub(crate) output: Shape,
    pub(crate) size: usize,
    pub(crate) stride: usize,
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

    /// Pools some output rows of one example, whose input rows are `input_row` apart. A winner in cell (y, x)
    /// is noted as the dot product of (y, x) and `place`.
    pub(crate) fn rows(
        &self,
        kernels: &Kernels,
        rows: Range<usize>,
        (input, input_row): (&[f32], usize),
        (output, places): (&mut [f32], &mut [u32]),
        (place_row, place_column): (usize, usize),
        relu: bool,
    ) {
        kernels.pool(&mut Pool {
            input,
            input_row,
            channels: self.input.channels,
            size: self.size,
            stride: self.stride,
            first_row: rows.start,
            end_row: rows.end,
            columns: self.output.width,
            output,
            places,
            place_row,
            place_column,
            relu,
        });
    }

    /// Spreads the gradient of some output rows of one example over their windows, which must not overlap.
    /// `places` and `place` are those of [`rows`](Self::rows).
    pub(crate) fn unpool_rows(
        &self,
        kernels: &Kernels,
        rows: Range<usize>,
        (gradient, places): (&[f32], &[u32]),
        (to, to_row): (&mut [f32], usize),
        (place_row, place_column): (usize, usize),
    ) {
        if rows.is_empty() {
            return;
        }
        kernels.unpool(&mut Unpool {
            gradient,
            places,
            first_row: rows.start,
            end_row: rows.end,
            columns: self.output.width,
            channels: self.input.channels,
            size: self.size,
            stride: self.stride,
            place_row,
            place_column,
            to,
            to_row,
        });
    }
}

impl Operation for MaxPool {
    /// Where in the input each maximum was found.
    type Scratch = Vec<u32>;

    fn input_count(&self) -> usize {
        self.input.count()
    }

    fn output_count(&self) -> usize {
        self.output.count()
    }

    fn scratch(&self, max_batch: usize, _first: bool) -> Vec<u32> {
        vec![0; max_batch * self.output_count()]
    }

    fn forward(&self, places: &mut Vec<u32>, arguments: Forward<'_>) {
        let (inputs, outputs) = (self.input.count(), self.output.count());
        let place = (self.input.width * self.input.channels, self.input.channels);
        for example in 0..arguments.batch {
            self.rows(
                arguments.kernels,
                0..self.output.height,
                (&arguments.input[example * inputs..][..inputs], place.0),
                (
                    &mut arguments.output[example * outputs..][..outputs],
                    &mut places[example * outputs..][..outputs],
                ),
                place,
                false,
            );
        }
    }

    fn backward(&self, places: &mut Vec<u32>, arguments: Backward<'_>) {
        let Some(input_gradient) = arguments.input_gradient else {
            return;
        };
        input_gradient.fill(0.0);
        let channels = self.input.channels;
        let examples = input_gradient.chunks_exact_mut(self.input.count());
        let outputs = arguments.output_gradient.chunks_exact(self.output.count());
        for ((gradient, outputs), places) in examples
            .zip(outputs)
            .zip(places.chunks_exact(self.output.count()))
        {
            let cells = outputs
                .chunks_exact(channels)
                .zip(places.chunks_exact(channels));
            for (outputs, places) in cells {
                for (channel, (value, &place)) in outputs.iter().zip(places).enumerate() {
                    gradient[place as usize + channel] += value;
                }
            }
        }
    }
}
