//! A two-dimensional convolution, with the ReLU and the max-pool behind it if they are there.

use super::max_pool::MaxPool;
use super::{Backward, Scratch};
use crate::Shape;

/// Convolution, bias, and optionally ReLU and max-pooling, in one.
#[derive(Debug, PartialEq)]
pub(crate) struct Convolution {
    input: Shape,
    /// Shape of the convolution itself, before pooling.
    convolved: Shape,
    kernel: usize,
    stride: usize,
    padding: usize,
    offset: usize,
    relu: bool,
    pool: Option<MaxPool>,
}

impl Convolution {
    pub(crate) fn new(
        input: Shape,
        convolved: Shape,
        (kernel, stride, padding): (usize, usize, usize),
        offset: usize,
        relu: bool,
        pool: Option<(usize, usize)>,
        _out_channels: usize,
    ) -> Self {
        let pool = pool.map(|(size, stride)| {
            let output = Shape {
                height: (convolved.height - size) / stride + 1,
                width: (convolved.width - size) / stride + 1,
                channels: convolved.channels,
            };
            MaxPool::new(convolved, output, size, stride)
        });
        Self {
            input,
            convolved,
            kernel,
            stride,
            padding,
            offset,
            relu,
            pool,
        }
    }

    pub(crate) fn input_count(&self) -> usize {
        self.input.count()
    }

    pub(crate) fn output_count(&self) -> usize {
        self.pool
            .as_ref()
            .map_or(self.convolved, MaxPool::output)
            .count()
    }

    pub(crate) fn scratch(&self, max_batch: usize) -> Scratch {
        let pooled = if self.pool.is_some() {
            max_batch * self.output_count()
        } else {
            0
        };
        Scratch {
            positions: vec![0; pooled],
            values: vec![0.0; self.convolved.count()],
        }
    }

    fn weight_count(&self) -> usize {
        self.kernel * self.kernel * self.input.channels * self.convolved.channels
    }

    pub(crate) fn forward(
        &self,
        parameters: &[f32],
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
        batch: usize,
    ) {
        let (inputs, outputs) = (self.input_count(), self.output_count());
        for example in 0..batch {
            let input = &input[example * inputs..][..inputs];
            let output = &mut output[example * outputs..][..outputs];
            match &self.pool {
                Some(pool) => {
                    self.convolve(parameters, input, &mut scratch.values);
                    let positions = &mut scratch.positions[example * outputs..][..outputs];
                    pool.forward_example(&scratch.values, output, positions);
                }
                None => self.convolve(parameters, input, output),
            }
            if self.relu {
                super::element_wise::apply(crate::Activation::Relu, output);
            }
        }
    }

    /// Calls `tap(input offset, weight offset)` for each kernel position of output cell `cell` that lies
    /// inside the input.
    fn taps(&self, cell: usize, mut tap: impl FnMut(usize, usize)) {
        let (row, column) = (cell / self.convolved.width, cell % self.convolved.width);
        for position in 0..self.kernel * self.kernel {
            let y = (row * self.stride + position / self.kernel).wrapping_sub(self.padding);
            let x = (column * self.stride + position % self.kernel).wrapping_sub(self.padding);
            if y < self.input.height && x < self.input.width {
                let weight = position * self.input.channels * self.convolved.channels;
                tap((y * self.input.width + x) * self.input.channels, weight);
            }
        }
    }

    fn convolve(&self, parameters: &[f32], input: &[f32], output: &mut [f32]) {
        let (weights, rest) = parameters[self.offset..].split_at(self.weight_count());
        let (channels, outputs) = (self.input.channels, self.convolved.channels);
        let bias = &rest[..outputs];
        for (cell, output) in output.chunks_exact_mut(outputs).enumerate() {
            output.copy_from_slice(bias);
            self.taps(cell, |from, weight| {
                let weights = weights[weight..][..channels * outputs].chunks_exact(outputs);
                for (value, weights) in input[from..][..channels].iter().zip(weights) {
                    for (sum, weight) in output.iter_mut().zip(weights) {
                        *sum += value * weight;
                    }
                }
            });
        }
    }

    pub(crate) fn backward(&self, arguments: Backward<'_>, scratch: &mut Scratch) {
        let Backward {
            parameters,
            input,
            output,
            output_gradient,
            mut input_gradient,
            gradient,
            batch,
        } = arguments;
        if self.relu {
            super::element_wise::apply_derivative(crate::Activation::Relu, output, output_gradient);
        }
        let (channels, outputs) = (self.input.channels, self.convolved.channels);
        let weights = &parameters[self.offset..][..self.weight_count()];
        let (weight_gradient, rest) = gradient[self.offset..].split_at_mut(self.weight_count());
        let bias_gradient = &mut rest[..outputs];
        weight_gradient.fill(0.0);
        bias_gradient.fill(0.0);
        if let Some(input_gradient) = input_gradient.as_deref_mut() {
            input_gradient.fill(0.0);
        }
        for example in 0..batch {
            let own = example * self.output_count()..(example + 1) * self.output_count();
            let base = example * self.input_count();
            for (index, &value) in output_gradient[own.clone()].iter().enumerate() {
                if value == 0.0 {
                    continue;
                }
                let at = if self.pool.is_some() {
                    scratch.positions[own.start + index] as usize
                } else {
                    index
                };
                let channel = at % outputs;
                bias_gradient[channel] += value;
                self.taps(at / outputs, |from, weight| {
                    for offset in 0..channels {
                        let weight = weight + offset * outputs + channel;
                        let from = base + from + offset;
                        weight_gradient[weight] += value * input[from];
                        if let Some(input_gradient) = input_gradient.as_deref_mut() {
                            input_gradient[from] += value * weights[weight];
                        }
                    }
                });
            }
        }
    }
}
