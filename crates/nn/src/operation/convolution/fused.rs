//! A convolution with what is fused into it, and its memory.

use super::geometry::{Sliding, WIDEST};
use super::sparse::{Sparse, SparseScratch};
use crate::buffer::Buffer;
use crate::kernel::accumulate::Group;
use crate::kernel::entries::SLACK;
use crate::kernel::winograd;
use crate::operation::max_pool::MaxPool;
use crate::shape::Shape;

/// Convolution, bias, and optionally ReLU and max-pooling, in one.
#[derive(Debug, PartialEq)]
pub(crate) struct Convolution {
    pub(super) input: Shape,
    /// Shape of the convolution itself, before pooling.
    pub(super) convolved: Shape,
    /// The image with its border of zeros.
    pub(super) padded: Shape,
    pub(super) sliding: Sliding,
    /// Where the parameters begin: weight `[kernel][kernel][in][out]`, then bias `[out]`.
    pub(super) offset: usize,
    pub(super) relu: bool,
    pub(super) pool: Option<MaxPool>,
    /// Tiles in a row of outputs, if the convolution goes through the transform.
    pub(super) tiles: Option<usize>,
    /// The geometry for images of zeros, if the convolution allows it.
    pub(super) sparse: Option<Sparse>,
}

/// Memory of a convolution. Images and lists are those of the example at hand.
#[derive(Clone, Debug)]
pub(crate) struct ConvolutionScratch {
    pub(super) padded: Buffer,
    pub(super) sparse: Option<SparseScratch>,
    /// Weights as the forward pass wants them: as they are, or at the points of the transform.
    pub(super) weights: Buffer,
    pub(super) transformed: Buffer,
    pub(super) products: Buffer,
    pub(super) convolved: Buffer,
    /// For each pooled output of the batch: where in the padded image the winner's patch begins.
    pub(super) places: Vec<u32>,
    /// Gradient and places, `[channel][cell]`.
    pub(super) channel_gradient: Buffer,
    pub(super) channel_places: Vec<u32>,
    /// Weights and their gradient, `[out][ky][kx · in, padded]`.
    pub(super) patch_weights: Buffer,
    pub(super) patch_gradient: Buffer,
    pub(super) padded_gradient: Buffer,
    pub(super) groups: Vec<Group>,
    pub(super) offsets: Vec<u32>,
    pub(super) values: Buffer,
    /// Where in the padded image the patch of each output cell begins, and of each cell of a window.
    pub(super) corners: Vec<u32>,
    pub(super) window: Vec<u32>,
    /// Where each channel's patch of weights begins.
    pub(super) channel_offsets: Vec<u32>,
}

impl Convolution {
    pub(crate) fn new(
        input: Shape,
        convolved: Shape,
        sliding: Sliding,
        offset: usize,
        relu: bool,
        pool: Option<MaxPool>,
    ) -> Self {
        let tiles = Self::tiles(input, convolved, sliding);
        let border = 2 * sliding.padding;
        let padded = Shape {
            height: input.height + border,
            width: input.width + border,
            channels: input.channels,
        };
        let sparse = Sparse::new(input, convolved, sliding, pool.as_ref());
        Self {
            input,
            convolved,
            padded,
            sparse,
            sliding,
            offset,
            relu,
            pool,
            tiles,
        }
    }

    /// The number of tiles in a row, if the transform saves at least a third of the products and has enough
    /// channels to work on.
    fn tiles(input: Shape, convolved: Shape, sliding: Sliding) -> Option<usize> {
        let kernel = sliding.kernel;
        if sliding.stride != 1
            || !(3..=6).contains(&kernel)
            || input.channels < 8
            || convolved.channels < 8
        {
            return None;
        }
        let tiles = convolved.width.div_ceil(winograd::tile_outputs(kernel));
        (3 * tiles * winograd::POINTS <= 2 * convolved.width * kernel).then_some(tiles)
    }

    /// Shape after pooling.
    pub(super) fn output(&self) -> Shape {
        self.pool
            .as_ref()
            .map_or(self.convolved, |pool| pool.output)
    }

    /// Distance between the rows of the padded image.
    pub(super) fn padded_row(&self) -> usize {
        self.padded.width * self.padded.channels
    }

    /// Values in one row of a patch.
    pub(super) fn patch_row(&self) -> usize {
        self.sliding.kernel * self.input.channels
    }

