//! A controller's policy in forms that other programs can run: JSON, ONNX, and C.
//!
//! | form | what is in it | who runs it |
//! |---|---|---|
//! | [JSON](Controller::to_json) | everything: policy, observation, actions, bounds, pace | whoever writes an evaluator |
//! | [ONNX](Controller::to_onnx) | the policy from features to action; the rest as a JSON text in its metadata | any ONNX runtime |
//! | [C](Controller::to_c) | everything, as one C99 file without allocation | any C compiler |
//!
//! The safety net is in none of them but as its settings: it keeps and restores states of a descent, which only the training loop
//! can do.

mod c_source;
mod json;
mod onnx;
mod protobuf;

use descender_nn::Layer;

use crate::{Controller, PolicyHead};

/// Why a controller has no such form.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyExportError {
    /// The policy has a layer that the form has no word for.
    #[error("layer {number} of the policy is {layer}: expected linear layers, relu and tanh alone")]
    Layer {
        /// Its number, from 1.
        number: usize,
        /// What it is.
        layer: String,
    },
    /// The form lacks this way to decide.
    #[error(
        "an ONNX model has no policy head {0}: expected greedy-values or squashed, or --format json"
    )]
    Head(PolicyHead),
    /// The form lacks this observation.
    #[error(
        "C code has no observation {0}: expected job, progress or timetable, or --format json or onnx"
    )]
    Observation(String),
    /// The form lacks these actions.
    #[error("C code has no actions {0}: expected anchored ones, or --format json or onnx")]
    Action(String),
}

/// A layer of a policy that every form has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PlainLayer<'a> {
    /// y_o = b_o + Σ_i x_i·W_io, the weights `[input][output]`.
    Linear {
        inputs: usize,
        outputs: usize,
        weight: &'a [f32],
        bias: &'a [f32],
    },
    Relu,
    Tanh,
}

/// The layers of the policy, in their order.
fn plain_layers(controller: &Controller) -> Result<Vec<PlainLayer<'_>>, PolicyExportError> {
    let policy = controller.policy();
    let parameters = policy.parameters();
    let tensors = policy.network().tensors();
    let mut layers = Vec::new();
    for (place, layer) in policy.specification().layers.iter().enumerate() {
        layers.push(match layer {
            Layer::Linear { outputs } => {
                let own: Vec<&[f32]> = (tensors.iter())
                    .filter(|tensor| tensor.layer == place)
                    .map(|tensor| &parameters[tensor.range.clone()])
                    .collect();
                let [weight, bias] = own[..] else {
                    unreachable!("a linear layer has a weight and a bias");
                };
                PlainLayer::Linear {
                    inputs: weight.len() / outputs,
                    outputs: *outputs,
                    weight,
                    bias,
                }
            }
            Layer::Relu => PlainLayer::Relu,
            Layer::Tanh => PlainLayer::Tanh,
            other => {
                return Err(PolicyExportError::Layer {
                    number: place + 1,
                    layer: format!("{other:?}"),
                });
            }
        });
    }
    Ok(layers)
}

#[cfg(test)]
mod tests;
