//! The forward pass of a planar convolution.

use super::fused::{PlanarConvolution, PlanarScratch, point, tiles};
use crate::kernel::Kernels;
use crate::kernel::planar::{FromPoints, ToPoints};
use crate::operation::interface::Forward;

impl PlanarConvolution {
    pub(super) fn forward_examples(&self, scratch: &mut PlanarScratch, arguments: Forward<'_>) {
        let Forward {
            kernels,
            parameters,
            input,
            output,
            ..
        } = arguments;
        let (weights, bias) = self.parameters(parameters);
        self.transform_kernel(kernels, weights, &mut scratch.weights);
        let (inputs, outputs) = (self.input.count(), self.output().count());
        let (tile_rows, tile_columns) = tiles(self.convolved);
        let channels = self.convolved.channels;
        let blocks = input.chunks(self.block() * inputs);
        for (index, input) in blocks.enumerate() {
            let examples = input.len() / inputs;
            let tiles = examples * tile_rows * tile_columns;
            self.transform_inputs(kernels, input, &mut scratch.inputs);
            self.products(
                kernels,
                tiles,
                (&scratch.inputs, self.input.channels),
                &scratch.weights,
                (&mut scratch.outputs, channels),
            );
            for example in 0..examples {
                let own = (index * self.block() + example) * outputs;
                let output = &mut output[own..][..outputs];
                kernels.planar_outputs(&mut FromPoints {
                    tile_rows,
                    tile_columns,
                    channels,
                    from: &scratch.outputs[example * tile_rows * tile_columns * channels..],
                    from_point: point(tiles, channels),
                    bias,
                    relu: self.relu && self.pool.is_none(),
                    rows: self.convolved.height,
                    columns: self.convolved.width,
                    to: if self.pool.is_some() {
                        &mut scratch.convolved
                    } else {
                        &mut *output
                    },
                });
                if let Some(pool) = &self.pool {
                    pool.rows(
                        kernels,
                        0..pool.output.height,
                        (&scratch.convolved, self.convolved.width * channels),
                        (output, &mut scratch.places[own..][..outputs]),
                        self.place(),
                        self.relu,
                    );
                }
            }
        }
    }

    /// Brings the inputs of some examples to the points.
    pub(super) fn transform_inputs(&self, kernels: &Kernels, input: &[f32], to: &mut [f32]) {
        let (tile_rows, tile_columns) = tiles(self.convolved);
        let examples = input.len() / self.input.count();
        let values = tile_rows * tile_columns * self.input.channels;
        for (example, from) in input.chunks_exact(self.input.count()).enumerate() {
            kernels.planar_inputs(&mut ToPoints {
                rows: self.input.height,
                columns: self.input.width,
                channels: self.input.channels,
                padding: self.padding,
                tile_rows,
                tile_columns,
                from,
                to: &mut to[example * values..],
                to_point: point(examples * tile_rows * tile_columns, self.input.channels),
            });
        }
    }
}
