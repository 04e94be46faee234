//! Convolutions of images that are mostly zeros, such as handwritten digits.
//!
//! With one input channel, a convolution with stride 1 is a sum over the input's pixels that are not zero: each
//! adds its value times the (flipped) kernel to a patch of outputs. The outputs are kept in an image with a
//! border, so that no patch needs to be cut. The gradient of the weights is the same sum the other way round
//! and needs no kernel of its own ([`super::accumulate`] with one group).

use super::vector::Vector;

/// For each entry: target patch at `offsets[i]` += `values[i]` · source.
///
/// A patch is `rows` × `width`; whole vectors are read and written. Behind each row of the source there must be
/// zeros up to a multiple of LANES, and the target must have as many values behind each patch.
pub(crate) struct Scatter<'a> {
    pub(crate) offsets: &'a [u32],
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
pub(crate) unsafe fn scatter<V: Vector>(scatter: &mut Scatter<'_>) {
    let extent = |row: usize| (scatter.rows - 1) * row + scatter.width.next_multiple_of(V::LANES);
    let target = scatter
        .offsets
        .iter()
        .fold(0, |largest, offset| largest.max(*offset)) as usize;
    assert_eq!(
        scatter.offsets.len(),
        scatter.values.len(),
        "one value for each patch"
    );
    assert!(
        extent(scatter.source_row) <= scatter.source.len(),
        "source too short"
    );
    assert!(
        target + extent(scatter.target_row) <= scatter.target.len(),
        "target too short"
    );
    let columns = scatter.width.div_ceil(V::LANES);
    let limit = V::ACCUMULATORS.min(25);
    let column_step = super::block::share(columns, 5);
    for column in (0..columns).step_by(column_step) {
        let column_count = column_step.min(columns - column);
        let row_step = super::block::share(scatter.rows, (limit / column_count).min(5));
        for row in (0..scatter.rows).step_by(row_step) {
            let row_count = row_step.min(scatter.rows - row);
            // SAFETY: the asserts above; the block lies inside the patch rounded up to vectors.
            unsafe {
                super::block::with_block!(
                    row_count,
                    column_count,
                    tile,
                    V,
                    scatter,
                    row,
                    column * V::LANES
                );
            }
        }
    }
}

/// R rows × C vectors of every patch, the source's in registers.
///
/// # Safety
/// The machine must have `V`'s instruction set, and the asserts of [`scatter`] must have passed.
#[inline(always)]
unsafe fn tile<V: Vector, const R: usize, const C: usize>(
    scatter: &mut Scatter<'_>,
    row: usize,
    column: usize,
) {
    if R * C > V::ACCUMULATORS {
        unreachable!("blocks are chosen to fit the registers");
    }
    let target_row = scatter.target_row;
    // SAFETY: the asserts in `scatter` have bounded the source's patch and every target patch.
    unsafe {
        let mut source = [[V::splat(0.0); C]; R];
        for (index, parts) in source.iter_mut().enumerate() {
            for (part, slot) in parts.iter_mut().enumerate() {
                let at = (row + index) * scatter.source_row + column + part * V::LANES;
                *slot = V::load(scatter.source.as_ptr().add(at));
            }
        }
        let target = scatter.target.as_mut_ptr().add(row * target_row + column);
        for (&offset, &value) in scatter.offsets.iter().zip(scatter.values) {
            let value = V::splat(value);
            let target = target.add(offset as usize);
            for (index, parts) in source.iter().enumerate() {
                for (part, source) in parts.iter().enumerate() {
                    let to = target.add(index * target_row + part * V::LANES);
                    value.mul_add(*source, V::load(to)).store(to);
                }
            }
        }
    }
}

/// Writes the entries of `values` that are not zero, with their `places`, to the front of the two targets and
/// returns their number.
///
/// # Panics
/// If there are fewer places than values, or the targets have not 16 values more.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn compress<V: Vector>(
    places: &[u32],
    values: &[f32],
    places_to: &mut [u32],
    values_to: &mut [f32],
) -> usize {
    let total = values.len();
    assert!(total <= places.len(), "one place for each value");
    assert!(
        total + V::LANES <= places_to.len().min(values_to.len()),
        "targets too short"
    );
    let (mut index, mut count) = (0, 0);
    while index < total {
        let width = total - index;
        // SAFETY: reads are cut at `total`; writes begin at count ≤ index and LANES values follow.
        unsafe {
            let load = |from: *const f32| {
                if width < V::LANES {
                    V::load_first(from, width)
                } else {
                    V::load(from)
                }
            };
            let values = load(values.as_ptr().add(index));
            let places = load(places.as_ptr().add(index).cast());
            let to = places_to.as_mut_ptr().add(count).cast();
            count += V::compress(places, values, to, values_to.as_mut_ptr().add(count));
        }
        index += V::LANES;
    }
    count
}
