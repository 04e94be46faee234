//! A network computed in the plainest way, in f64, straight from the definitions of the layers.

mod recurrent;

use descender_nn::{Layer, NetworkSpecification, Shape};

/// Outputs, gradients and how far the network was from a kink.
pub(crate) struct Naive {
    pub(crate) outputs: Vec<f64>,
    pub(crate) gradient: Vec<f64>,
    /// Smallest distance of a ReLU's input from 0 and of a max-pool's first from its second (if both are not
    /// the same by construction). Rounding can turn what is nearer than this.
    pub(crate) margin: f64,
}

/// Forward and backward for `batch` examples; `output_gradient` is the gradient of the outputs.
pub(crate) fn run(
    specification: &NetworkSpecification,
    parameters: &[f32],
    inputs: &[f32],
    batch: usize,
    output_gradient: &[f32],
) -> Naive {
    let shapes = specification.shapes().unwrap();
    let parameters: Vec<f64> = parameters.iter().map(|value| f64::from(*value)).collect();
    let mut naive = Naive {
        outputs: Vec::new(),
        gradient: vec![0.0; parameters.len()],
        margin: f64::INFINITY,
    };
    let (inputs_each, outputs_each) = (inputs.len() / batch, output_gradient.len() / batch);
    for example in 0..batch {
        let input = &inputs[example * inputs_each..][..inputs_each];
        let input = input.iter().map(|value| f64::from(*value)).collect();
        let chain = Chain {
            layers: &specification.layers,
            shapes: &shapes,
            parameters: &parameters,
        };
        let activations = chain.forward(input, &mut naive.margin);
        naive.outputs.extend(&activations[activations.len() - 1]);
        let slopes = &output_gradient[example * outputs_each..][..outputs_each];
        let slopes = slopes.iter().map(|value| f64::from(*value)).collect();
        chain.backward(&activations, slopes, &mut naive.gradient);
    }
    naive
}

/// Layers one after the other; `parameters` begin with theirs.
struct Chain<'a> {
    layers: &'a [Layer],
    shapes: &'a [Shape],
    parameters: &'a [f64],
}

impl Chain<'_> {
    /// The input and all outputs.
    fn forward(&self, input: Vec<f64>, margin: &mut f64) -> Vec<Vec<f64>> {
        let mut activations = vec![input];
        let mut offset = 0;
        for (index, layer) in self.layers.iter().enumerate() {
            let output = forward(
                layer,
                self.shapes[index],
                self.shapes[index + 1],
                &self.parameters[offset..],
                &activations[index],
                margin,
            );
            activations.push(output);
            offset += parameter_count(layer, self.shapes[index]);
        }
        activations
    }

    /// Adds up the parameters' gradient and returns that of the input.
    fn backward(
        &self,
        activations: &[Vec<f64>],
        mut slopes: Vec<f64>,
        gradient: &mut [f64],
    ) -> Vec<f64> {
        let mut offset: usize = self
            .layers
            .iter()
            .zip(self.shapes)
            .map(|(layer, shape)| parameter_count(layer, *shape))
            .sum();
        for (index, layer) in self.layers.iter().enumerate().rev() {
            offset -= parameter_count(layer, self.shapes[index]);
            slopes = backward(
                layer,
                (self.shapes[index], self.shapes[index + 1]),
                &self.parameters[offset..],
                &activations[index],
                &activations[index + 1],
                &slopes,
                &mut gradient[offset..],
            );
        }
        slopes
    }
}

/// The shapes inside of a residual.
fn inner_shapes(layers: &[Layer], input: Shape) -> Vec<Shape> {
    let specification = NetworkSpecification {
        input,
        layers: layers.to_vec(),
    };
    specification.shapes().unwrap()
}

fn parameter_count(layer: &Layer, input: Shape) -> usize {
    match *layer {
        Layer::Conv2d {
            out_channels,
            kernel,
            ..
        } => (kernel * kernel * input.channels + 1) * out_channels,
        Layer::Linear { outputs } => (input.count() + 1) * outputs,
        Layer::Gru { hidden, .. } => {
            (input.width * input.channels + hidden) * 3 * hidden + 4 * hidden
        }
        Layer::Lstm { hidden, .. } => (input.width * input.channels + hidden + 1) * 4 * hidden,
        Layer::LayerNorm => 2 * input.channels,
        Layer::Embedding {
            vocabulary,
            features,
        } => vocabulary * features,
        Layer::Residual(ref layers) => inner_shapes(layers, input)
            .iter()
            .zip(layers)
            .map(|(shape, layer)| parameter_count(layer, *shape))
            .sum(),
        _ => 0,
    }
}

