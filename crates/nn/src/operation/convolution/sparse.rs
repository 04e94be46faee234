//! A first convolution on images that are mostly zeros, such as handwritten digits.
//!
//! With one input channel and stride 1, output (y, x) is a sum over the image's pixels that are not zero. Each
//! image is looked at by itself: if at most half of its pixels are not zero, it goes this way, else the
//! ordinary one. Outputs live in a *full* image with a border of kernel − 1 around everything that a pixel can
//! reach, so that every pixel's patch is complete. The kernel is turned by half a turn: the patch of input
//! pixel (y, x) begins at (y, x) of the full image whatever the padding, and its row r is kernel row k − 1 − r.

use super::{Convolution, ConvolutionScratch, Sliding, WIDEST};
use crate::Shape;
use crate::buffer::Buffer;
use crate::kernel::Kernels;
use crate::kernel::accumulate::{Accumulate, Group};
use crate::kernel::scatter::Scatter;
use crate::operation::max_pool::MaxPool;

/// Geometry of the full image.
#[derive(Debug, PartialEq)]
pub(super) struct Sparse {
    kernel: usize,
    input: Shape,
    full: Shape,
    /// Rows and columns of the full image before the first output.
    border: usize,
}

/// Memory for images of zeros.
#[derive(Clone, Debug)]
pub(super) struct SparseScratch {
    /// Weights `[k − 1 − ky][(k − 1 − kx) · out, padded]`, and the sum of their gradients.
    weights: Buffer,
    pub(super) gradient: Buffer,
    /// The full image of outputs, one of its rows with nothing but biases, and that of the gradient.
    full: Buffer,
    bias_row: Buffer,
    full_gradient: Buffer,
    /// Where in the full image the patch of each input pixel begins.
    places: Vec<u32>,
    /// The image's pixels that are not zero.
    offsets: Vec<u32>,
    values: Buffer,
    /// For each block of rows of pixels, the end of its entries.
    ends: Vec<usize>,
}

impl Sparse {
    /// The geometry, if the convolution is of the kind: one input channel, stride 1, a padding that leaves no
    /// output without input, enough channels to fill vectors, and no overlapping windows behind it.
    pub(super) fn new(
        input: Shape,
        convolved: Shape,
        sliding: Sliding,
        pool: Option<&MaxPool>,
    ) -> Option<Self> {
        let Sliding {
            kernel,
            stride,
            padding,
        } = sliding;
        let suits =
            input.channels == 1 && stride == 1 && padding < kernel && convolved.channels >= 8;
        if !suits || pool.is_some_and(|pool| pool.stride < pool.size) {
            return None;
        }
        let full = Shape {
            height: input.height + kernel - 1,
            width: input.width + kernel - 1,
            channels: convolved.channels,
        };
        Some(Self {
            kernel,
            input,
            full,
            border: kernel - 1 - padding,
        })
    }

    fn row(&self) -> usize {
        self.full.width * self.full.channels
    }

    /// Rows of pixels taken together: as many as leave the outputs they reach in the nearest cache.
    fn block(&self) -> usize {
        const NEAREST_CACHE: usize = 24 * 1024 / size_of::<f32>();
        (NEAREST_CACHE / self.row())
            .saturating_sub(self.kernel)
            .clamp(1, self.input.height)
    }

    /// Where the first output begins.
    fn first(&self) -> usize {
        self.border * (self.row() + self.full.channels)
    }

    fn patch_row(&self) -> usize {
        self.kernel * self.full.channels
    }

    fn patch_row_padded(&self) -> usize {
        self.patch_row().next_multiple_of(WIDEST)
    }

    pub(super) fn scratch(&self) -> SparseScratch {
        let patch = self.kernel * self.patch_row_padded();
        let full = self.full.count() + WIDEST;
        let pixels = self.input.height * self.input.width;
        let place = |pixel: usize| {
            let (y, x) = (pixel / self.input.width, pixel % self.input.width);
            (y * self.row() + x * self.full.channels) as u32
        };
        SparseScratch {
            weights: Buffer::new(patch),
            gradient: Buffer::new(patch),
            full: Buffer::new(full),
            bias_row: Buffer::new(self.row()),
            full_gradient: Buffer::new(full),
            places: (0..pixels).map(place).collect(),
            offsets: vec![0; pixels + WIDEST],
            values: Buffer::new(pixels + WIDEST),
            ends: vec![0; self.input.height.div_ceil(self.block())],
        }
    }
}

impl Convolution {
    /// Lists the pixels of an image that are not zero. Whether the image should go the sparse way.
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

    /// Adds what the sparse examples have summed up to the gradient of the weights.
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
