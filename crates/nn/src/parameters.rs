//! The flat parameter vector: where each layer's tensors lie, and their initial values.

use std::ops::Range;

use descender_random::{ChaCha8Rng, Rng, normal_pair};

use crate::layer::Layer;
use crate::placed_layer::PlacedLayers;
use crate::shape::Shape;

/// The role of a [`ParameterTensor`] in its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// The factors of the inputs.
    Weight,
    /// The addend of each output.
    Bias,
}

/// One named piece of the flat parameter vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterTensor {
    /// Index of the layer in the specification, from 0. The layers inside a residual come after it and before those
    /// that follow it.
    pub layer: usize,
    /// Weight or bias.
    pub kind: ParameterKind,
    /// Extents; neighbours along the last one are neighbours in memory. [`Layer`] gives their order.
    pub shape: Vec<usize>,
    /// Where the tensor lies in the parameter vector.
    pub range: Range<usize>,
    /// Number of inputs that one output of the layer depends on.
    pub fan_in: usize,
}

/// What initial parameters are drawn from: PyTorch's defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Initial {
    /// Evenly from ±`bound`; one draw.
    Uniform { bound: f32 },
    /// The sum of two of these, where PyTorch has two parameters of which only the sum counts; two draws.
    UniformSum { bound: f32 },
    /// The normal distribution with mean 0 and variance 1.
    Normal,
    /// Always the same; no draw.
    Constant(f32),
}

/// The parameter vector of a network.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Parameters {
    pub(crate) tensors: Vec<ParameterTensor>,
    /// Pieces of the vector in order, and what they are drawn from.
    initial: Vec<(Range<usize>, Initial)>,
    pub(crate) count: usize,
}

impl Parameters {
    /// The vector for layers that have been checked.
    pub(crate) fn new(layers: &[Layer], input: Shape) -> Self {
        let mut parameters = Self::default();
        parameters.append(layers, input, 0);
        parameters
    }

    fn append(&mut self, layers: &[Layer], input: Shape, first: usize) {
        for part in PlacedLayers::new(layers, input, first) {
            let (layer, input) = (part.index, part.input);
            match *part.layer {
                Layer::Conv2d {
                    out_channels,
                    kernel,
                    ..
                } => {
                    let shape = vec![kernel, kernel, input.channels, out_channels];
                    let fan_in = kernel * kernel * input.channels;
                    self.affine(layer, shape, fan_in, out_channels);
                }
                Layer::Linear { outputs } => {
                    let inputs = input.count();
                    self.affine(layer, vec![inputs, outputs], inputs, outputs);
                }
                Layer::Gru { hidden, .. } => {
                    let bound = Initial::uniform(hidden);
                    let fan_in = self.recurrent_weight(layer, input, hidden, 3);
                    let gates = (2 * hidden, bound.sum());
                    let candidate = (2 * hidden, bound);
                    self.bias(layer, fan_in, &[gates, candidate]);
                }
                Layer::Lstm { hidden, .. } => {
                    let fan_in = self.recurrent_weight(layer, input, hidden, 4);
                    let sum = Initial::uniform(hidden).sum();
                    self.bias(layer, fan_in, &[(4 * hidden, sum)]);
                }
                Layer::LayerNorm => {
                    let channels = input.channels;
                    self.weight(layer, vec![channels], channels, Initial::Constant(1.0));
                    self.bias(layer, channels, &[(channels, Initial::Constant(0.0))]);
                }
                Layer::Embedding {
                    vocabulary,
                    features,
                } => self.weight(layer, vec![vocabulary, features], 1, Initial::Normal),
                Layer::Residual(ref inner) => self.append(inner, input, layer + 1),
                Layer::MaxPool2d { .. }
                | Layer::Relu
                | Layer::Tanh
                | Layer::Sigmoid
                | Layer::Dropout { .. }
                | Layer::GlobalAveragePool => {}
            }
        }
    }

    /// Weight and bias of a convolution or a linear layer.
    fn affine(&mut self, layer: usize, shape: Vec<usize>, fan_in: usize, outputs: usize) {
        let initial = Initial::uniform(fan_in);
        self.weight(layer, shape, fan_in, initial);
        self.bias(layer, fan_in, &[(outputs, initial)]);
    }

    /// The weight of a recurrent layer; returns the number of its rows.
    fn recurrent_weight(
        &mut self,
        layer: usize,
        input: Shape,
        hidden: usize,
        gates: usize,
    ) -> usize {
        let rows = input.width * input.channels + hidden;
        let shape = vec![rows, gates * hidden];
        self.weight(layer, shape, rows, Initial::uniform(hidden));
        rows
    }

    fn weight(&mut self, layer: usize, shape: Vec<usize>, fan_in: usize, initial: Initial) {
        let pieces = [(shape.iter().product(), initial)];
        self.push(layer, ParameterKind::Weight, shape, fan_in, &pieces);
    }

    fn bias(&mut self, layer: usize, fan_in: usize, pieces: &[(usize, Initial)]) {
        let shape = vec![pieces.iter().map(|(count, _)| count).sum()];
        self.push(layer, ParameterKind::Bias, shape, fan_in, pieces);
    }

    fn push(
        &mut self,
        layer: usize,
        kind: ParameterKind,
        shape: Vec<usize>,
        fan_in: usize,
        pieces: &[(usize, Initial)],
    ) {
        let begin = self.count;
        for (count, initial) in pieces {
            self.initial
                .push((self.count..self.count + count, *initial));
            self.count += count;
        }
        self.tensors.push(ParameterTensor {
            layer,
            kind,
            shape,
            range: begin..self.count,
            fan_in,
        });
    }

    /// Draws all parameters, in order.
    pub(crate) fn draw(&self, generator: &mut ChaCha8Rng, parameters: &mut [f32]) {
        for (range, initial) in &self.initial {
            initial.draw(generator, &mut parameters[range.clone()]);
        }
    }
}

impl Initial {
    /// Evenly from ±1/√`count`.
    fn uniform(count: usize) -> Self {
        Self::Uniform {
            bound: 1.0 / (count as f32).sqrt(),
        }
    }

    /// The sum of two draws.
    fn sum(self) -> Self {
        match self {
            Self::Uniform { bound } => Self::UniformSum { bound },
            other => other,
        }
    }

    fn draw(self, generator: &mut ChaCha8Rng, values: &mut [f32]) {
        match self {
            Self::Uniform { bound } => values
                .iter_mut()
                .for_each(|value| *value = bound * symmetric(generator)),
            Self::UniformSum { bound } => values.iter_mut().for_each(|value| {
                *value = bound * symmetric(generator) + bound * symmetric(generator);
            }),
            Self::Normal => {
                for pair in values.chunks_mut(2) {
                    let normal = normal_pair(generator).map(|value| value as f32);
                    pair.copy_from_slice(&normal[..pair.len()]);
                }
            }
            Self::Constant(constant) => values.fill(constant),
        }
    }
}

/// Evenly from [−1, 1), 24 bits.
fn symmetric(generator: &mut ChaCha8Rng) -> f32 {
    let unit = (generator.next_u32() >> 8) as f32 * (1.0 / (1 << 24) as f32);
    2.0 * unit - 1.0
}
