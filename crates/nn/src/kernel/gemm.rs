//! Matrix products: linear layers in all three directions, and convolutions row by row.
//!
//! One register tile covers up to [`Vector::TILE_ROWS`] rows and two vectors of columns. The inner index may
//! run in segments, so that a row of a convolution is a product without an im2col copy: for one row of outputs
//! and one kernel row, output x reads kernel × channels neighbouring values from x · stride · channels on, and
//! the kernel rows are the segments.

use super::vector::Vector;

/// c = bias + a · b, or c += a · b, and optionally ReLU of that, for `rows` × `columns` outputs.
///
/// Inner index (s, k) stands for `a[row · a_row + s · a_segment + k · a_step]` and
/// `b[(s · length + k) · b_row + column]`; outputs are `c[row · c_row + column]`.
pub(crate) struct Gemm<'a> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) a: &'a [f32],
    pub(crate) a_row: usize,
    pub(crate) a_step: usize,
    pub(crate) segments: usize,
    pub(crate) a_segment: usize,
    pub(crate) length: usize,
    pub(crate) b: &'a [f32],
    pub(crate) b_row: usize,
    pub(crate) c: &'a mut [f32],
    pub(crate) c_row: usize,
    /// One addend for each column; zeros if empty.
    pub(crate) bias: &'a [f32],
    /// Whether the sums begin with what `c` holds instead of the bias.
    pub(crate) add: bool,
    pub(crate) relu: bool,
}

impl Gemm<'_> {
    /// Panics unless every index that the kernel computes lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        let last = |count: usize, step: usize| count.saturating_sub(1) * step;
        if self.rows == 0 || self.columns == 0 {
            return;
        }
        let inner = self.segments * self.length;
        if inner > 0 {
            let a = last(self.rows, self.a_row)
                + last(self.segments, self.a_segment)
                + last(self.length, self.a_step);
            assert!(a < self.a.len(), "left matrix too short");
            assert!(
                last(inner, self.b_row) + self.columns <= self.b.len(),
                "right matrix too short"
            );
        }
        assert!(
            last(self.rows, self.c_row) + self.columns <= self.c.len(),
            "result too short"
        );
        assert!(
            self.bias.is_empty() || self.columns <= self.bias.len(),
            "bias too short"
        );
    }

    /// Whether the rows of the left matrix are whole halves of a page apart and so compete for the same places of the
    /// nearest cache.
    #[inline(always)]
    fn copies_left(&self) -> bool {
        self.a_step == 1 && self.a_row.is_multiple_of(512)
    }
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn gemm<V: Vector>(gemm: &mut Gemm<'_>) {
    gemm.check();
    let mut column = 0;
    // SAFETY: the same conditions; columns stay below the count.
    unsafe {
        if suits_rows(gemm) {
            column = by_rows::<V>(gemm);
        } else if suits_packing::<V>(gemm) {
            column = packed::<V>(gemm);
        }
        while column + 2 * V::LANES <= gemm.columns {
            panel::<V, 2>(gemm, column, V::LANES);
            column += 2 * V::LANES;
        }
        if column + V::LANES <= gemm.columns {
            panel::<V, 1>(gemm, column, V::LANES);
            column += V::LANES;
        }
        if column < gemm.columns {
            panel_partial::<V>(gemm, column, gemm.columns - column);
        }
    }
}

/// Inner indices that are packed at a time: two vectors for each take half of the nearest cache.
const DEPTH: usize = 192;
/// Distance of the copied rows of the left matrix; no multiple of what would put them into the same place of a cache.
const COPIED_ROW: usize = DEPTH + 16;

/// Whether a matrix is so wide that its rows lie in different pages and compete for the same places in the caches, and there
/// are enough rows on the left to make up for a copy of the right one.
#[inline(always)]
fn suits_packing<V: Vector>(gemm: &Gemm<'_>) -> bool {
    let wide = gemm.b_row >= 512 || gemm.copies_left() && gemm.length >= 512;
    wide && gemm.rows >= 2 * V::TILE_ROWS && gemm.segments == 1 && gemm.length > 0
}

/// Whether the left matrix is transposed and the result wide, as the gradient of many weights: then the result itself is most
/// of the memory that is touched.
#[inline(always)]
fn suits_rows(gemm: &Gemm<'_>) -> bool {
    gemm.a_row == 1 && gemm.b_row >= 512 && gemm.segments == 1 && gemm.length <= DEPTH
}

