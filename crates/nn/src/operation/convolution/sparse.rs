//! A first convolution on images that are mostly zeros, such as handwritten digits.
//!
//! With one input channel and stride 1, output (y, x) is a sum over the image's pixels that are not zero. Each
//! image is judged alone: if at most half of its pixels are not zero, it takes these passes, otherwise the
//! ordinary ones. Outputs live in a *full* image with a border of kernel − 1 around everything that a pixel can
//! reach, so that every pixel's patch is complete. The kernel is turned by half a turn: the patch of input
//! pixel (y, x) begins at (y, x) of the full image whatever the padding, and its row r is kernel row k − 1 − r.

use super::geometry::{Sliding, WIDEST};
use crate::buffer::Buffer;
use crate::operation::max_pool::MaxPool;
use crate::shape::Shape;

/// Geometry of the full image.
#[derive(Debug, PartialEq)]
pub(super) struct Sparse {
    pub(super) kernel: usize,
    pub(super) input: Shape,
    pub(super) full: Shape,
    /// Rows and columns of the full image before the first output.
    pub(super) border: usize,
}

/// Memory for images of zeros.
#[derive(Clone, Debug)]
pub(super) struct SparseScratch {
    /// Weights `[k − 1 − ky][(k − 1 − kx) · out, padded]`, and the sum of their gradients.
    pub(super) weights: Buffer,
    pub(super) gradient: Buffer,
    /// The full image of outputs, one of its rows with nothing but biases, and that of the gradient.
    pub(super) full: Buffer,
    pub(super) bias_row: Buffer,
    pub(super) full_gradient: Buffer,
    /// Where in the full image the patch of each input pixel begins.
    pub(super) places: Vec<u32>,
    /// The image's pixels that are not zero.
    pub(super) offsets: Vec<u32>,
    pub(super) values: Buffer,
    /// For each block of rows of pixels, the end of its entries.
    pub(super) ends: Vec<usize>,
}

impl Sparse {
    /// The geometry, if the convolution allows it: one input channel, stride 1, a padding that leaves no
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

    pub(super) fn row(&self) -> usize {
        self.full.width * self.full.channels
    }

    /// Rows of pixels taken together: as many as leave the outputs they reach in the nearest cache.
    pub(super) fn block(&self) -> usize {
        const NEAREST_CACHE: usize = 24 * 1024 / size_of::<f32>();
        (NEAREST_CACHE / self.row())
            .saturating_sub(self.kernel)
            .clamp(1, self.input.height)
    }

    /// Where the first output begins.
    pub(super) fn first(&self) -> usize {
        self.border * (self.row() + self.full.channels)
    }

    pub(super) fn patch_row(&self) -> usize {
        self.kernel * self.full.channels
    }

    pub(super) fn patch_row_padded(&self) -> usize {
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
