//! The loops in which a network spends its time, for every instruction set.
//!
//! Each kernel is written once, generic over a [`vector::Vector`], and compiled for AVX-512, for AVX2 with FMA,
//! and for any machine. [`Kernels`] is the table of one of them, chosen when a network is planned. Its methods
//! check their arguments once per call (bounds of whole operations, not of single accesses) and are safe.

pub(crate) mod accumulate;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod element_wise;
pub(crate) mod entries;
pub(crate) mod gemm;
mod instruction_set;
pub(crate) mod layer_norm;
mod partial;
pub(crate) mod pool;
mod portable;
pub(crate) mod recurrent;
pub(crate) mod rows;
pub(crate) mod scatter;
mod table;
mod vector;
pub(crate) mod winograd;

/// The size of the parts when `count` is cut into as few, equal parts of at most `limit` as possible.
fn share(count: usize, limit: usize) -> usize {
    count.div_ceil(count.div_ceil(limit))
}

/// Calls `tile::<V, ROWS, COLUMNS>` for numbers known only at run time, each from 1 to 5.
macro_rules! with_block {
    ($rows:expr, $columns:expr, $tile:ident, $vector:ident, $($argument:expr),*) => {
        crate::kernel::with_block!(@rows $rows, $columns, $tile, $vector, ($($argument),*), 1 2 3 4)
    };
    (@rows $rows:expr, $columns:expr, $tile:ident, $vector:ident, $arguments:tt, $($row:literal)*) => {
        match $rows {
            $($row => crate::kernel::with_block!(@columns $row, $columns, $tile, $vector, $arguments),)*
            _ => crate::kernel::with_block!(@columns 5, $columns, $tile, $vector, $arguments),
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
use with_block;

pub use instruction_set::InstructionSet;
pub(crate) use table::Kernels;
