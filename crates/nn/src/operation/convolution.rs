//! A two-dimensional convolution, with the ReLU and the max-pool behind it if they are there.
//!
//! Forward: rows of outputs as matrix products over the padded image, or through Toom and Cook's transform
//! ([`crate::kernel::winograd`]) where that needs clearly fewer operations; then pooling, which notes for each
//! output the input patch that won. Backward: the gradients that survived ReLU and pooling are listed with
//! their patches, and both gradients are sums over those lists ([`crate::kernel::accumulate`]).
//! A first layer on images that are mostly zeros has a way of its own ([`sparse`]).
//! Work goes example by example, so that everything stays in the nearest caches.

mod backward;
mod forward;
mod sparse;

use self::sparse::{Sparse, SparseScratch};
use super::max_pool::MaxPool;
use crate::Shape;
use crate::buffer::Buffer;
use crate::kernel::accumulate::Group;
use crate::kernel::entries::SLACK;
use crate::kernel::winograd;

/// Widest vector of any instruction set; rows of patches are padded to it.
const WIDEST: usize = 16;

/// How the kernel slides over the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sliding {
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
}

/// Convolution, bias, and optionally ReLU and max-pooling, in one.
#[derive(Debug, PartialEq)]
pub(crate) struct Convolution {
    input: Shape,
    /// Shape of the convolution itself, before pooling.
    convolved: Shape,
    /// The image with its border of zeros.
    padded: Shape,
    sliding: Sliding,
    /// Where the parameters begin: weight `[kernel][kernel][in][out]`, then bias `[out]`.
    offset: usize,
    relu: bool,
    pool: Option<MaxPool>,
    /// Tiles in a row of outputs, if the convolution goes through the transform.
    tiles: Option<usize>,
    /// The geometry for images of zeros, if the convolution allows it.
    sparse: Option<Sparse>,
}

/// Memory of a convolution. Images and lists are those of the example at hand.
#[derive(Clone, Debug)]
pub(crate) struct ConvolutionScratch {
    padded: Buffer,
    sparse: Option<SparseScratch>,
    /// Weights as the forward pass wants them: as they are, or at the points of the transform.
    weights: Buffer,
    transformed: Buffer,
    products: Buffer,
    convolved: Buffer,
    /// For each pooled output of the batch: where in the padded image the winner's patch begins.
    places: Vec<u32>,
    /// Gradient and places, `[channel][cell]`.
    channel_gradient: Buffer,
    channel_places: Vec<u32>,
    /// Weights and their gradient, `[out][ky][kx · in, padded]`.
    patch_weights: Buffer,
    patch_gradient: Buffer,
    padded_gradient: Buffer,
    groups: Vec<Group>,
    offsets: Vec<u32>,
    values: Buffer,
    /// Where in the padded image the patch of each output cell begins, and of each cell of a window.
    corners: Vec<u32>,
    window: Vec<u32>,
    /// Where each channel's patch of weights begins.
    channel_offsets: Vec<u32>,
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

    pub(crate) fn input_count(&self) -> usize {
        self.input.count()
    }

    /// Shape after pooling.
    fn output(&self) -> Shape {
        self.pool
            .as_ref()
            .map_or(self.convolved, |pool| pool.output)
    }

    pub(crate) fn output_count(&self) -> usize {
        self.output().count()
    }

    /// Distance between the rows of the padded image.
    fn padded_row(&self) -> usize {
        self.padded.width * self.padded.channels
    }

    /// Values in one row of a patch.
    fn patch_row(&self) -> usize {
        self.sliding.kernel * self.input.channels
    }

    /// Distance between the rows of a patch of weights.
    fn patch_row_padded(&self) -> usize {
        self.patch_row().next_multiple_of(WIDEST)
    }

    fn weight_count(&self) -> usize {
        self.sliding.kernel * self.patch_row() * self.convolved.channels
    }

    /// Weights and biases of this layer.
    fn parameters<'a>(&self, parameters: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        let (weights, rest) = parameters[self.offset..].split_at(self.weight_count());
        (weights, &rest[..self.convolved.channels])
    }

    /// Where in the padded image the patch of output cell (y, x) of the convolution begins, as factors.
    fn place(&self) -> (usize, usize) {
        (
            self.sliding.stride * self.padded_row(),
            self.sliding.stride * self.padded.channels,
        )
    }

    /// Copies one example into the padded image.
    fn pad(&self, input: &[f32], padded: &mut [f32]) {
        let row = self.input.width * self.input.channels;
        let first = self.sliding.padding * (self.padded_row() + self.padded.channels);
        for (index, input) in input.chunks_exact(row).enumerate() {
            padded[first + index * self.padded_row()..][..row].copy_from_slice(input);
        }
    }

    /// Rows of outputs that go through the transform together, so that their products stay in the nearest cache.
    fn block_rows(&self) -> usize {
        let tiles = self.tiles.unwrap_or(1);
        (28 / tiles).clamp(1, self.convolved.height)
    }

    pub(crate) fn scratch(&self, max_batch: usize, first: bool) -> ConvolutionScratch {
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
