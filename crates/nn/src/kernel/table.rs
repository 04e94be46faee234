//! One table of kernels for each instruction set, and the safe way to call them.

use super::accumulate::Accumulate;
use super::entries::{ByCell, ByChannel};
use super::gemm::Gemm;
use super::pool::Pool;
use super::rows::Transpose;
use super::winograd;

/// The kernels, compiled for one instruction set. The machine is known to have it: the only way to a table is
/// [`InstructionSet::kernels`](crate::InstructionSet), which checks.
pub(crate) struct Kernels {
    pub(super) lanes: usize,
    pub(super) gemm: unsafe fn(&mut Gemm<'_>),
    pub(super) accumulate: unsafe fn(&mut Accumulate<'_>),
    pub(super) by_channel: unsafe fn(&mut ByChannel<'_>),
    pub(super) by_cell: unsafe fn(&mut ByCell<'_>) -> usize,
    pub(super) pool: unsafe fn(&mut Pool<'_>),
    pub(super) winograd_weights: unsafe fn(&mut winograd::Weights<'_>),
    pub(super) winograd_input: unsafe fn(&mut winograd::Input<'_>),
    pub(super) winograd_output: unsafe fn(&mut winograd::Output<'_>),
    pub(super) sum_rows: unsafe fn(&[f32], &mut [f32]),
    pub(super) transpose: unsafe fn(&mut Transpose<'_>),
    pub(super) mask_inactive: unsafe fn(&[f32], &mut [f32]),
}

/// Defines a safe method for each kernel that takes one checked argument.
macro_rules! checked {
    ($($(#[$documentation:meta])* $name:ident($argument:ty $(, $lanes:ident)?) $(-> $result:ty)?;)*) => {
        impl Kernels {
            $(
                $(#[$documentation])*
                pub(crate) fn $name(&self, mut arguments: $argument) $(-> $result)? {
                    arguments.check($(self.$lanes)?);
                    // SAFETY: the machine has the table's instruction set, and the arguments are checked.
                    unsafe { (self.$name)(&mut arguments) }
                }
            )*
        }
    };
}

checked! {
    /// A matrix product.
    gemm(Gemm<'_>);
    /// Sums of scaled patches.
    accumulate(Accumulate<'_>, lanes);
    /// Lists of gradients by output channel.
    by_channel(ByChannel<'_>);
    /// Lists of gradients by cell; returns the number of groups.
    by_cell(ByCell<'_>) -> usize;
    /// Max-pooling.
    pool(Pool<'_>);
    /// Kernel rows at the eight points.
    winograd_weights(winograd::Weights<'_>);
    /// Image rows at the eight points.
    winograd_input(winograd::Input<'_>);
    /// Outputs from the products at the eight points.
    winograd_output(winograd::Output<'_>);
    /// A transposed copy.
    transpose(Transpose<'_>);
}

impl Kernels {
    /// to\[column\] = Σ over the rows of from\[row\]\[column\]; `from` must be whole rows of `to.len()`.
    pub(crate) fn sum_rows(&self, from: &[f32], to: &mut [f32]) {
        // SAFETY: the machine has the table's instruction set; the kernel checks the lengths.
        unsafe { (self.sum_rows)(from, to) }
    }

    /// Sets gradient\[i\] to 0 where output\[i\] ≤ 0.
    pub(crate) fn mask_inactive(&self, output: &[f32], gradient: &mut [f32]) {
        // SAFETY: the machine has the table's instruction set; the kernel checks the lengths.
        unsafe { (self.mask_inactive)(output, gradient) }
    }
}

/// Compiles every kernel for one vector type and instruction set into a static `KERNELS`.
macro_rules! kernels {
    ($vector:ty $(, $features:literal)?) => {
        mod compiled {
            use super::*;
            use crate::kernel::accumulate::{self, Accumulate};
            use crate::kernel::entries::{self, ByCell, ByChannel};
            use crate::kernel::gemm::{self, Gemm};
            use crate::kernel::pool::{self, Pool};
            use crate::kernel::rows::{self, Transpose};
            use crate::kernel::table::compile;
            use crate::kernel::winograd;

            compile!($vector, ($($features)?), gemm, gemm::gemm, Gemm<'_>, ());
            compile!($vector, ($($features)?), accumulate, accumulate::accumulate, Accumulate<'_>, ());
            compile!($vector, ($($features)?), by_channel, entries::by_channel, ByChannel<'_>, ());
            compile!($vector, ($($features)?), by_cell, entries::by_cell, ByCell<'_>, usize);
            compile!($vector, ($($features)?), pool, pool::pool, Pool<'_>, ());
            compile!($vector, ($($features)?), winograd_weights, winograd::weights, winograd::Weights<'_>, ());
            compile!($vector, ($($features)?), winograd_input, winograd::input, winograd::Input<'_>, ());
            compile!($vector, ($($features)?), winograd_output, winograd::output, winograd::Output<'_>, ());
            compile!($vector, ($($features)?), transpose, rows::transpose, Transpose<'_>, ());

            $(#[target_feature(enable = $features)])?
            unsafe fn sum_rows(from: &[f32], to: &mut [f32]) {
                // SAFETY: the caller vouches for the instruction set.
                unsafe { rows::sum_rows::<$vector>(from, to) }
            }

            $(#[target_feature(enable = $features)])?
            unsafe fn mask_inactive(output: &[f32], gradient: &mut [f32]) {
                // SAFETY: the caller vouches for the instruction set.
                unsafe { rows::mask_inactive::<$vector>(output, gradient) }
            }

            pub(in crate::kernel) static KERNELS: crate::kernel::Kernels = crate::kernel::Kernels {
                lanes: <$vector>::LANES,
                gemm,
                accumulate,
                by_channel,
                by_cell,
                pool,
                winograd_weights,
                winograd_input,
                winograd_output,
                sum_rows,
                transpose,
                mask_inactive,
            };
        }
        pub(super) use compiled::KERNELS;
    };
}

/// One kernel of one argument, compiled with the features enabled.
macro_rules! compile {
    ($vector:ty, ($($features:literal)?), $name:ident, $module:ident::$kernel:ident, $argument:ty, $result:ty) => {
        $(#[target_feature(enable = $features)])?
        unsafe fn $name(arguments: &mut $argument) -> $result {
            // SAFETY: the caller vouches for the instruction set and has checked the arguments.
            unsafe { $module::$kernel::<$vector>(arguments) }
        }
    };
}

pub(super) use compile;
pub(super) use kernels;
