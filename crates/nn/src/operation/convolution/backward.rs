//! The backward pass of a convolution.

use super::fused::{Convolution, ConvolutionScratch};
use super::geometry::WIDEST;
use crate::buffer::{as_floats, as_floats_mut};
use crate::kernel::Kernels;
use crate::kernel::accumulate::Accumulate;
use crate::kernel::entries::{ByCell, ByChannel};
use crate::kernel::rows::Transpose;
use crate::operation::interface::{Backward, Operation};

impl Convolution {
    pub(super) fn backward_examples(
        &self,
        scratch: &mut ConvolutionScratch,
        arguments: Backward<'_>,
    ) {
        let Backward {
            kernels,
            parameters,
            input,
            output,
            output_gradient,
            mut input_gradient,
            ..
        } = arguments;
        if self.relu {
            kernels.relu_gradient(output, output_gradient);
        }
        let (inputs, outputs) = (self.input_count(), self.output_count());
        let (weight_gradient, rest) =
            arguments.gradient[self.offset..].split_at_mut(self.weight_count());
        kernels.sum_rows(output_gradient, &mut rest[..self.convolved.channels]);
        if input_gradient.is_some() {
            self.flip_weights(kernels, self.parameters(parameters).0, scratch);
        }
        scratch.patch_gradient.fill(0.0);
        if let Some(sparse) = &mut scratch.sparse {
            sparse.gradient.fill(0.0);
        }
        for example in 0..arguments.batch {
            let own = example * outputs..(example + 1) * outputs;
            let gradient = &output_gradient[own.clone()];
            let input = &input[example * inputs..][..inputs];
            if self.is_sparse(kernels, input, scratch) {
                self.sparse_weight_gradient(kernels, gradient, example, scratch);
                continue;
            }
            self.pad(input, &mut scratch.padded);
            self.weight_gradient(kernels, gradient, example, scratch);
            if let Some(input_gradient) = input_gradient.as_deref_mut() {
                let target = &mut input_gradient[example * inputs..][..inputs];
                self.input_gradient(kernels, gradient, example, scratch, target);
            }
        }
        self.collect_weight_gradient(kernels, weight_gradient, scratch);
    }

    /// Brings the sums over all examples into the order of the parameters.
    fn collect_weight_gradient(
        &self,
        kernels: &Kernels,
        weight_gradient: &mut [f32],
        scratch: &mut ConvolutionScratch,
    ) {
        // [out][ky][kx · in] → [ky][kx · in][out].
        let (patch_row, channels) = (self.patch_row(), self.convolved.channels);
        for (row, target) in weight_gradient
            .chunks_exact_mut(patch_row * channels)
            .enumerate()
        {
            kernels.transpose(&mut Transpose {
                rows: channels,
                columns: patch_row,
                from: &scratch.patch_gradient[row * self.patch_row_padded()..],
                from_row: self.sliding.kernel * self.patch_row_padded(),
                to: target,
                to_row: channels,
            });
        }
        self.add_sparse_weight_gradient(weight_gradient, scratch);
    }

    /// [ky][kx · in][out] → [out][ky][kx · in].
    fn flip_weights(&self, kernels: &Kernels, weights: &[f32], scratch: &mut ConvolutionScratch) {
        let (patch_row, channels) = (self.patch_row(), self.convolved.channels);
        for (row, weights) in weights.chunks_exact(patch_row * channels).enumerate() {
            kernels.transpose(&mut Transpose {
                rows: patch_row,
                columns: channels,
                from: weights,
                from_row: channels,
                to: &mut scratch.patch_weights[row * self.patch_row_padded()..],
                to_row: self.sliding.kernel * self.patch_row_padded(),
            });
        }
    }

    /// Adds one example's gradient of the weights: for each output channel the sum of gradient × input patch.
    fn weight_gradient(
        &self,
        kernels: &Kernels,
        gradient: &[f32],
        example: usize,
        scratch: &mut ConvolutionScratch,
    ) {
        let channels = self.convolved.channels;
        let cells = scratch.corners.len();
        let cells_padded = cells.next_multiple_of(WIDEST);
        kernels.transpose(&mut Transpose {
            rows: cells,
            columns: channels,
            from: gradient,
            from_row: channels,
            to: &mut scratch.channel_gradient,
            to_row: cells_padded,
        });
        if self.pool.is_some() {
            kernels.transpose(&mut Transpose {
                rows: cells,
                columns: channels,
                from: as_floats(&scratch.places[example * cells * channels..][..cells * channels]),
                from_row: channels,
                to: as_floats_mut(&mut scratch.channel_places),
                to_row: cells_padded,
            });
        }
        kernels.by_channel(&mut ByChannel {
            channels,
            row: cells_padded,
            gradient: &scratch.channel_gradient,
            places: &scratch.channel_places,
            shared_places: self.pool.is_none(),
            target_step: self.sliding.kernel * self.patch_row_padded(),
            groups: &mut scratch.groups,
            offsets: &mut scratch.offsets,
            values: &mut scratch.values,
        });
        kernels.accumulate(&mut Accumulate {
            groups: &scratch.groups[..channels],
            offsets: &scratch.offsets,
            values: &scratch.values,
            source: &scratch.padded,
            source_row: self.padded_row(),
            target: &mut scratch.patch_gradient,
            target_row: self.patch_row_padded(),
            rows: self.sliding.kernel,
            width: self.patch_row(),
        });
    }

    /// Writes one example's gradient of the input: for each output the sum of gradient × its weights.
    fn input_gradient(
        &self,
        kernels: &Kernels,
        gradient: &[f32],
        example: usize,
        scratch: &mut ConvolutionScratch,
        target: &mut [f32],
    ) {
        let count = self.output_count();
        let places = if self.pool.is_some() {
            &scratch.places[example * count..][..count]
        } else {
            &[]
        };
        let groups = kernels.by_cell(&mut ByCell {
            channels: self.convolved.channels,
            gradient,
            places,
            corners: &scratch.corners,
            window: &scratch.window,
            channel_offsets: &scratch.channel_offsets,
            groups: &mut scratch.groups,
            offsets: &mut scratch.offsets,
            values: &mut scratch.values,
        });
        scratch.padded_gradient.fill(0.0);
        kernels.accumulate(&mut Accumulate {
            groups: &scratch.groups[..groups],
            offsets: &scratch.offsets,
            values: &scratch.values,
            source: &scratch.patch_weights,
            source_row: self.patch_row_padded(),
            target: &mut scratch.padded_gradient,
            target_row: self.padded_row(),
            rows: self.sliding.kernel,
            width: self.patch_row(),
        });
        let row = self.input.width * self.input.channels;
        let first = self.sliding.padding * (self.padded_row() + self.padded.channels);
        for (index, target) in target.chunks_exact_mut(row).enumerate() {
            target.copy_from_slice(
                &scratch.padded_gradient[first + index * self.padded_row()..][..row],
            );
        }
    }
}
