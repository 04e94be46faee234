//! What a network is: the shape of its input and a list of layers.
//!
//! A specification is plain data that goes into settings and controller files. It is checked when a
//! [`Network`](crate::Network) is made of it. Layers are written with the name outside
//! (`{"conv2d": {"out_channels": 16, …}}`, `"relu"`), which every serde format can read back.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::NetworkError;

/// The largest number of values of one activation, and of parameters of one network.
pub(crate) const LIMIT: usize = 1 << 28;

/// Shape of one example's activation: rows × columns × channels, channels last in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels; neighbours in memory.
    pub channels: usize,
}

impl Shape {
    /// A flat vector of `count` values: 1 × 1 × `count`.
    #[must_use]
    pub fn flat(count: usize) -> Self {
        Self {
            height: 1,
            width: 1,
            channels: count,
        }
    }

    /// Number of values.
    #[must_use]
    pub fn count(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Number of values, or `None` above the limit of this crate.
    fn checked_count(&self) -> Option<usize> {
        let count = self
            .height
            .checked_mul(self.width)?
            .checked_mul(self.channels)?;
        (count <= LIMIT).then_some(count)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} × {} × {}",
            self.height, self.width, self.channels
        )
    }
}

/// One layer. Each is a function of the previous layer's output.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layer {
    /// Two-dimensional convolution (cross-correlation, as everywhere in the field) with a square kernel and a
    /// bias: out(y, x, o) = bias(o) + Σ weight(ky, kx, i, o) · in(y·stride + ky − padding, x·stride + kx − padding, i),
    /// zero outside the input. Parameters: weight `[kernel][kernel][in][out]`, bias `[out]`.
    Conv2d {
        /// Channels of the output.
        out_channels: usize,
        /// Rows and columns of the kernel.
        kernel: usize,
        /// Step between neighbouring outputs.
        stride: usize,
        /// Zeros on every side of the input.
        padding: usize,
    },
    /// Maximum over square windows, each channel by itself. Windows that would cross the border are left out;
    /// of equal values the first in reading order gets the gradient.
    MaxPool2d {
        /// Rows and columns of the window.
        size: usize,
        /// Step between neighbouring windows.
        stride: usize,
    },
    /// max(x, 0), with gradient 0 at 0.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// 1 / (1 + exp(−x)).
    Sigmoid,
    /// out(o) = bias(o) + Σ in(i) · weight(i, o) over all values of the input, whatever its shape.
    /// Parameters: weight `[in][out]`, bias `[out]`.
    Linear {
        /// Number of outputs.
        outputs: usize,
    },
}

impl Layer {
    /// The layer's name as it is written in files.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Conv2d { .. } => "conv2d",
            Self::MaxPool2d { .. } => "max-pool2d",
            Self::Relu => "relu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Linear { .. } => "linear",
        }
    }

    /// Shape of the output for an input of shape `input`; `layer` is the number for messages.
    fn output(&self, layer: usize, input: Shape) -> Result<Shape, NetworkError> {
        let name = self.name();
        let positive = |field, value: usize| match value {
            0 => Err(NetworkError::Zero { layer, name, field }),
            _ => Ok(()),
        };
        let slide = |field, extent: usize, size: usize, stride: usize, padding: usize| {
            let fits = padding
                .checked_mul(2)
                .and_then(|both| both.checked_add(extent))
                .filter(|padded| *padded <= LIMIT);
            let Some(padded) = fits else {
                return Err(NetworkError::TooLarge {
                    layer,
                    name,
                    limit: LIMIT,
                });
            };
            match padded.checked_sub(size) {
                Some(rest) => Ok(rest / stride + 1),
                None => Err(NetworkError::DoesNotFit {
                    layer,
                    name,
                    field,
                    size,
                    input,
                    padding,
                }),
            }
        };
        let output = match *self {
            Self::Conv2d {
                out_channels,
                kernel,
                stride,
                padding,
            } => {
                positive("out_channels", out_channels)?;
                positive("kernel", kernel)?;
                positive("stride", stride)?;
                Shape {
                    height: slide("kernel", input.height, kernel, stride, padding)?,
                    width: slide("kernel", input.width, kernel, stride, padding)?,
                    channels: out_channels,
                }
            }
            Self::MaxPool2d { size, stride } => {
                positive("size", size)?;
                positive("stride", stride)?;
                Shape {
                    height: slide("size", input.height, size, stride, 0)?,
                    width: slide("size", input.width, size, stride, 0)?,
                    channels: input.channels,
                }
            }
            Self::Relu | Self::Tanh | Self::Sigmoid => input,
            Self::Linear { outputs } => {
                positive("outputs", outputs)?;
                Shape::flat(outputs)
            }
        };
        let too_large = NetworkError::TooLarge {
            layer,
            name,
            limit: LIMIT,
        };
        output.checked_count().ok_or(too_large.clone())?;
        if let Self::Conv2d { padding, .. } = *self {
            let padded = Shape {
                height: input.height + 2 * padding,
                width: input.width + 2 * padding,
                channels: input.channels,
            };
            padded.checked_count().ok_or(too_large)?;
        }
        Ok(output)
    }

    /// Numbers of weights and of biases, or `None` above the limit.
    pub(crate) fn parameter_counts(&self, input: Shape) -> Option<(usize, usize)> {
        let (fan_in, outputs) = match *self {
            Self::Conv2d {
                out_channels,
                kernel,
                ..
            } => (
                kernel.checked_mul(kernel)?.checked_mul(input.channels)?,
                out_channels,
            ),
            Self::Linear { outputs } => (input.count(), outputs),
            _ => return Some((0, 0)),
        };
        let weights = fan_in.checked_mul(outputs)?;
        (weights <= LIMIT && outputs <= LIMIT).then_some((weights, outputs))
    }
}

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

    /// Shapes of the input and of every layer's output, so one more than there are layers.
    ///
    /// # Errors
    /// [`NetworkError`] if the layers do not make a network.
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
        let mut shapes = vec![self.input];
        let mut shape = self.input;
        let mut parameters = 0;
        for (index, layer) in self.layers.iter().enumerate() {
            let too_large = NetworkError::TooLarge {
                layer: index + 1,
                name: layer.name(),
                limit: LIMIT,
            };
            let output = layer.output(index + 1, shape)?;
            let (weights, biases) = layer.parameter_counts(shape).ok_or(too_large.clone())?;
            parameters += weights + biases;
            if parameters > LIMIT {
                return Err(too_large);
            }
            shape = output;
            shapes.push(shape);
        }
        Ok(shapes)
    }
}
