//! The forward pass of a convolution.

use super::fused::{Convolution, ConvolutionScratch};
use super::geometry::Sliding;
use crate::kernel::Kernels;
use crate::kernel::gemm::Gemm;
use crate::kernel::winograd;
use crate::operation::interface::{Forward, Operation};

impl Convolution {
    pub(super) fn forward_examples(
        &self,
        scratch: &mut ConvolutionScratch,
        arguments: Forward<'_>,
    ) {
        let Forward {
            kernels,
            parameters,
            input,
            output,
            batch,
            ..
        } = arguments;
        let (weights, bias) = self.parameters(parameters);
        self.prepare(kernels, weights, scratch);
        let (inputs, outputs) = (self.input_count(), self.output_count());
        for example in 0..batch {
            let input = &input[example * inputs..][..inputs];
            let output = &mut output[example * outputs..][..outputs];
            if self.is_sparse(kernels, input, scratch) {
                self.forward_sparse(kernels, bias, output, scratch, example);
                continue;
            }
            match self.tiles {
                Some(tiles) => {
                    self.forward_tiles(kernels, tiles, bias, input, output, scratch, example);
                }
                None => {
                    self.pad(input, &mut scratch.padded);
                    self.forward_rows(kernels, bias, output, scratch, example);
                }
            }
        }
    }

    /// Copies the weights into place, or transforms them.
    fn prepare(&self, kernels: &Kernels, weights: &[f32], scratch: &mut ConvolutionScratch) {
        self.prepare_sparse(weights, scratch);
        if self.tiles.is_none() {
            scratch.weights.copy_from_slice(weights);
            return;
        }
        let kernel = self.sliding.kernel;
        let count = self.input.channels * self.convolved.channels;
        for row in 0..kernel {
            kernels.winograd_weights(&mut winograd::Weights {
                kernel,
                count,
                from: &weights[row * kernel * count..][..kernel * count],
                to: &mut scratch.weights[row * count..],
                to_point: kernel * count,
            });
        }
    }

    /// Row by row, each a matrix product; pools a row as soon as it can.
    fn forward_rows(
        &self,
        kernels: &Kernels,
        bias: &[f32],
        output: &mut [f32],
        scratch: &mut ConvolutionScratch,
        example: usize,
    ) {
        let channels = self.convolved.channels;
        let row = self.convolved.width * channels;
        let (place_row, place_column) = self.place();
        let mut pooled = 0;
        for y in 0..self.convolved.height {
            let target = if self.pool.is_some() {
                &mut *scratch.convolved
            } else {
                &mut *output
            };
            kernels.gemm(&mut Gemm {
                rows: self.convolved.width,
                columns: channels,
                a: &scratch.padded[y * place_row..],
                a_row: place_column,
                a_step: 1,
                segments: self.sliding.kernel,
                a_segment: self.padded_row(),
                length: self.patch_row(),
                b: &scratch.weights,
                b_row: channels,
                c: &mut target[y * row..][..row],
                c_row: channels,
                bias,
                add: false,
                relu: self.relu && self.pool.is_none(),
            });
            let source = (&*scratch.convolved, row);
            pooled = self.pool_rows(
                kernels,
                pooled,
                y + 1,
                source,
                output,
                &mut scratch.places,
                example,
            );
        }
    }

    /// Through the transform, a block of rows at a time.
    #[allow(clippy::too_many_arguments)]
    fn forward_tiles(
        &self,
        kernels: &Kernels,
        tiles: usize,
        bias: &[f32],
        input: &[f32],
        output: &mut [f32],
        scratch: &mut ConvolutionScratch,
        example: usize,
    ) {
        let Sliding {
            kernel, padding, ..
        } = self.sliding;
        let (channels, outputs) = (self.input.channels, self.convolved.channels);
        let (input_row, output_row) = (tiles * channels, tiles * outputs);
        let input_point = self.padded.height * input_row;
        let row = self.convolved.width * outputs;
        // Rows of the border stay zero.
        kernels.winograd_input(&mut winograd::Input {
            kernel,
            padding,
            rows: self.input.height,
            columns: self.input.width,
            tiles,
            channels,
            from: input,
            to: &mut scratch.transformed[padding * input_row..],
            to_point: input_point,
        });
        let (mut y, mut pooled) = (0, 0);
        while y < self.convolved.height {
            let rows = self.block_rows().min(self.convolved.height - y);
            let output_point = rows * output_row;
            let points = scratch.transformed.chunks_exact(input_point);
            let products = scratch.products.chunks_exact_mut(output_point);
            let weights = scratch.weights.chunks_exact(kernel * channels * outputs);
            for ((point, product), weights) in points.zip(products).zip(weights) {
                kernels.gemm(&mut Gemm {
                    rows: rows * tiles,
                    columns: outputs,
                    a: &point[y * input_row..],
                    a_row: channels,
                    a_step: 1,
                    segments: kernel,
                    a_segment: input_row,
                    length: channels,
                    b: weights,
                    b_row: outputs,
                    c: product,
                    c_row: outputs,
                    bias: &[],
                    add: false,
                    relu: false,
                });
            }
            let target = if self.pool.is_some() {
                &mut *scratch.convolved
            } else {
                &mut *output
            };
            kernels.winograd_output(&mut winograd::Output {
                kernel,
                rows,
                tiles,
                columns: self.convolved.width,
                channels: outputs,
                from: &scratch.products,
                from_point: output_point,
                bias,
                to: &mut target[y * row..][..rows * row],
                relu: self.relu && self.pool.is_none(),
            });
            y += rows;
            let source = (&*scratch.convolved, row);
            pooled = self.pool_rows(
                kernels,
                pooled,
                y,
                source,
                output,
                &mut scratch.places,
                example,
            );
        }
    }

    /// Pools the rows from `first` on that need no more than the first `ready` rows of the convolution's
    /// outputs (`source`, with the distance of its rows); returns the next row.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn pool_rows(
        &self,
        kernels: &Kernels,
        first: usize,
        ready: usize,
        source: (&[f32], usize),
        output: &mut [f32],
        places: &mut [u32],
        example: usize,
    ) -> usize {
        let Some(pool) = &self.pool else { return first };
        let end = ready
            .checked_sub(pool.size)
            .map_or(0, |rest| rest / pool.stride + 1);
        let end = end.min(pool.output.height);
        if end <= first {
            return first;
        }
        let places = &mut places[example * output.len()..][..output.len()];
        pool.rows(
            kernels,
            first..end,
            source,
            (output, places),
            self.place(),
            self.relu,
        );
        end
    }
}
