//! A policy as an ONNX model: operator set 13, which every runtime since 2020 has.
//!
//! Input `features` (float, `[batch, features]`), output `action`: float `[batch, dimensions]` in [−1, 1] for a continuous action,
//! int64 `[batch]` for a discrete one, the first of the highest values. The metadata has, under [`KEY`], the description of the
//! controller as in its file: how features are made and what an action does. Field numbers are those of `onnx.proto`.

use super::protobuf::Message;
use super::{PlainLayer, PolicyExportError, plain_layers};
use crate::{Controller, PolicyHead};

/// The key of the description in the model's metadata, as in a controller file.
const KEY: &str = "descender.controller";
/// The version of the model format, the first with this operator set.
const IR_VERSION: u64 = 7;
const OPERATOR_SET: u64 = 13;
/// Numbers of element types.
const FLOAT: u64 = 1;
const INT64: u64 = 7;
/// The number of the attribute type for whole numbers.
const INT: u64 = 2;

impl Controller {
    /// The policy as an ONNX model.
    ///
    /// # Errors
    /// The policy has a layer that the model has no word for.
    pub fn to_onnx(&self) -> Result<Vec<u8>, PolicyExportError> {
        let graph = graph(self)?;
        let description = serde_json::to_string(&self.description())
            .expect("a description is plain data with text keys and always has a JSON form");
        let metadata = Message::new().bytes(1, KEY).bytes(2, description);
        let model = Message::new()
            .number(1, IR_VERSION)
            .bytes(2, "descender")
            .bytes(3, env!("CARGO_PKG_VERSION"))
            .message(7, graph)
            .message(8, Message::new().number(2, OPERATOR_SET))
            .message(14, metadata);
        Ok(model.into_bytes())
    }
}

fn graph(controller: &Controller) -> Result<Message, PolicyExportError> {
    let layers = plain_layers(controller)?;
    let mut graph = Message::new();
    let mut initializers = Vec::new();
    let mut from = "features".to_owned();
    for (place, layer) in layers.iter().enumerate() {
        let to = format!("layer-{place}");
        graph = graph.message(
            1,
            match layer {
                PlainLayer::Linear {
                    inputs,
                    outputs,
                    weight,
                    bias,
                } => {
                    let names = ["weight", "bias"].map(|kind| format!("policy.{place}.{kind}"));
                    initializers.push(tensor(&names[0], &[*inputs, *outputs], weight));
                    initializers.push(tensor(&names[1], &[*outputs], bias));
                    node("Gemm", &[&from, &names[0], &names[1]], &to)
                }
                PlainLayer::Relu => node("Relu", &[&from], &to),
                PlainLayer::Tanh => node("Tanh", &[&from], &to),
            },
        );
        from = to;
    }
    let outputs = controller.policy().network().output_count();
    let (last, action) = match controller.policy().head() {
        PolicyHead::Squashed => (
            node("Tanh", &[&from], "action"),
            value("action", FLOAT, Some(outputs)),
        ),
        PolicyHead::GreedyValues => (
            node("ArgMax", &[&from], "action")
                .message(5, attribute("axis", 1))
                .message(5, attribute("keepdims", 0)),
            value("action", INT64, None),
        ),
        head @ PolicyHead::GreedyExpectation { .. } => return Err(PolicyExportError::Head(head)),
    };
    let features = controller.policy().network().input_count();
    graph = graph.message(1, last).bytes(2, "policy");
    for initializer in initializers {
        graph = graph.message(5, initializer);
    }
    Ok(graph
        .message(11, value("features", FLOAT, Some(features)))
        .message(12, action))
}

fn node(operator: &str, inputs: &[&str], output: &str) -> Message {
    let node = (inputs.iter()).fold(Message::new(), |node, input| node.bytes(1, input));
    node.bytes(2, output).bytes(3, output).bytes(4, operator)
}

fn attribute(name: &str, value: u64) -> Message {
    Message::new()
        .bytes(1, name)
        .number(3, value)
        .number(20, INT)
}

fn tensor(name: &str, shape: &[usize], values: &[f32]) -> Message {
    let dimensions = (shape.iter()).fold(Message::new(), |tensor, n| tensor.number(1, *n as u64));
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    dimensions.number(2, FLOAT).bytes(8, name).bytes(9, bytes)
}

/// What goes in or out: `[batch, width]`, or `[batch]`.
fn value(name: &str, element: u64, width: Option<usize>) -> Message {
    let batch = Message::new().bytes(2, "batch");
    let shape = Message::new().message(1, batch);
    let shape = match width {
        Some(width) => shape.message(1, Message::new().number(1, width as u64)),
        None => shape,
    };
    let tensor = Message::new().number(1, element).message(2, shape);
    Message::new()
        .bytes(1, name)
        .message(2, Message::new().message(1, tensor))
}
