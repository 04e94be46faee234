//! A network computed in the plainest way, in f64, straight from the definitions of the layers.

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
        let mut activations = vec![
            input
                .iter()
                .map(|value| f64::from(*value))
                .collect::<Vec<_>>(),
        ];
        let mut offsets = Vec::new();
        let mut offset = 0;
        for (index, layer) in specification.layers.iter().enumerate() {
            let input = &activations[index];
            offsets.push(offset);
            let own = &parameters[offset..];
            let output = forward(
                layer,
                shapes[index],
                shapes[index + 1],
                own,
                input,
                &mut naive.margin,
            );
            activations.push(output);
            offset += parameter_count(layer, shapes[index]);
        }
        naive.outputs.extend(&activations[activations.len() - 1]);
        let gradient = &output_gradient[example * outputs_each..][..outputs_each];
        let mut gradient: Vec<f64> = gradient.iter().map(|value| f64::from(*value)).collect();
        for (index, layer) in specification.layers.iter().enumerate().rev() {
            gradient = backward(
                layer,
                (shapes[index], shapes[index + 1]),
                &parameters[offsets[index]..],
                &activations[index],
                &activations[index + 1],
                &gradient,
                &mut naive.gradient[offsets[index]..],
            );
        }
    }
    naive
}

fn parameter_count(layer: &Layer, input: Shape) -> usize {
    match *layer {
        Layer::Conv2d {
            out_channels,
            kernel,
            ..
        } => (kernel * kernel * input.channels + 1) * out_channels,
        Layer::Linear { outputs } => (input.count() + 1) * outputs,
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
        other => panic!("the reference does not know {other:?}"),
    }
    output
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
