//! What a network is: the shape of its input and a list of layers.
//!
//! A specification is plain data for settings and controller files. It is checked when a
//! [`Network`](crate::Network) is made from it. In a file a layer is written as its name around its settings
//! (`{"conv2d": {"out_channels": 16, …}}`, `"relu"`), which every serde format can read.

use serde::{Deserialize, Serialize};

use crate::activation::Activation;
use crate::error::NetworkError;
use crate::layer::Layer;
use crate::shape::{LIMIT, Shape};

/// How deeply residuals may be nested.
const DEPTH: usize = 16;

/// A network as data: the shape of one example and the layers in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NetworkSpecification {
    /// Shape of one example.
    pub input: Shape,
    /// The layers, first to last.
    pub layers: Vec<Layer>,
}

impl NetworkSpecification {
    /// The target network of Zhu, Hayashi and Ohsawa, "Gradient Descent Optimization by Reinforcement
    /// Learning": two 5 × 5 convolutions with 16 and 32 channels, each with ReLU and 2 × 2 max-pooling, and a
    /// linear layer to ten classes; 28,938 parameters on 28 × 28 grey images.
    #[must_use]
    pub fn paper() -> Self {
        let convolution = |out_channels| Layer::Conv2d {
            out_channels,
            kernel: 5,
            stride: 1,
            padding: 2,
        };
        let pool = Layer::MaxPool2d { size: 2, stride: 2 };
        Self {
            input: Shape {
                height: 28,
                width: 28,
                channels: 1,
            },
            layers: vec![
                convolution(16),
                Layer::Relu,
                pool.clone(),
                convolution(32),
                Layer::Relu,
                pool,
                Layer::Linear { outputs: 10 },
            ],
        }
    }

    /// Linear layers with `activation` after each hidden one: `inputs` → `hidden[0]` → … → `outputs`.
    #[must_use]
    pub fn multi_layer_perceptron(
        inputs: usize,
        hidden: &[usize],
        outputs: usize,
        activation: Activation,
    ) -> Self {
        let mut layers = Vec::with_capacity(2 * hidden.len() + 1);
        for &width in hidden {
            layers.push(Layer::Linear { outputs: width });
            layers.push(activation.layer());
        }
        layers.push(Layer::Linear { outputs });
        Self {
            input: Shape::flat(inputs),
            layers,
        }
    }

    /// Shapes of the input and of every layer's output: one more than there are layers.
    ///
    /// # Errors
    /// [`NetworkError`] if the layers are not a possible network.
    pub fn shapes(&self) -> Result<Vec<Shape>, NetworkError> {
        if self.layers.is_empty() {
            return Err(NetworkError::NoLayers);
        }
        let count = self.input.checked_count();
        let count = count.ok_or(NetworkError::TooLarge {
            layer: 0,
            name: "input",
            limit: LIMIT,
        })?;
        if count == 0 {
            return Err(NetworkError::EmptyInput { shape: self.input });
        }
        let mut walk = Walk {
            number: 0,
            parameters: 0,
            depth: 0,
        };
        walk.shapes(&self.layers, self.input)
    }
}

/// The state of the check while it goes through the layers and those inside them.
struct Walk {
    /// Number of the last layer seen, counted from 1.
    number: usize,
    /// Number of the parameters so far.
    parameters: usize,
    /// Number of residuals around the current list.
    depth: usize,
}

impl Walk {
    fn shapes(&mut self, layers: &[Layer], input: Shape) -> Result<Vec<Shape>, NetworkError> {
        let mut shapes = vec![input];
        let mut shape = input;
        for layer in layers {
            self.number += 1;
            let number = self.number;
            let too_large = NetworkError::TooLarge {
                layer: number,
                name: layer.name(),
                limit: LIMIT,
            };
            let output = layer.output(number, shape)?;
            let (weights, biases) = layer.parameter_counts(shape).ok_or(too_large.clone())?;
            self.parameters += weights + biases;
            if self.parameters > LIMIT {
                return Err(too_large);
            }
            if let Layer::Residual(inner) = layer {
                self.residual(inner, shape)?;
            }
            shape = output;
            shapes.push(shape);
        }
        Ok(shapes)
    }

    fn residual(&mut self, layers: &[Layer], input: Shape) -> Result<(), NetworkError> {
        let layer = self.number;
        if layers.is_empty() {
            return Err(NetworkError::EmptyResidual { layer });
        }
        if self.depth == DEPTH {
            return Err(NetworkError::TooDeep {
                layer,
                limit: DEPTH,
            });
        }
        self.depth += 1;
        let shapes = self.shapes(layers, input)?;
        self.depth -= 1;
        let output = shapes[layers.len()];
        if output != input {
            return Err(NetworkError::ResidualShape {
                layer,
                input,
                output,
            });
        }
        Ok(())
    }
}
