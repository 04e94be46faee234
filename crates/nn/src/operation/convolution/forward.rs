//! The forward pass of a convolution.

use super::super::{Forward, Scratch};
use super::{Convolution, ConvolutionScratch};
use crate::kernel::Kernels;
use crate::kernel::gemm::Gemm;
use crate::kernel::winograd::{self, POINTS};

impl Convolution {
    pub(crate) fn forward(&self, arguments: Forward<'_>) {
        let Forward {
            kernels,
            parameters,
            input,
            output,
            scratch,
            batch,
        } = arguments;
        let Scratch::Convolution(scratch) = scratch else {
            return;
        };
        let (weights, bias) = self.parameters(parameters);
        self.prepare(kernels, weights, scratch);
        let (inputs, outputs) = (self.input_count(), self.output_count());
        for example in 0..batch {
            let input = &input[example * inputs..][..inputs];
            let output = &mut output[example * outputs..][..outputs];
            if let Some(entries) = self.sparse_entries(kernels, input, scratch) {
                self.forward_sparse(kernels, bias, output, scratch, example, entries);
                continue;
            }
            self.pad(input, &mut scratch.padded);
            match self.tiles {
                Some(tiles) => self.forward_tiles(kernels, tiles, bias, output, scratch, example),
                None => self.forward_rows(kernels, bias, output, scratch, example),
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
                relu: self.relu && self.pool.is_none(),
            });
            if let Some(pool) = &self.pool
                && pooled < pool.output.height
                && pooled * pool.stride + pool.size == y + 1
            {
                self.pool_rows(kernels, pooled..pooled + 1, output, scratch, example);
                pooled += 1;
            }
        }
    }

    /// Through the transform, a whole image at a time.
    fn forward_tiles(
        &self,
        kernels: &Kernels,
        tiles: usize,
        bias: &[f32],
        output: &mut [f32],
        scratch: &mut ConvolutionScratch,
        example: usize,
    ) {
        let kernel = self.sliding.kernel;
        let (channels, outputs) = (self.input.channels, self.convolved.channels);
        let input_point = self.padded.height * tiles * channels;
        let output_point = self.convolved.height * tiles * outputs;
        kernels.winograd_input(&mut winograd::Input {
            kernel,
            rows: self.padded.height,
            tiles,
            channels,
            from: &scratch.padded,
            from_row: self.padded_row(),
            to: &mut scratch.transformed,
            to_point: input_point,
        });
        let points = scratch.transformed.chunks_exact(input_point);
        let products = scratch.products.chunks_exact_mut(output_point);
        let weights = scratch.weights.chunks_exact(kernel * channels * outputs);
        debug_assert_eq!(points.len(), POINTS);
        for ((point, product), weights) in points.zip(products).zip(weights) {
            kernels.gemm(&mut Gemm {
                rows: self.convolved.height * tiles,
                columns: outputs,
                a: point,
                a_row: channels,
                a_step: 1,
                segments: kernel,
                a_segment: tiles * channels,
                length: channels,
                b: weights,
                b_row: outputs,
                c: product,
                c_row: outputs,
                bias: &[],
                relu: false,
            });
        }
        kernels.winograd_output(&mut winograd::Output {
            kernel,
            rows: self.convolved.height,
            tiles,
            columns: self.convolved.width,
            channels: outputs,
            from: &scratch.products,
            from_point: output_point,
            bias,
            to: if self.pool.is_some() {
                &mut scratch.convolved
            } else {
                &mut *output
            },
            relu: self.relu && self.pool.is_none(),
        });
        if let Some(pool) = &self.pool {
            self.pool_rows(kernels, 0..pool.output.height, output, scratch, example);
        }
    }

    fn pool_rows(
        &self,
        kernels: &Kernels,
        rows: std::ops::Range<usize>,
        output: &mut [f32],
        scratch: &mut ConvolutionScratch,
        example: usize,
    ) {
        let Some(pool) = &self.pool else { return };
        let places = &mut scratch.places[example * self.output_count()..][..self.output_count()];
        let row = self.convolved.width * self.convolved.channels;
        let input = (&*scratch.convolved, row);
        pool.rows(
            kernels,
            rows,
            input,
            (output, places),
            self.place(),
            self.relu,
        );
    }
}
