//! Sums of scaled patches: the two gradients of a convolution, without the zeros.
//!
//! Behind a ReLU and a max-pool at most a quarter of a convolution's outputs have a gradient at all. Both the
//! gradient of the weights (for each output channel: the sum of gradient × input patch) and that of the input
//! (for each output cell: the sum of gradient × that channel's weights) are sums over those entries of a patch
//! of `rows` × `width` values, scaled. The sum stays in registers while the patches stream from the cache.

use super::vector::Vector;

/// Number of values that stay in the nearest cache (a first-level cache has at least 32 KiB).
const NEAREST_CACHE: usize = 32 * 1024 / size_of::<f32>();

/// One sum: its place in the target and its entries.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Group {
    pub(crate) target: u32,
    pub(crate) begin: u32,
    pub(crate) end: u32,
}

/// For each group: target patch += Σ over the group's entries of value · source patch.
///
/// A patch is `rows` × `width`; whole vectors are read and written, so up to LANES − 1 values behind each row
/// must exist, too. Those of the target receive sums of whatever lies behind the source's rows.
pub(crate) struct Accumulate<'a> {
    pub(crate) groups: &'a [Group],
    /// Where in the source the patch of each entry begins.
    pub(crate) offsets: &'a [u32],
    /// The factor of each entry.
    pub(crate) values: &'a [f32],
    pub(crate) source: &'a [f32],
    pub(crate) source_row: usize,
    pub(crate) target: &'a mut [f32],
    pub(crate) target_row: usize,
    pub(crate) rows: usize,
    pub(crate) width: usize,
}

/// # Panics
/// Unless every patch, rounded up to whole vectors, lies inside its slice.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn accumulate<V: Vector>(sum: &mut Accumulate<'_>) {
    let extent = |row: usize| (sum.rows - 1) * row + sum.width.next_multiple_of(V::LANES);
    let (mut target, mut entries) = (0, 0);
    for group in sum.groups {
        target = target.max(group.target as usize);
        entries = entries.max(group.end as usize);
    }
    assert!(entries <= sum.values.len(), "entries out of range");
    let source = sum.offsets[..entries]
        .iter()
        .fold(0, |largest, offset| largest.max(*offset)) as usize;
    assert!(
        source + extent(sum.source_row) <= sum.source.len(),
        "source too short"
    );
    assert!(
        target + extent(sum.target_row) <= sum.target.len(),
        "target too short"
    );
    // Rows of all source patches that fit into the nearest cache together, beside the target.
    let cached = (NEAREST_CACHE * sum.rows / sum.source.len().max(1)).max(1);
    let columns = sum.width.div_ceil(V::LANES);
    let column_step = super::block::share(columns, 5);
    for column in (0..columns).step_by(column_step) {
        let column_count = column_step.min(columns - column);
        let row_step = super::block::share(
            sum.rows,
            (V::ACCUMULATORS / column_count).min(5).min(cached),
        );
        for row in (0..sum.rows).step_by(row_step) {
            let row_count = row_step.min(sum.rows - row);
            // SAFETY: the asserts above; the block lies inside the patch rounded up to vectors.
            unsafe {
                super::block::with_block!(
                    row_count,
                    column_count,
                    tile,
                    V,
                    sum,
                    row,
                    column * V::LANES
                );
            }
        }
    }
}

/// R rows × C vectors of every patch.
///
/// # Safety
/// The machine must have `V`'s instruction set, and the asserts of [`accumulate`] must have passed.
#[inline(always)]
unsafe fn tile<V: Vector, const R: usize, const C: usize>(
    sum: &mut Accumulate<'_>,
    row: usize,
    column: usize,
) {
    if R * C > V::ACCUMULATORS {
        unreachable!("blocks are chosen to fit the registers");
    }
    let (source_row, target_row) = (sum.source_row, sum.target_row);
    // SAFETY: the asserts in `accumulate` have bounded all groups, entries and patches.
    unsafe {
        let source = sum.source.as_ptr().add(row * source_row + column);
        let target = sum.target.as_mut_ptr().add(row * target_row + column);
        for group in sum.groups {
            let target = target.add(group.target as usize);
            let mut sums = [[V::splat(0.0); C]; R];
            for (row, sums) in sums.iter_mut().enumerate() {
                for (column, slot) in sums.iter_mut().enumerate() {
                    *slot = V::load(target.add(row * target_row + column * V::LANES));
                }
            }
            for entry in group.begin as usize..group.end as usize {
                let value = V::splat(*sum.values.as_ptr().add(entry));
                let from = source.add(*sum.offsets.as_ptr().add(entry) as usize);
                for (row, sums) in sums.iter_mut().enumerate() {
                    for (column, slot) in sums.iter_mut().enumerate() {
                        let patch = V::load(from.add(row * source_row + column * V::LANES));
                        *slot = value.mul_add(patch, *slot);
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                for (column, slot) in sums.iter().enumerate() {
                    slot.store(target.add(row * target_row + column * V::LANES));
                }
            }
        }
    }
}