/// Calls `visit(input index, weight index, output index)` for every product of a convolution.
fn products(
    layer: &Layer,
    input: Shape,
    output: Shape,
    mut visit: impl FnMut(usize, usize, usize),
) {
    let Layer::Conv2d {
        kernel,
        stride,
        padding,
        ..
    } = *layer
    else {
        unreachable!()
    };
    for y in 0..output.height {
        for x in 0..output.width {
            for ky in 0..kernel {
                for kx in 0..kernel {
                    let (row, column) = (y * stride + ky, x * stride + kx);
                    if row < padding || column < padding {
                        continue;
                    }
                    let (row, column) = (row - padding, column - padding);
                    if row >= input.height || column >= input.width {
                        continue;
                    }
                    for i in 0..input.channels {
                        for o in 0..output.channels {
                            visit(
                                (row * input.width + column) * input.channels + i,
                                ((ky * kernel + kx) * input.channels + i) * output.channels + o,
                                (y * output.width + x) * output.channels + o,
                            );
                        }
                    }
                }
            }
        }
    }
}

/// The input indices of a pooling window, in reading order.
fn window(layer: &Layer, input: Shape, output: Shape, index: usize) -> Vec<usize> {
    let Layer::MaxPool2d { size, stride } = *layer else {
        unreachable!()
    };
    let (cell, channel) = (index / output.channels, index % output.channels);
    let (y, x) = (cell / output.width * stride, cell % output.width * stride);
    let place = |position: usize| {
        let (row, column) = (y + position / size, x + position % size);
        (row * input.width + column) * input.channels + channel
    };
    (0..size * size).map(place).collect()
}

fn forward(
    layer: &Layer,
    input_shape: Shape,
    output_shape: Shape,
    parameters: &[f64],
    input: &[f64],
    margin: &mut f64,
) -> Vec<f64> {
    let mut output = vec![0.0; output_shape.count()];
    match layer {
        Layer::Conv2d {
            out_channels,
            kernel,
            ..
        } => {
            let bias = kernel * kernel * input_shape.channels * out_channels;
            for (index, value) in output.iter_mut().enumerate() {
                *value = parameters[bias + index % out_channels];
            }
            products(layer, input_shape, output_shape, |i, w, o| {
                output[o] += parameters[w] * input[i]
            });
        }
        Layer::Linear { outputs } => {
            for (o, value) in output.iter_mut().enumerate() {
                *value = parameters[input.len() * outputs + o];
                for (i, input) in input.iter().enumerate() {
                    *value += parameters[i * outputs + o] * input;
                }
            }
        }
        Layer::MaxPool2d { .. } => {
            for (index, value) in output.iter_mut().enumerate() {
                let window = window(layer, input_shape, output_shape, index);
                *value = window
                    .iter()
                    .map(|place| input[*place])
                    .fold(f64::NEG_INFINITY, f64::max);
                let others = window.iter().map(|place| *value - input[*place]);
                // Equal values (two zeros of a ReLU) are not near a kink: they have no gradient.
                *margin = others.filter(|gap| *gap > 0.0).fold(*margin, f64::min);
            }
        }
        Layer::Relu => {
            for (value, input) in output.iter_mut().zip(input) {
                *value = input.max(0.0);
                *margin = if *input == 0.0 {
                    *margin
                } else {
                    margin.min(input.abs())
                };
            }
        }
        Layer::Tanh => output
            .iter_mut()
            .zip(input)
            .for_each(|(value, input)| *value = input.tanh()),
        Layer::Sigmoid => {
            output
                .iter_mut()
                .zip(input)
                .for_each(|(value, input)| *value = 1.0 / (1.0 + (-input).exp()));
        }
        Layer::Gru { .. } | Layer::Lstm { .. } => {
            return recurrent::forward(layer, input_shape, parameters, input);
        }
        Layer::LayerNorm => {
            let channels = input_shape.channels;
            for (row, output) in input.chunks(channels).zip(output.chunks_mut(channels)) {
                let (mean, scale) = moments(row);
                // Nearly equal channels: what tells them apart, and is blown up, is mostly rounding. Of two
                // channels only the sign of their difference is left, so that the gradient nearly cancels out.
                let largest = row.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
                if largest * scale > 30.0 || channels < 4 {
                    *margin = 0.0;
                }
                for (c, value) in output.iter_mut().enumerate() {
                    *value = (row[c] - mean) * scale * parameters[c] + parameters[channels + c];
                }
            }
        }
        Layer::GlobalAveragePool => {
            let positions = input_shape.height * input_shape.width;
            for (index, value) in input.iter().enumerate() {
                output[index % input_shape.channels] += value / positions as f64;
            }
        }
        Layer::Embedding { features, .. } => {
            for (id, output) in input.iter().zip(output.chunks_mut(*features)) {
                output.copy_from_slice(&parameters[*id as usize * features..][..*features]);
            }
        }
        Layer::Residual(layers) => {
            let chain = Chain {
                layers,
                shapes: &inner_shapes(layers, input_shape),
                parameters,
            };
            let inner = chain.forward(input.to_vec(), margin);
            for (index, value) in output.iter_mut().enumerate() {
                *value = input[index] + inner[layers.len()][index];
            }
        }
        other => panic!("the reference does not know {other:?}"),
    }
    output
}

