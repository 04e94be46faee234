//! The mean over all positions of each channel.

use super::interface::{Backward, Forward, Operation};

/// `positions` × `channels` values for each example to `channels`.
#[derive(Debug, PartialEq)]
pub(crate) struct AveragePool {
    pub(crate) positions: usize,
    pub(crate) channels: usize,
}

impl Operation for AveragePool {
    type Scratch = ();

    fn input_count(&self) -> usize {
        self.positions * self.channels
    }

    fn output_count(&self) -> usize {
        self.channels
    }

    fn scratch(&self, _: usize, _: bool) {}

    fn forward(&self, (): &mut (), arguments: Forward<'_>) {
        let examples = arguments.input.chunks_exact(self.input_count());
        let outputs = arguments.output.chunks_exact_mut(self.channels);
        for (input, output) in examples.zip(outputs) {
            arguments.kernels.sum_rows(input, output);
            let share = 1.0 / self.positions as f32;
            output.iter_mut().for_each(|value| *value *= share);
        }
    }

    fn backward(&self, (): &mut (), arguments: Backward<'_>) {
        let Some(input_gradient) = arguments.input_gradient else {
            return;
        };
        let share = 1.0 / self.positions as f32;
        let examples = input_gradient.chunks_exact_mut(self.input_count());
        let gradients = arguments.output_gradient.chunks_exact_mut(self.channels);
        for (example, gradient) in examples.zip(gradients) {
            gradient.iter_mut().for_each(|value| *value *= share);
            for position in example.chunks_exact_mut(self.channels) {
                position.copy_from_slice(gradient);
            }
        }
    }
}