/// The columns that fill two vectors each, so that the result is written in whole rows; the left matrix from copies. The
/// order of the additions is the same. Returns the first column that is left.
///
/// # Safety
/// As for [`gemm`].
#[inline(always)]
unsafe fn by_rows<V: Vector>(gemm: &mut Gemm<'_>) -> usize {
    let wide = 2 * V::LANES;
    let mut left = [0.0; 16 * DEPTH]; // at least TILE_ROWS for each inner index
    let columns = gemm.columns - gemm.columns % wide;
    for row in (0..gemm.rows).step_by(V::TILE_ROWS) {
        let rows = V::TILE_ROWS.min(gemm.rows - row);
        for (index, to) in left.chunks_exact_mut(16).enumerate().take(gemm.length) {
            to[..rows].copy_from_slice(&gemm.a[index * gemm.a_step + row..][..rows]);
        }
        let mut part = Gemm {
            rows,
            columns,
            a: &left,
            a_row: 1,
            a_step: 16,
            segments: 1,
            a_segment: 0,
            length: gemm.length,
            b: gemm.b,
            b_row: gemm.b_row,
            c: &mut gemm.c[row * gemm.c_row..],
            c_row: gemm.c_row,
            bias: gemm.bias,
            add: gemm.add,
            relu: gemm.relu,
        };
        for column in (0..columns).step_by(wide) {
            // SAFETY: the part's indices are some of the whole's.
            unsafe { panel::<V, 2>(&mut part, column, V::LANES) }
        }
    }
    columns
}

/// The columns that fill two vectors each, from copies of the right matrix and where it helps of the left one, [`DEPTH`]
/// inner indices at a time. The order of the additions is that without copies. Returns the first column that is left.
///
/// # Safety
/// As for [`gemm`].
#[inline(always)]
unsafe fn packed<V: Vector>(gemm: &mut Gemm<'_>) -> usize {
    let wide = 2 * V::LANES;
    // SAFETY: the same condition.
    let mut right = [[unsafe { V::splat(0.0) }; 2]; DEPTH];
    let mut left = [0.0; 14 * COPIED_ROW];
    let columns = gemm.columns - gemm.columns % wide;
    for first in (0..gemm.length).step_by(DEPTH) {
        let depth = DEPTH.min(gemm.length - first);
        for column in (0..columns).step_by(wide) {
            // SAFETY: inner indices and columns are below their counts, which `Gemm::check` has bounded.
            let b = unsafe {
                for (index, parts) in right.iter_mut().enumerate().take(depth) {
                    let from = gemm.b.as_ptr().add((first + index) * gemm.b_row + column);
                    *parts = [V::load(from), V::load(from.add(V::LANES))];
                }
                std::slice::from_raw_parts(right.as_ptr().cast::<f32>(), depth * wide)
            };
            for row in (0..gemm.rows).step_by(V::TILE_ROWS) {
                let rows = V::TILE_ROWS.min(gemm.rows - row);
                let a = &gemm.a[row * gemm.a_row + first * gemm.a_step..];
                let copies = gemm.copies_left();
                if copies {
                    for (index, to) in left.chunks_exact_mut(COPIED_ROW).enumerate().take(rows) {
                        to[..depth].copy_from_slice(&a[index * gemm.a_row..][..depth]);
                    }
                }
                let mut part = Gemm {
                    rows,
                    columns: wide,
                    a: if copies { &left } else { a },
                    a_row: if copies { COPIED_ROW } else { gemm.a_row },
                    a_step: gemm.a_step,
                    segments: 1,
                    a_segment: 0,
                    length: depth,
                    b,
                    b_row: wide,
                    c: &mut gemm.c[row * gemm.c_row + column..],
                    c_row: gemm.c_row,
                    bias: if gemm.bias.is_empty() {
                        &[]
                    } else {
                        &gemm.bias[column..]
                    },
                    add: gemm.add || first > 0,
                    relu: gemm.relu && first + depth == gemm.length,
                };
                // SAFETY: the part's indices are some of the whole's.
                unsafe { panel::<V, 2>(&mut part, 0, V::LANES) }
            }
        }
    }
    columns
}

