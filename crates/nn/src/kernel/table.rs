//! One table of kernels for each instruction set, and the safe way to call them.
//!
//! Every kernel checks its arguments itself, once per call, and panics on indices out of bounds. What remains
//! unsafe is to run instructions that the machine may not have; a table is only handed out by
//! [`InstructionSet::kernels`](super::InstructionSet), which asks the machine.

use super::accumulate::Accumulate;
use super::entries::{ByCell, ByChannel};
use super::gemm::Gemm;
use super::layer_norm::{Normalize, NormalizeGradient};
use super::planar::{FromPoints, ToPoints};
use super::pool::{Pool, Unpool};
use super::recurrent::{GruGradient, GruStep, LstmGradient, LstmStep};
use super::rows::Transpose;
use super::scatter::Scatter;
use super::winograd::{Input, Output, Weights};

/// The list of kernels: description, name, module and function, arguments, result.
macro_rules! for_each_kernel {
    ($callback:ident $extra:tt) => {
        $callback! {
            $extra
            /// A matrix product.
            gemm = gemm::gemm(gemm: &mut Gemm<'_>) -> ();
            /// Sums of scaled patches.
            accumulate = accumulate::accumulate(sum: &mut Accumulate<'_>) -> ();
            /// Scaled copies of one patch, added to many places.
            scatter = scatter::scatter(scatter: &mut Scatter<'_>) -> ();
            /// What is not zero in a slice, with its places; returns the number.
            compress = scatter::compress(
                places: &[u32], values: &[f32], places_to: &mut [u32], values_to: &mut [f32]
            ) -> usize;
            /// Lists of gradients by output channel.
            by_channel = entries::by_channel(lists: &mut ByChannel<'_>) -> ();
            /// Lists of gradients by cell; returns the number of groups.
            by_cell = entries::by_cell(lists: &mut ByCell<'_>) -> usize;
            /// The gates of one step of a gated recurrent unit.
            gru_step = recurrent::gru_step(step: &mut GruStep<'_>) -> ();
            /// The gradient of one step of a gated recurrent unit.
            gru_gradient = recurrent::gru_gradient(step: &mut GruGradient<'_>) -> ();
            /// The gates of one step of a long short-term memory.
            lstm_step = recurrent::lstm_step(step: &mut LstmStep<'_>) -> ();
            /// The gradient of one step of a long short-term memory.
            lstm_gradient = recurrent::lstm_gradient(step: &mut LstmGradient<'_>) -> ();
            /// Layer normalisation.
            normalize = layer_norm::normalize(normalize: &mut Normalize<'_>) -> ();
            /// The gradient of layer normalisation.
            normalize_gradient = layer_norm::normalize_gradient(
                normalize: &mut NormalizeGradient<'_>
            ) -> ();
            /// Max-pooling.
            pool = pool::pool(pool: &mut Pool<'_>) -> ();
            /// The gradient of max-pooling.
            unpool = pool::unpool(unpool: &mut Unpool<'_>) -> ();
            /// Kernel rows at the points of the transform.
            winograd_weights = winograd::weights(weights: &mut Weights<'_>) -> ();
            /// Image rows at the points of the transform.
            winograd_input = winograd::input(input: &mut Input<'_>) -> ();
            /// Outputs from the products at the points of the transform.
            winograd_output = winograd::output(output: &mut Output<'_>) -> ();
            /// Images at the points of the transform in two dimensions.
            planar_inputs = planar::inputs(points: &mut ToPoints<'_>) -> ();
            /// 3 × 3 kernels at its points.
            planar_kernel = planar::kernel(points: &mut ToPoints<'_>) -> ();
            /// Gradients of outputs at its points.
            planar_gradient = planar::gradient(points: &mut ToPoints<'_>) -> ();
            /// Outputs from its points.
            planar_outputs = planar::outputs(points: &mut FromPoints<'_>) -> ();
            /// The gradient of 3 × 3 kernels from its points.
            planar_kernel_gradient = planar::kernel_gradient(points: &mut FromPoints<'_>) -> ();
            /// to\[column\] = Σ over the rows of from\[row\]\[column\].
            sum_rows = rows::sum_rows(from: &[f32], to: &mut [f32]) -> ();
            /// A transposed copy.
            transpose = rows::transpose(transpose: &mut Transpose<'_>) -> ();
            /// max(x, 0) of each value.
            relu = element_wise::relu(values: &mut [f32]) -> ();
            /// The hyperbolic tangent of each value.
            tanh = element_wise::tanh(values: &mut [f32]) -> ();
            /// The logistic function of each value.
            sigmoid = element_wise::sigmoid(values: &mut [f32]) -> ();
            /// Gradients times the derivative of ReLU.
            relu_gradient = element_wise::relu_gradient(outputs: &[f32], gradient: &mut [f32]) -> ();
            /// Gradients times the derivative of tanh.
            tanh_gradient = element_wise::tanh_gradient(outputs: &[f32], gradient: &mut [f32]) -> ();
            /// Gradients times the derivative of the logistic function.
            sigmoid_gradient = element_wise::sigmoid_gradient(outputs: &[f32], gradient: &mut [f32]) -> ();
        }
    };
}

/// The table's type and its methods.
macro_rules! define {
    (
        ()
        $($(#[$description:meta])* $name:ident = $module:ident::$kernel:ident(
            $($argument:ident: $type:ty),*
        ) -> $result:ty;)*
    ) => {
        /// The kernels, compiled for one instruction set that this machine has.
        pub(crate) struct Kernels {
            $(pub(super) $name: unsafe fn($($type),*) -> $result,)*
        }

        impl Kernels {
            $(
                $(#[$description])*
                #[inline]
                pub(crate) fn $name(&self, $($argument: $type),*) -> $result {
                    // SAFETY: the machine has the table's instruction set.
                    unsafe { (self.$name)($($argument),*) }
                }
            )*
        }
    };
}

for_each_kernel!(define());

/// Compiles all kernels for one vector type, `(Vector)` or `(Vector, "its,features")`, as the static `KERNELS`.
macro_rules! compile {
    (
        $target:tt
        $($(#[$description:meta])* $name:ident = $module:ident::$kernel:ident(
            $($argument:ident: $type:ty),*
        ) -> $result:ty;)*
    ) => {
        mod compiled {
            use super::*;
            use crate::kernel::accumulate::Accumulate;
            use crate::kernel::entries::{ByCell, ByChannel};
            use crate::kernel::gemm::Gemm;
            use crate::kernel::layer_norm::{Normalize, NormalizeGradient};
            use crate::kernel::planar::{FromPoints, ToPoints};
            use crate::kernel::pool::{Pool, Unpool};
            use crate::kernel::recurrent::{GruGradient, GruStep, LstmGradient, LstmStep};
            use crate::kernel::rows::Transpose;
            use crate::kernel::scatter::Scatter;
            use crate::kernel::table::{Kernels, compile_one};
            use crate::kernel::winograd::{Input, Output, Weights};

            $(compile_one!($target $name $module $kernel ($($argument: $type),*) $result);)*
            pub(in crate::kernel) static KERNELS: Kernels = Kernels { $($name),* };
        }
        pub(super) use compiled::KERNELS;
    };
}

macro_rules! compile_one {
    (
        ($lanes:ty $(, $features:literal)?)
        $name:ident $module:ident $kernel:ident ($($argument:ident: $type:ty),*) $result:ty
    ) => {
        $(#[target_feature(enable = $features)])?
        unsafe fn $name($($argument: $type),*) -> $result {
            // SAFETY: the caller vouches for the instruction set.
            unsafe { crate::kernel::$module::$kernel::<$lanes>($($argument),*) }
        }
    };
}

pub(super) use {compile, compile_one, for_each_kernel};
