//! The backward pass of a planar convolution.
//!
//! With w turned by half a turn, the gradient of the input is the convolution of the gradient of the output with w and a
//! padding of 2 less that of the layer. The gradient of w at the points is, for each of them, the product of inputs and
//! gradients, summed over all tiles.

use super::fused::{KERNEL, PlanarConvolution, PlanarScratch, point, tiles};
use crate::kernel::Kernels;
use crate::kernel::gemm::Gemm;
use crate::kernel::planar::{FromPoints, ToPoints};
use crate::kernel::rows::Transpose;
use crate::operation::interface::Backward;

impl PlanarConvolution {
    pub(super) fn backward_examples(&self, scratch: &mut PlanarScratch, arguments: Backward<'_>) {
        let Backward {
            kernels,
            parameters,
            input,
            output,
            output_gradient,
            mut input_gradient,
            ..
        } = arguments;
        if self.relu {
            kernels.relu_gradient(output, output_gradient);
        }
        let (weight_gradient, rest) =
            arguments.gradient[self.offset..].split_at_mut(self.weight_count());
        kernels.sum_rows(output_gradient, &mut rest[..self.convolved.channels]);
        if input_gradient.is_some() {
            self.turn_weights(kernels, self.parameters(parameters).0, scratch);
        }
        scratch.sums.fill(0.0);
        let (inputs, outputs) = (self.input.count(), self.output().count());
        let block = self.block();
        let blocks = input
            .chunks(block * inputs)
            .zip(output_gradient.chunks(block * outputs));
        for (index, (input, gradient)) in blocks.enumerate() {
            let first = index * block;
            self.transform_inputs(kernels, input, &mut scratch.inputs);
            self.transform_gradients(kernels, gradient, first, scratch, Side::Weights);
            self.add_weight_gradient(kernels, input.len() / inputs, scratch);
            if let Some(input_gradient) = input_gradient.as_deref_mut() {
                let target = &mut input_gradient[first * inputs..][..input.len()];
                self.transform_gradients(kernels, gradient, first, scratch, Side::Inputs);
                self.input_gradient(kernels, target, scratch);
            }
        }
        kernels.planar_kernel_gradient(&mut FromPoints {
            tile_rows: 1,
            tile_columns: 1,
            channels: self.pairs(),
            from: &scratch.sums,
            from_point: self.kernel_point(),
            bias: &[],
            relu: false,
            rows: KERNEL,
            columns: KERNEL,
            to: weight_gradient,
        });
    }

    /// `[3][3][in][out]` → `[3][3][out][in]`, turned by half a turn, at the points.
    fn turn_weights(&self, kernels: &Kernels, weights: &[f32], scratch: &mut PlanarScratch) {
        let from = weights.chunks_exact(self.pairs());
        let to = scratch.turned.chunks_exact_mut(self.pairs());
        for (from, to) in from.zip(to.rev()) {
            kernels.transpose(&mut Transpose {
                rows: self.input.channels,
                columns: self.convolved.channels,
                from,
                from_row: self.convolved.channels,
                to,
                to_row: self.input.channels,
            });
        }
        self.transform_kernel(kernels, &scratch.turned, &mut scratch.weights);
    }

    /// Brings the gradients of some examples, from number `first` on, to the points.
    fn transform_gradients(
        &self,
        kernels: &Kernels,
        gradient: &[f32],
        first: usize,
        scratch: &mut PlanarScratch,
        side: Side,
    ) {
        let outputs = self.output().count();
        let channels = self.convolved.channels;
        let (tile_rows, tile_columns) = tiles(match side {
            Side::Weights => self.convolved,
            Side::Inputs => self.input,
        });
        let tiles = tile_rows * tile_columns;
        let examples = gradient.len() / outputs;
        for (example, gradient) in gradient.chunks_exact(outputs).enumerate() {
            let from = if let Some(pool) = &self.pool {
                // Cells outside all windows have no gradient.
                scratch.convolved.fill(0.0);
                pool.unpool_rows(
                    kernels,
                    0..pool.output.height,
                    (
                        gradient,
                        &scratch.places[(first + example) * outputs..][..outputs],
                    ),
                    (&mut scratch.convolved, self.convolved.width * channels),
                    self.place(),
                );
                &*scratch.convolved
            } else {
                gradient
            };
            let mut points = ToPoints {
                rows: self.convolved.height,
                columns: self.convolved.width,
                channels,
                padding: 0,
                tile_rows,
                tile_columns,
                from,
                to: &mut scratch.outputs[example * tiles * channels..],
                to_point: point(examples * tiles, channels),
            };
            match side {
                Side::Weights => kernels.planar_gradient(&mut points),
                Side::Inputs => {
                    points.padding = KERNEL - 1 - self.padding;
                    kernels.planar_inputs(&mut points);
                }
            }
        }
    }

    /// Adds the gradient of the weights at the points.
    fn add_weight_gradient(&self, kernels: &Kernels, examples: usize, scratch: &mut PlanarScratch) {
        let (tile_rows, tile_columns) = tiles(self.convolved);
        let tiles = examples * tile_rows * tile_columns;
        let (inputs, outputs) = (self.input.channels, self.convolved.channels);
        let points = scratch.sums.chunks_exact_mut(self.kernel_point());
        for (index, c) in points.enumerate() {
            kernels.gemm(&mut Gemm {
                rows: inputs,
                columns: outputs,
                a: &scratch.inputs[index * point(tiles, inputs)..],
                a_row: 1,
                a_step: inputs,
                segments: 1,
                a_segment: 0,
                length: tiles,
                b: &scratch.outputs[index * point(tiles, outputs)..],
                b_row: outputs,
                c,
                c_row: outputs,
                bias: &[],
                add: true,
                relu: false,
            });
        }
    }

    /// Writes the gradients of the inputs of some examples, from those of their outputs at the points.
    fn input_gradient(&self, kernels: &Kernels, target: &mut [f32], scratch: &mut PlanarScratch) {
        let (tile_rows, tile_columns) = tiles(self.input);
        let channels = self.input.channels;
        let tiles = target.len() / self.input.count() * tile_rows * tile_columns;
        self.products(
            kernels,
            tiles,
            (&scratch.outputs, self.convolved.channels),
            &scratch.weights,
            (&mut scratch.inputs, channels),
        );
        for (example, to) in target.chunks_exact_mut(self.input.count()).enumerate() {
            kernels.planar_outputs(&mut FromPoints {
                tile_rows,
                tile_columns,
                channels,
                from: &scratch.inputs[example * tile_rows * tile_columns * channels..],
                from_point: point(tiles, channels),
                bias: &[],
                relu: false,
                rows: self.input.height,
                columns: self.input.width,
                to,
            });
        }
    }
}

/// What gradients of outputs are brought to the points for.
#[derive(Clone, Copy)]
enum Side {
    /// The gradient of the weights: tiles of 4 × 4 gradients.
    Weights,
    /// The gradient of the input: tiles of 6 × 6, to be convolved.
    Inputs,
}
