//! Sums of scaled patches: the two gradients of a convolution, without the zeros.
//!
//! Behind a ReLU and a max-pool at most a quarter of a convolution's outputs have a gradient at all. Both the
//! gradient of the weights (for each output channel: the sum of gradient × input patch) and that of the input
//! (for each output cell: the sum of gradient × that channel's weights) are sums over those entries of a patch
//! of `rows` × `width` values, scaled. The sum stays in registers while the patches stream from the cache.

use super::vector::Vector;

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

impl Accumulate<'_> {
    /// Panics unless every patch, rounded up to vectors of `lanes`, lies inside its slice.
    pub(crate) fn check(&self, lanes: usize) {
        let extent = |row: usize| (self.rows - 1) * row + self.width.next_multiple_of(lanes);
        let (mut target, mut end) = (0, 0);
        for group in self.groups {
            target = target.max(group.target);
            end = end.max(group.end);
        }
        let entries = end as usize;
        assert!(
            entries <= self.offsets.len() && entries <= self.values.len(),
            "entries out of range"
        );
        let source = self.offsets[..entries]
            .iter()
            .fold(0, |largest, offset| largest.max(*offset));
        assert!(
            source as usize + extent(self.source_row) <= self.source.len(),
            "source too short"
        );
        assert!(
            target as usize + extent(self.target_row) <= self.target.len(),
            "target too short"
        );
    }
}

/// # Safety
/// The machine must have `V`'s instruction set, and [`Accumulate::check`] with `V::LANES` must have passed.
#[inline(always)]
pub(crate) unsafe fn accumulate<V: Vector>(sum: &mut Accumulate<'_>) {
    let columns = sum.width.div_ceil(V::LANES);
    let column_step = share(columns, 5);
    let mut column = 0;
    while column < columns {
        let column_count = column_step.min(columns - column);
        let row_step = share(sum.rows, (V::ACCUMULATORS / column_count).min(5));
        let mut row = 0;
        while row < sum.rows {
            let row_count = row_step.min(sum.rows - row);
            // SAFETY: the same conditions; the block lies inside the patch rounded up to vectors.
            unsafe {
                match column_count {
                    1 => block::<V, 1>(sum, row, row_count, column * V::LANES),
                    2 => block::<V, 2>(sum, row, row_count, column * V::LANES),
                    3 => block::<V, 3>(sum, row, row_count, column * V::LANES),
                    4 => block::<V, 4>(sum, row, row_count, column * V::LANES),
                    _ => block::<V, 5>(sum, row, row_count, column * V::LANES),
                }
            }
            row += row_count;
        }
        column += column_count;
    }
}

/// The size of the parts when `count` is cut into as few, equal parts of at most `limit` as possible.
fn share(count: usize, limit: usize) -> usize {
    count.div_ceil(count.div_ceil(limit))
}

/// # Safety
/// As for [`accumulate`].
#[inline(always)]
unsafe fn block<V: Vector, const C: usize>(
    sum: &mut Accumulate<'_>,
    row: usize,
    rows: usize,
    column: usize,
) {
    // SAFETY: the same conditions.
    unsafe {
        match rows {
            1 => tile::<V, 1, C>(sum, row, column),
            2 => tile::<V, 2, C>(sum, row, column),
            3 => tile::<V, 3, C>(sum, row, column),
            4 => tile::<V, 4, C>(sum, row, column),
            _ => tile::<V, 5, C>(sum, row, column),
        }
    }
}

/// R rows × C vectors of every patch.
///
/// # Safety
/// As for [`accumulate`].
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
    // SAFETY: `Accumulate::check` has bounded all groups, entries and patches.
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
