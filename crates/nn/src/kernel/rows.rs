//! Small things on plain rows of values: sums of columns and transposition.

use super::vector::Vector;

/// to\[column\] = Σ over the rows of from\[row\]\[column\].
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn sum_rows<V: Vector>(from: &[f32], to: &mut [f32]) {
    let columns = to.len();
    assert!(
        columns > 0 && from.len().is_multiple_of(columns),
        "rows must be whole"
    );
    let rows = from.len() / columns;
    let mut column = 0;
    while column < columns {
        let width = columns - column;
        // SAFETY: row · columns + column + min(width, LANES) ≤ rows · columns.
        unsafe {
            let load = |row: usize| {
                let from = from.as_ptr().add(row * columns + column);
                if width < V::LANES {
                    V::load_first(from, width)
                } else {
                    V::load(from)
                }
            };
            // Four sums, because one would wait for each addition.
            let mut sums = [V::splat(0.0); 4];
            let mut row = 0;
            while row + 4 <= rows {
                for (index, sum) in sums.iter_mut().enumerate() {
                    *sum = sum.add(load(row + index));
                }
                row += 4;
            }
            while row < rows {
                sums[0] = sums[0].add(load(row));
                row += 1;
            }
            let sum = sums[0].add(sums[1]).add(sums[2].add(sums[3]));
            let to = to.as_mut_ptr().add(column);
            if width < V::LANES {
                sum.store_first(to, width)
            } else {
                sum.store(to)
            }
        }
        column += V::LANES;
    }
}

/// A matrix of `rows` × `columns` to be written as its transpose; rows may be longer than their content.
pub(crate) struct Transpose<'a> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) from: &'a [f32],
    pub(crate) from_row: usize,
    pub(crate) to: &'a mut [f32],
    pub(crate) to_row: usize,
}

impl Transpose<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        if self.rows == 0 || self.columns == 0 {
            return;
        }
        assert!(
            (self.rows - 1) * self.from_row + self.columns <= self.from.len(),
            "source too short"
        );
        assert!(
            (self.columns - 1) * self.to_row + self.rows <= self.to.len(),
            "target too short"
        );
    }
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn transpose<V: Vector>(transpose: &mut Transpose<'_>) {
    transpose.check();
    let (rows, columns) = (transpose.rows, transpose.columns);
    let (from_row, to_row) = (transpose.from_row, transpose.to_row);
    let from = transpose.from.as_ptr();
    let to = transpose.to.as_mut_ptr();
    let (whole_rows, whole_columns) = (rows - rows % V::LANES, columns - columns % V::LANES);
    // SAFETY: every row < rows and column < columns, bounded by `Transpose::check`.
    unsafe {
        for row in (0..whole_rows).step_by(V::LANES) {
            for column in (0..whole_columns).step_by(V::LANES) {
                let from = from.add(row * from_row + column);
                V::transpose(from, from_row, to.add(column * to_row + row), to_row);
            }
        }
        for row in 0..rows {
            let first = if row < whole_rows { whole_columns } else { 0 };
            for column in first..columns {
                *to.add(column * to_row + row) = *from.add(row * from_row + column);
            }
        }
    }
}
