//! Memory aligned to cache lines, so that no vector straddles two of them.

use std::ops::{Deref, DerefMut};

/// One cache line, the largest vector.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// A fixed number of `f32`, aligned to 64 bytes, zero at first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
    count: usize,
}

impl Buffer {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            lines: vec![Line([0.0; 16]); count.div_ceil(16)],
            count,
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: the lines are contiguous, without padding, and hold at least `count` values.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.count) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.count) }
    }
}

/// The same bits as `f32`, for kernels that only move them.
pub(crate) fn as_floats(bits: &[u32]) -> &[f32] {
    // SAFETY: u32 and f32 have the same size and alignment, and every bit pattern is an f32.
    unsafe { std::slice::from_raw_parts(bits.as_ptr().cast(), bits.len()) }
}

/// The same bits as `f32`, for kernels that only move them.
pub(crate) fn as_floats_mut(bits: &mut [u32]) -> &mut [f32] {
    // SAFETY: as above, in both directions, and the borrow is exclusive.
    unsafe { std::slice::from_raw_parts_mut(bits.as_mut_ptr().cast(), bits.len()) }
}
