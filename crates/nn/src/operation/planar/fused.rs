//! A planar convolution with what is fused into it, its memory, and the steps that its passes share.

use crate::buffer::Buffer;
use crate::kernel::Kernels;
use crate::kernel::gemm::Gemm;
use crate::kernel::planar::{POINTS, TILE, ToPoints};
use crate::operation::convolution::Sliding;
use crate::operation::max_pool::MaxPool;
use crate::shape::Shape;

/// Rows and columns of the kernel.
pub(super) const KERNEL: usize = 3;
/// Fewest channels on either side.
const CHANNELS: usize = 16;
/// Fewest channels on either side in front of a max-pool, behind which only a quarter of the gradient is left for
/// the ordinary convolution.
const CHANNELS_POOLED: usize = 64;
/// What is put between two points, so that those of one tile don't compete for the same places in the caches.
const GAP: usize = 16;
/// Values at the points that fit into the second-level cache together, beside weights.
const CACHED: usize = 512 * 1024 / size_of::<f32>();
/// Fewest tiles that share a pass over the weights, if the batch has as many.
const TILES: usize = 64;

/// Convolution, bias, and optionally ReLU and max-pooling, in one.
#[derive(Debug, PartialEq)]
pub(crate) struct PlanarConvolution {
    pub(super) input: Shape,
    /// Shape of the convolution itself, before pooling.
    pub(super) convolved: Shape,
    pub(super) padding: usize,
    /// Where the parameters begin: weight `[3][3][in][out]`, then bias `[out]`.
    pub(super) offset: usize,
    pub(super) relu: bool,
    pub(super) pool: Option<MaxPool>,
}

/// Memory of a planar convolution.
#[derive(Clone, Debug)]
pub(crate) struct PlanarScratch {
    /// Weights at the points: `[point][in][out]`, or `[point][out][in]` for the gradient of the input.
    pub(super) weights: Buffer,
    /// Weights turned by half a turn, `[3][3][out][in]`.
    pub(super) turned: Buffer,
    /// The gradient of the weights at the points.
    pub(super) sums: Buffer,
    /// One block of examples at the points, on the side of the input and on that of the output: `[point][tile][channels]`.
    pub(super) inputs: Buffer,
    pub(super) outputs: Buffer,
    /// Outputs, or their gradients, of one example before pooling.
    pub(super) convolved: Buffer,
    /// For each pooled output of the batch, the cell of the winner.
    pub(super) places: Vec<u32>,
}

impl PlanarConvolution {
    /// The convolution, if its shape suits: the transform saves at least a third of the products, and there are enough
    /// channels.
    pub(crate) fn suits(
        input: Shape,
        convolved: Shape,
        sliding: Sliding,
        pool: Option<&MaxPool>,
    ) -> bool {
        let fewest = if pool.is_some() {
            CHANNELS_POOLED
        } else {
            CHANNELS
        };
        let (rows, columns) = tiles(convolved);
        sliding.kernel == KERNEL
            && sliding.stride == 1
            && sliding.padding < KERNEL
            && input.channels.min(convolved.channels) >= fewest
            && pool.is_none_or(|pool| pool.stride >= pool.size)
            && 3 * rows * columns * POINTS
                <= 2 * convolved.height * convolved.width * KERNEL * KERNEL
    }

    pub(crate) fn new(
        input: Shape,
        convolved: Shape,
        padding: usize,
        offset: usize,
        relu: bool,
        pool: Option<MaxPool>,
    ) -> Self {
        Self {
            input,
            convolved,
            padding,
            offset,
            relu,
            pool,
        }
    }

    /// Shape after pooling.
    pub(super) fn output(&self) -> Shape {
        self.pool
            .as_ref()
            .map_or(self.convolved, |pool| pool.output)
    }

    /// Weights and biases of this layer.
    pub(super) fn parameters<'a>(&self, parameters: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        let (weights, rest) = parameters[self.offset..].split_at(self.weight_count());
        (weights, &rest[..self.convolved.channels])
    }

    pub(super) fn weight_count(&self) -> usize {
        KERNEL * KERNEL * self.pairs()
    }

    /// Pairs of an input and an output channel.
    pub(super) fn pairs(&self) -> usize {
        self.input.channels * self.convolved.channels
    }

    /// Number of examples that go through the transform together. It depends on the shape alone: the gradient of the
    /// weights is summed block by block.
    pub(super) fn block(&self) -> usize {
        let (rows, columns) = tiles(self.convolved);
        let tile = POINTS * (self.input.channels + self.convolved.channels);
        (CACHED / tile).max(TILES).div_ceil(rows * columns)
    }

    /// The distance of the points of a kernel.
    pub(super) fn kernel_point(&self) -> usize {
        self.pairs() + GAP
    }

    /// The winner of window cell (y, x) is noted as the dot product with these.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.convolved.width, 1)
    }

    pub(super) fn memory(&self, max_batch: usize, first: bool) -> PlanarScratch {
        let most = |shape| {
            let (rows, columns) = tiles(shape);
            rows * columns
        };
        let tiles = most(self.convolved).max(if first { 0 } else { most(self.input) });
        let tiles = tiles * self.block().min(max_batch);
        let points = |channels: usize| Buffer::new(POINTS * point(tiles, channels));
        let kernel = POINTS * self.kernel_point();
        let pooled = |count: usize| if self.pool.is_some() { count } else { 0 };
        PlanarScratch {
            weights: Buffer::new(kernel),
            turned: Buffer::new(if first { 0 } else { self.weight_count() }),
            sums: Buffer::new(kernel),
            inputs: points(self.input.channels),
            outputs: points(self.convolved.channels),
            convolved: Buffer::new(pooled(self.convolved.count())),
            places: vec![0; pooled(max_batch * self.output().count())],
        }
    }

    /// Brings kernels `[3][3][pairs]` to the points.
    pub(super) fn transform_kernel(&self, kernels: &Kernels, from: &[f32], to: &mut [f32]) {
        kernels.planar_kernel(&mut ToPoints {
            rows: KERNEL,
            columns: KERNEL,
            channels: self.pairs(),
            padding: 0,
            tile_rows: 1,
            tile_columns: 1,
            from,
            to,
            to_point: self.kernel_point(),
        });
    }

    /// For each point, outputs `[tile][to channels]` = inputs `[tile][from channels]` · weights.
    pub(super) fn products(
        &self,
        kernels: &Kernels,
        tiles: usize,
        (from, from_channels): (&[f32], usize),
        weights: &[f32],
        (to, to_channels): (&mut [f32], usize),
    ) {
        let from = from.chunks_exact(point(tiles, from_channels));
        let to = to.chunks_exact_mut(point(tiles, to_channels));
        let weights = weights.chunks_exact(self.kernel_point());
        for ((a, b), c) in from.zip(weights).zip(to) {
            kernels.gemm(&mut Gemm {
                rows: tiles,
                columns: to_channels,
                a,
                a_row: from_channels,
                a_step: 1,
                segments: 1,
                a_segment: 0,
                length: from_channels,
                b,
                b_row: to_channels,
                c,
                c_row: to_channels,
                bias: &[],
                add: false,
                relu: false,
            });
        }
    }
}

/// Rows and columns of tiles that cover an image.
pub(super) fn tiles(shape: Shape) -> (usize, usize) {
    (shape.height.div_ceil(TILE), shape.width.div_ceil(TILE))
}

/// The distance of the points of so many tiles.
pub(super) fn point(tiles: usize, channels: usize) -> usize {
    tiles * channels + GAP
}
