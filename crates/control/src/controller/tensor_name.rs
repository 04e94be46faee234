//! The names of the tensors in a controller file.

use descender_nn::{ParameterKind, ParameterTensor};

/// The name of a tensor in the file.
pub(super) fn tensor_name(tensor: &ParameterTensor) -> String {
    let kind = match tensor.kind {
        ParameterKind::Weight => "weight",
        ParameterKind::Bias => "bias",
    };
    format!("policy.{}.{kind}", tensor.layer)
}