/// All rows of the columns from `column` on, N vectors wide.
///
/// # Safety
/// As for [`gemm`].
#[inline(always)]
unsafe fn panel<V: Vector, const N: usize>(gemm: &mut Gemm<'_>, column: usize, width: usize) {
    let mut row = 0;
    // SAFETY: the same conditions; rows stay below the count.
    unsafe {
        if V::TILE_ROWS == 14 {
            while row + 14 <= gemm.rows {
                tile::<V, 14, N, false>(gemm, row, column, width);
                row += 14;
            }
            if row + 8 <= gemm.rows {
                tile::<V, 8, N, false>(gemm, row, column, width);
                row += 8;
            }
        } else {
            while row + 6 <= gemm.rows {
                tile::<V, 6, N, false>(gemm, row, column, width);
                row += 6;
            }
        }
        if row + 4 <= gemm.rows {
            tile::<V, 4, N, false>(gemm, row, column, width);
            row += 4;
        }
        if row + 2 <= gemm.rows {
            tile::<V, 2, N, false>(gemm, row, column, width);
            row += 2;
        }
        if row < gemm.rows {
            tile::<V, 1, N, false>(gemm, row, column, width);
        }
    }
}

/// All rows of the last `width` < LANES columns.
///
/// # Safety
/// As for [`gemm`].
#[inline(always)]
unsafe fn panel_partial<V: Vector>(gemm: &mut Gemm<'_>, column: usize, width: usize) {
    let mut row = 0;
    // SAFETY: the same conditions; rows stay below the count.
    unsafe {
        while row + 8 <= gemm.rows {
            tile::<V, 8, 1, true>(gemm, row, column, width);
            row += 8;
        }
        if row + 4 <= gemm.rows {
            tile::<V, 4, 1, true>(gemm, row, column, width);
            row += 4;
        }
        while row < gemm.rows {
            tile::<V, 1, 1, true>(gemm, row, column, width);
            row += 1;
        }
    }
}

/// R rows × N vectors; with PARTIAL only the first `width` lanes of the (single) vector exist.
///
/// # Safety
/// As for [`gemm`]; row + R and column + N · LANES (or + `width`) must be inside the result.
#[inline(always)]
unsafe fn tile<V: Vector, const R: usize, const N: usize, const PARTIAL: bool>(
    gemm: &mut Gemm<'_>,
    row: usize,
    column: usize,
    width: usize,
) {
    // SAFETY: all offsets are sums of those that `Gemm::check` has bounded.
    unsafe {
        let load = |from: *const f32| {
            if PARTIAL {
                V::load_first(from, width)
            } else {
                V::load(from)
            }
        };
        let mut sums = [[V::splat(0.0); N]; R];
        if gemm.add {
            let c = gemm.c.as_ptr().add(row * gemm.c_row + column);
            for (index, row) in sums.iter_mut().enumerate() {
                for (part, sum) in row.iter_mut().enumerate() {
                    *sum = load(c.add(index * gemm.c_row + part * V::LANES));
                }
            }
        } else if !gemm.bias.is_empty() {
            for part in 0..N {
                let bias = load(gemm.bias.as_ptr().add(column + part * V::LANES));
                for row in &mut sums {
                    row[part] = bias;
                }
            }
        }
        let (a_row, a_step, b_row) = (gemm.a_row, gemm.a_step, gemm.b_row);
        let mut b = gemm.b.as_ptr().wrapping_add(column);
        for segment in 0..gemm.segments {
            let mut a = gemm
                .a
                .as_ptr()
                .wrapping_add(row * a_row + segment * gemm.a_segment);
            for _ in 0..gemm.length {
                let mut factors = [V::splat(0.0); N];
                for (part, factor) in factors.iter_mut().enumerate() {
                    *factor = load(b.add(part * V::LANES));
                }
                for (index, row) in sums.iter_mut().enumerate() {
                    let value = V::splat(*a.add(index * a_row));
                    for (sum, factor) in row.iter_mut().zip(factors) {
                        *sum = value.mul_add(factor, *sum);
                    }
                }
                a = a.wrapping_add(a_step);
                b = b.wrapping_add(b_row);
            }
        }
        let c = gemm.c.as_mut_ptr().add(row * gemm.c_row + column);
        for (index, row) in sums.iter().enumerate() {
            for (part, sum) in row.iter().enumerate() {
                let sum = if gemm.relu { sum.relu() } else { *sum };
                let to = c.add(index * gemm.c_row + part * V::LANES);
                if PARTIAL {
                    sum.store_first(to, width)
                } else {
                    sum.store(to)
                }
            }
        }
    }
}
