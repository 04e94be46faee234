//! A controller as one JSON document.
//!
//! | field | what it is |
//! |---|---|
//! | `format` | `"descender-policy"` |
//! | `version` | [`VERSION`] |
//! | `controller` | the [`Description`](crate::Description), as in a controller file: observation, actions, bounds, pace, head |
//! | `layers` | of the policy: `{"kind": "linear", "weight": [[…], …], "bias": […]}` with a row of weights for each input, `{"kind": "relu"}` or `{"kind": "tanh"}` |
//!
//! Each number is written with the fewest digits that read back as the same bits.

use serde_json::{Value, json};

use super::{PlainLayer, PolicyExportError, plain_layers};
use crate::Controller;

/// The version of the document.
const VERSION: u64 = 1;

impl Controller {
    /// Everything about the controller as one JSON document, a layer a line.
    ///
    /// # Errors
    /// The policy has a layer that the document has no word for.
    pub fn to_json(&self) -> Result<String, PolicyExportError> {
        let layers: Vec<String> = plain_layers(self)?
            .into_iter()
            .map(|layer| format!("    {}", document(layer)))
            .collect();
        let description = serde_json::to_string(&self.description())
            .expect("a description is plain data with text keys and always has a JSON form");
        Ok(format!(
            "{{\n  \"format\": \"descender-policy\",\n  \"version\": {VERSION},\n  \"controller\": {description},\n  \"layers\": [\n{}\n  ]\n}}\n",
            layers.join(",\n")
        ))
    }
}

fn document(layer: PlainLayer<'_>) -> Value {
    match layer {
        PlainLayer::Linear {
            outputs,
            weight,
            bias,
            ..
        } => {
            let rows: Vec<Vec<f64>> = weight.chunks_exact(outputs).map(numbers).collect();
            json!({"kind": "linear", "weight": rows, "bias": numbers(bias)})
        }
        PlainLayer::Relu => json!({"kind": "relu"}),
        PlainLayer::Tanh => json!({"kind": "tanh"}),
    }
}

/// Each number as the double whose shortest text is the shortest of the float.
fn numbers(values: &[f32]) -> Vec<f64> {
    let double = |value: &f32| value.to_string().parse().unwrap_or(f64::from(*value));
    values.iter().map(double).collect()
}
