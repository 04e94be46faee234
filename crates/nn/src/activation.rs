//! Element-wise functions, as a choice.

use serde::{Deserialize, Serialize};

use crate::layer::Layer;

/// An element-wise function between the layers of a perceptron.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(x, 0).
    #[default]
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// 1 / (1 + exp(−x)).
    Sigmoid,
}

impl Activation {
    /// The layer that applies this function.
    #[must_use]
    pub fn layer(self) -> Layer {
        match self {
            Self::Relu => Layer::Relu,
            Self::Tanh => Layer::Tanh,
            Self::Sigmoid => Layer::Sigmoid,
        }
    }
}
