//! Cutting work into blocks whose sizes the compiler knows.

/// The size of the parts when `count` is cut into as few, equal parts of at most `limit` as possible.
pub(super) fn share(count: usize, limit: usize) -> usize {
    count.div_ceil(count.div_ceil(limit))
}

/// Calls `tile::<V, ROWS, COLUMNS>` for numbers known only at run time, each from 1 to 5.
macro_rules! with_block {
    ($rows:expr, $columns:expr, $tile:ident, $vector:ident, $($argument:expr),*) => {
        crate::kernel::block::with_block!(@rows $rows, $columns, $tile, $vector, ($($argument),*), 1 2 3 4)
    };
    (@rows $rows:expr, $columns:expr, $tile:ident, $vector:ident, $arguments:tt, $($row:literal)*) => {
        match $rows {
            $($row => crate::kernel::block::with_block!(@columns $row, $columns, $tile, $vector, $arguments),)*
            _ => crate::kernel::block::with_block!(@columns 5, $columns, $tile, $vector, $arguments),
        }
    };
    (@columns $row:literal, $columns:expr, $tile:ident, $vector:ident, ($($argument:expr),*)) => {
        match $columns {
            1 => $tile::<$vector, $row, 1>($($argument),*),
            2 => $tile::<$vector, $row, 2>($($argument),*),
            3 => $tile::<$vector, $row, 3>($($argument),*),
            4 => $tile::<$vector, $row, 4>($($argument),*),
            _ => $tile::<$vector, $row, 5>($($argument),*),
        }
    };
}
pub(super) use with_block;
