//! The passes of a first convolution over images that are mostly zeros; see [`super::sparse`].

use super::fused::{Convolution, ConvolutionScratch};
use crate::kernel::Kernels;
use crate::kernel::accumulate::{Accumulate, Group};
use crate::kernel::scatter::Scatter;

impl Convolution {
    /// Lists the pixels of an image that are not zero. True if the image should take the sparse passes.
    pub(super) fn is_sparse(
        &self,
        kernels: &Kernels,
        input: &[f32],
        scratch: &mut ConvolutionScratch,
    ) -> bool {
        let (Some(sparse), Some(own)) = (&self.sparse, &mut scratch.sparse) else {
            return false;
        };
        let block = sparse.block() * self.input.width;
        let rows = input.chunks(block).zip(own.places.chunks(block));
        let mut count = 0;
        for ((pixels, places), end) in rows.zip(&mut own.ends) {
            let (offsets, values) = (&mut own.offsets[count..], &mut own.values[count..]);
            count += kernels.compress(places, pixels, offsets, values);
            *end = count;
        }
        2 * count <= input.len()
    }

    /// Turns the weights, once for each forward pass.
    pub(super) fn prepare_sparse(&self, weights: &[f32], scratch: &mut ConvolutionScratch) {
        let (Some(sparse), Some(scratch)) = (&self.sparse, &mut scratch.sparse) else {
            return;
        };
        let (kernel, channels) = (sparse.kernel, sparse.full.channels);
        for (tap, weights) in weights.chunks_exact(channels).enumerate() {
            let (row, column) = (kernel - 1 - tap / kernel, kernel - 1 - tap % kernel);
            let at = row * sparse.patch_row_padded() + column * channels;
            scratch.weights[at..][..channels].copy_from_slice(weights);
        }
    }

    /// Outputs of the example whose pixels [`is_sparse`](Self::is_sparse) has just listed. A few rows at
    /// a time, so that they stay in the nearest cache.
    pub(super) fn forward_sparse(
        &self,
        kernels: &Kernels,
        bias: &[f32],
        output: &mut [f32],
        scratch: &mut ConvolutionScratch,
        example: usize,
    ) {
        let (Some(sparse), Some(own)) = (&self.sparse, &mut scratch.sparse) else {
            return;
        };
        let row = sparse.row();
        let output_row = self.convolved.width * self.convolved.channels;
        own.bias_row
            .chunks_exact_mut(bias.len())
            .for_each(|cell| cell.copy_from_slice(bias));
        let (mut begin, mut filled, mut pooled) = (0, 0, 0);
        for (index, &end) in own.ends.iter().enumerate() {
            let done = ((index + 1) * sparse.block()).min(self.input.height);
            let reached = (done + sparse.kernel - 1) * row;
            own.full[filled..reached]
                .chunks_exact_mut(row)
                .for_each(|full| full.copy_from_slice(&own.bias_row));
            filled = reached;
            if end > begin {
                kernels.scatter(&mut Scatter {
                    offsets: &own.offsets[begin..end],
                    values: &own.values[begin..end],
                    source: &own.weights,
                    source_row: sparse.patch_row_padded(),
                    target: &mut own.full,
                    target_row: row,
                    rows: sparse.kernel,
                    width: sparse.patch_row(),
                });
            }
            begin = end;
            // These rows of the full image get no more; behind the last pixel none does.
            let ready = if done == self.input.height {
                sparse.full.height
            } else {
                done
            };
            let ready = ready
                .saturating_sub(sparse.border)
                .min(self.convolved.height);
            let full = &own.full[sparse.first()..];
            if self.pool.is_some() {
                let places = &mut scratch.places;
                pooled =
                    self.pool_rows(kernels, pooled, ready, (full, row), output, places, example);
            } else {
                for y in pooled..ready {
                    let output = &mut output[y * output_row..][..output_row];
                    output.copy_from_slice(&full[y * row..][..output_row]);
                    if self.relu {
                        kernels.relu(output);
                    }
                }
                pooled = ready;
            }
        }
    }

    /// Adds the gradient of the weights of the example whose pixels have just been listed: for each pixel its
    /// value times the patch of output gradients that it reached.
    pub(super) fn sparse_weight_gradient(
        &self,
        kernels: &Kernels,
        gradient: &[f32],
        example: usize,
        scratch: &mut ConvolutionScratch,
    ) {
        let (Some(sparse), Some(own)) = (&self.sparse, &mut scratch.sparse) else {
            return;
        };
        let (row, count) = (sparse.row(), gradient.len());
        let output_row = self.convolved.width * self.convolved.channels;
        let (mut begin, mut pooled) = (0, 0);
        for (index, &end) in own.ends.iter().enumerate() {
            let done = ((index + 1) * sparse.block()).min(self.input.height);
            // These rows of pixels reach the outputs before row `reached`.
            let reached = (done + sparse.kernel - 1)
                .saturating_sub(sparse.border)
                .min(self.convolved.height);
            let full = &mut own.full_gradient[sparse.first()..];
            if let Some(pool) = &self.pool {
                let rows = pooled..reached.div_ceil(pool.stride).min(pool.output.height);
                pooled = pooled.max(rows.end);
                let places = &scratch.places[example * count..][..count];
                pool.unpool_rows(kernels, rows, (gradient, places), (full, row), self.place());
            } else {
                for y in pooled..reached {
                    full[y * row..][..output_row]
                        .copy_from_slice(&gradient[y * output_row..][..output_row]);
                }
                pooled = reached;
            }
            if end > begin {
                kernels.accumulate(&mut Accumulate {
                    groups: &[Group {
                        target: 0,
                        begin: begin as u32,
                        end: end as u32,
                    }],
                    offsets: &own.offsets,
                    values: &own.values,
                    source: &own.full_gradient,
                    source_row: row,
                    target: &mut own.gradient,
                    target_row: sparse.patch_row_padded(),
                    rows: sparse.kernel,
                    width: sparse.patch_row(),
                });
            }
            begin = end;
        }
    }

    /// Adds the sums of the sparse examples to the gradient of the weights.
    pub(super) fn add_sparse_weight_gradient(
        &self,
        weight_gradient: &mut [f32],
        scratch: &mut ConvolutionScratch,
    ) {
        let (Some(sparse), Some(scratch)) = (&self.sparse, &mut scratch.sparse) else {
            return;
        };
        let (kernel, channels) = (sparse.kernel, sparse.full.channels);
        for (tap, target) in weight_gradient.chunks_exact_mut(channels).enumerate() {
            let (row, column) = (kernel - 1 - tap / kernel, kernel - 1 - tap % kernel);
            let at = row * sparse.patch_row_padded() + column * channels;
            let sums = &scratch.gradient[at..][..channels];
            target
                .iter_mut()
                .zip(sums)
                .for_each(|(slot, sum)| *slot += sum);
        }
    }
}
