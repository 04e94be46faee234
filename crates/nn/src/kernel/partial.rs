//! Vectors at the end of a row, of which only the first `width` lanes exist.

use super::vector::Vector;

/// All lanes, or with PARTIAL the first `width` and zeros behind them.
///
/// # Safety
/// The machine must have `V`'s instruction set, and the lanes must be valid.
#[inline(always)]
pub(super) unsafe fn load<V: Vector, const PARTIAL: bool>(from: *const f32, width: usize) -> V {
    // SAFETY: the same conditions.
    unsafe {
        if PARTIAL {
            V::load_first(from, width)
        } else {
            V::load(from)
        }
    }
}

/// All lanes, or with PARTIAL the first `width`.
///
/// # Safety
/// The machine must have `V`'s instruction set, and the lanes must be valid.
#[inline(always)]
pub(super) unsafe fn store<V: Vector, const PARTIAL: bool>(value: V, to: *mut f32, width: usize) {
    // SAFETY: the same conditions.
    unsafe {
        if PARTIAL {
            value.store_first(to, width);
        } else {
            value.store(to);
        }
    }
}

/// Calls `part::<Vector, PARTIAL>(arguments…, column, width)` for every vector of a row of `columns` values.
macro_rules! for_columns {
    ($vector:ident, $columns:expr, $part:ident($($argument:expr),*)) => {{
        let columns: usize = $columns;
        let whole = columns - columns % $vector::LANES;
        for column in (0..whole).step_by($vector::LANES) {
            $part::<$vector, false>($($argument,)* column, $vector::LANES);
        }
        if whole < columns {
            $part::<$vector, true>($($argument,)* whole, columns - whole);
        }
    }};
}
pub(super) use for_columns;