/// Mean and 1 / √(variance + ε).
fn moments(row: &[f64]) -> (f64, f64) {
    let count = row.len() as f64;
    let mean = row.iter().sum::<f64>() / count;
    let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    (mean, 1.0 / (variance + 1e-5).sqrt())
}

fn backward(
    layer: &Layer,
    (input_shape, output_shape): (Shape, Shape),
    parameters: &[f64],
    input: &[f64],
    output: &[f64],
    output_gradient: &[f64],
    gradient: &mut [f64],
) -> Vec<f64> {
    let mut input_gradient = vec![0.0; input.len()];
    match layer {
        Layer::Conv2d {
            out_channels,
            kernel,
            ..
        } => {
            let bias = kernel * kernel * input_shape.channels * out_channels;
            for (index, value) in output_gradient.iter().enumerate() {
                gradient[bias + index % out_channels] += value;
            }
            products(layer, input_shape, output_shape, |i, w, o| {
                gradient[w] += output_gradient[o] * input[i];
                input_gradient[i] += output_gradient[o] * parameters[w];
            });
        }
        Layer::Linear { outputs } => {
            for (o, value) in output_gradient.iter().enumerate() {
                gradient[input.len() * outputs + o] += value;
                for i in 0..input.len() {
                    gradient[i * outputs + o] += value * input[i];
                    input_gradient[i] += value * parameters[i * outputs + o];
                }
            }
        }
        Layer::MaxPool2d { .. } => {
            for (index, value) in output_gradient.iter().enumerate() {
                let window = window(layer, input_shape, output_shape, index);
                let winner = window
                    .into_iter()
                    .find(|place| input[*place] == output[index])
                    .unwrap();
                input_gradient[winner] += value;
            }
        }
        Layer::Gru { .. } | Layer::Lstm { .. } => {
            return recurrent::backward(
                layer,
                input_shape,
                parameters,
                input,
                output_gradient,
                gradient,
            );
        }
        Layer::LayerNorm => {
            // With the whole Jacobian of the normalised row, x̂ = (x − mean) · scale:
            // ∂x̂(a)/∂x(b) = scale · ([a = b] − 1/n − x̂(a) · x̂(b) / n).
            let channels = input_shape.channels;
            let count = channels as f64;
            for (position, row) in input.chunks(channels).enumerate() {
                let (mean, scale) = moments(row);
                let normal: Vec<f64> = row.iter().map(|x| (x - mean) * scale).collect();
                let slopes = &output_gradient[position * channels..][..channels];
                for a in 0..channels {
                    gradient[a] += slopes[a] * normal[a];
                    gradient[channels + a] += slopes[a];
                    for b in 0..channels {
                        let same = f64::from(u8::from(a == b));
                        let slope = scale * (same - 1.0 / count - normal[a] * normal[b] / count);
                        input_gradient[position * channels + b] +=
                            slopes[a] * parameters[a] * slope;
                    }
                }
            }
        }
        Layer::GlobalAveragePool => {
            let positions = input_shape.height * input_shape.width;
            for (index, value) in input_gradient.iter_mut().enumerate() {
                *value = output_gradient[index % input_shape.channels] / positions as f64;
            }
        }
        Layer::Embedding { features, .. } => {
            for (id, slopes) in input.iter().zip(output_gradient.chunks(*features)) {
                for (index, slope) in slopes.iter().enumerate() {
                    gradient[*id as usize * features + index] += slope;
                }
            }
        }
        Layer::Residual(layers) => {
            let chain = Chain {
                layers,
                shapes: &inner_shapes(layers, input_shape),
                parameters,
            };
            let activations = chain.forward(input.to_vec(), &mut f64::INFINITY.clone());
            input_gradient = chain.backward(&activations, output_gradient.to_vec(), gradient);
            for (slot, value) in input_gradient.iter_mut().zip(output_gradient) {
                *slot += value;
            }
        }
        _ => {
            for (index, value) in output_gradient.iter().enumerate() {
                let y = output[index];
                input_gradient[index] = value
                    * match layer {
                        Layer::Relu => f64::from(u8::from(y > 0.0)),
                        Layer::Tanh => 1.0 - y * y,
                        Layer::Sigmoid => y * (1.0 - y),
                        other => panic!("the reference does not know {other:?}"),
                    };
            }
        }
    }
    input_gradient
}