    /// Distance between the rows of a patch of weights.
    pub(super) fn patch_row_padded(&self) -> usize {
        self.patch_row().next_multiple_of(WIDEST)
    }

    pub(super) fn weight_count(&self) -> usize {
        self.sliding.kernel * self.patch_row() * self.convolved.channels
    }

    /// Weights and biases of this layer.
    pub(super) fn parameters<'a>(&self, parameters: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        let (weights, rest) = parameters[self.offset..].split_at(self.weight_count());
        (weights, &rest[..self.convolved.channels])
    }

    /// Where in the padded image the patch of output cell (y, x) of the convolution begins, as factors.
    pub(super) fn place(&self) -> (usize, usize) {
        (
            self.sliding.stride * self.padded_row(),
            self.sliding.stride * self.padded.channels,
        )
    }

    /// Copies one example into the padded image.
    pub(super) fn pad(&self, input: &[f32], padded: &mut [f32]) {
        let row = self.input.width * self.input.channels;
        let first = self.sliding.padding * (self.padded_row() + self.padded.channels);
        for (index, input) in input.chunks_exact(row).enumerate() {
            padded[first + index * self.padded_row()..][..row].copy_from_slice(input);
        }
    }

    /// Rows of outputs that go through the transform together, so that their products stay in the nearest cache.
    pub(super) fn block_rows(&self) -> usize {
        let tiles = self.tiles.unwrap_or(1);
        (28 / tiles).clamp(1, self.convolved.height)
    }

    pub(super) fn memory(&self, max_batch: usize, first: bool) -> ConvolutionScratch {
        let kernel = self.sliding.kernel;
        let channels = self.convolved.channels;
        let output = self.output();
        let cells = output.height * output.width;
        let cells_padded = cells.next_multiple_of(WIDEST);
        let padded = self.padded.count() + WIDEST;
        let patches = channels * kernel * self.patch_row_padded();
        let pooled = self.pool.is_some();
        let (place_row, place_column) = self.place();
        let place = |y: usize, x: usize| (y * place_row + x * place_column) as u32;
        let pool_stride = self.pool.as_ref().map_or(1, |pool| pool.stride);
        let pool_size = self.pool.as_ref().map_or(1, |pool| pool.size);
        let corners: Vec<u32> = (0..cells)
            .map(|cell| {
                place(
                    cell / output.width * pool_stride,
                    cell % output.width * pool_stride,
                )
            })
            .collect();
        let window: Vec<u32> = (0..pool_size * pool_size)
            .map(|cell| place(cell / pool_size, cell % pool_size))
            .collect();
        let mut channel_places = corners.clone();
        channel_places.resize(
            if pooled {
                channels * cells_padded
            } else {
                cells_padded
            },
            0,
        );
        let patch = kernel * self.patch_row_padded();
        let mut channel_offsets: Vec<u32> = (0..channels)
            .map(|channel| (channel * patch) as u32)
            .collect();
        channel_offsets.resize(channels + SLACK, 0);
        let (tiles, points) = self.tiles.map_or((0, 0), |tiles| (tiles, winograd::POINTS));
        let rows = points * tiles;
        let weights = if points > 0 {
            points * kernel * self.input.channels * channels
        } else {
            self.weight_count()
        };
        ConvolutionScratch {
            padded: Buffer::new(padded),
            sparse: self.sparse.as_ref().filter(|_| first).map(Sparse::scratch),
            weights: Buffer::new(weights),
            transformed: Buffer::new(rows * self.padded.height * self.input.channels),
            products: Buffer::new(rows * self.block_rows() * channels),
            convolved: Buffer::new(if pooled { self.convolved.count() } else { 0 }),
            places: vec![
                0;
                if pooled {
                    max_batch * output.count()
                } else {
                    0
                }
            ],
            channel_gradient: Buffer::new(channels * cells_padded),
            channel_places,
            patch_weights: Buffer::new(if first { 0 } else { patches }),
            patch_gradient: Buffer::new(patches),
            padded_gradient: Buffer::new(if first { 0 } else { padded }),
            groups: vec![
                Group::default();
                channels.max(if first { 0 } else { cells * window.len() })
            ],
            offsets: vec![0; channels * cells_padded + SLACK],
            values: Buffer::new(channels * cells_padded + SLACK),
            corners,
            window,
            channel_offsets,
        }
    }
}
