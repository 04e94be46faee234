//! All operations as one type, so that a network is a plain list of them.

use super::average_pool::AveragePool;
use super::convolution::Convolution;
use super::dropout::Dropout;
use super::element_wise::ElementWise;
use super::embedding::Embedding;
use super::interface::{Backward, Forward, Operation};
use super::layer_norm::LayerNorm;
use super::linear::Linear;
use super::max_pool::MaxPool;
use super::planar::PlanarConvolution;
use super::recurrent::Recurrent;
use super::residual::Residual;

/// Defines the two types from the list of operations; each method passes on to the operation inside.
macro_rules! operations {
    ($($name:ident($operation:ty)),* $(,)?) => {
        /// Any operation.
        #[derive(Debug, PartialEq)]
        pub(crate) enum AnyOperation {
            $($name($operation)),*
        }

        /// The memory of any operation.
        #[derive(Clone, Debug)]
        #[expect(clippy::large_enum_variant, reason = "a network has a handful of operations")]
        pub(crate) enum AnyScratch {
            $($name(<$operation as Operation>::Scratch)),*
        }

        impl Operation for AnyOperation {
            type Scratch = AnyScratch;

            fn input_count(&self) -> usize {
                match self {
                    $(Self::$name(operation) => operation.input_count()),*
                }
            }

            fn output_count(&self) -> usize {
                match self {
                    $(Self::$name(operation) => operation.output_count()),*
                }
            }

            fn state_count(&self) -> usize {
                match self {
                    $(Self::$name(operation) => operation.state_count()),*
                }
            }

            fn scratch(&self, max_batch: usize, first: bool) -> AnyScratch {
                match self {
                    $(Self::$name(operation) => AnyScratch::$name(operation.scratch(max_batch, first))),*
                }
            }

            fn forward(&self, scratch: &mut AnyScratch, arguments: Forward<'_>) {
                match (self, scratch) {
                    $((Self::$name(operation), AnyScratch::$name(scratch)) => operation.forward(scratch, arguments),)*
                    _ => unreachable!("the workspace is the network's, which was checked"),
                }
            }

            fn backward(&self, scratch: &mut AnyScratch, arguments: Backward<'_>) {
                match (self, scratch) {
                    $((Self::$name(operation), AnyScratch::$name(scratch)) => operation.backward(scratch, arguments),)*
                    _ => unreachable!("the workspace is the network's, which was checked"),
                }
            }
        }
    };
}

operations! {
    Convolution(Convolution),
    PlanarConvolution(PlanarConvolution),
    MaxPool(MaxPool),
    ElementWise(ElementWise),
    Linear(Linear),
    Recurrent(Recurrent),
    LayerNorm(LayerNorm),
    Dropout(Dropout),
    AveragePool(AveragePool),
    Embedding(Embedding),
    Residual(Residual<AnyOperation>),
}
