//! What can be wrong with a network specification.

use crate::kernel::InstructionSet;
use crate::shape::Shape;

/// Why a [`NetworkSpecification`](crate::NetworkSpecification) describes no network.
///
/// Layers are counted from 1 in the order of the specification. The layers inside a residual follow the residual.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The list of layers is empty.
    #[error("the network has no layers; expected at least one")]
    NoLayers,
    /// The input shape holds no values.
    #[error("the network's input {shape} is empty; height, width and channels must be at least 1")]
    EmptyInput {
        /// The shape as given.
        shape: Shape,
    },
    /// A count or an extent of a layer is zero.
    #[error("layer {layer} ({name}): {field} is 0; expected at least 1")]
    Zero {
        /// Number of the layer, from 1.
        layer: usize,
        /// Kind of the layer.
        name: &'static str,
        /// The setting.
        field: &'static str,
    },
    /// A kernel or a pooling window is larger than the input it slides over.
    #[error(
        "layer {layer} ({name}): {field} {size} does not fit into its input {input} with padding {padding}"
    )]
    DoesNotFit {
        /// Number of the layer, from 1.
        layer: usize,
        /// Kind of the layer.
        name: &'static str,
        /// The setting.
        field: &'static str,
        /// Its value.
        size: usize,
        /// Shape of the layer's input.
        input: Shape,
        /// Padding on each side of the input.
        padding: usize,
    },
    /// An activation or the parameter vector is too long.
    #[error("layer {layer} ({name}): its values or parameters number more than {limit}")]
    TooLarge {
        /// Number of the layer, from 1; 0 stands for the input.
        layer: usize,
        /// Kind of the layer.
        name: &'static str,
        /// The largest number allowed.
        limit: usize,
    },
    /// A residual has no layers.
    #[error("layer {layer} (residual): its list of layers is empty; expected at least one")]
    EmptyResidual {
        /// Number of the layer, from 1.
        layer: usize,
    },
    /// The layers inside a residual change the shape.
    #[error(
        "layer {layer} (residual): its layers turn {input} into {output}; expected the same shape, so that the two can be added"
    )]
    ResidualShape {
        /// Number of the layer, from 1.
        layer: usize,
        /// Shape of its input.
        input: Shape,
        /// Shape of the output of the layers inside.
        output: Shape,
    },
    /// Residuals are nested too deeply.
    #[error("layer {layer} (residual): nested more than {limit} deep")]
    TooDeep {
        /// Number of the layer, from 1.
        layer: usize,
        /// The largest depth allowed.
        limit: usize,
    },
    /// A dropout layer would drop everything, or a share that is none.
    #[error("a dropout rate of {0}; expected at least 0 and below 1")]
    DropoutRate(String),
    /// This machine does not have the instructions that were asked for.
    #[error("this machine has no {0}; leave the choice to Network::new")]
    InstructionSet(InstructionSet),
}
