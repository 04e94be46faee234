//! The backward pass: through time step by step, then the weights' gradients over all steps at once.

use super::sequence::{Cell, Recurrent, RecurrentScratch};
use crate::kernel::Kernels;
use crate::kernel::gemm::Gemm;
use crate::kernel::recurrent::{GruGradient, LstmGradient};
use crate::kernel::rows::Transpose;
use crate::layer::SequenceOutput;
use crate::operation::interface::{Backward, Operation};

impl Recurrent {
    pub(super) fn backward_sequences(
        &self,
        scratch: &mut RecurrentScratch,
        arguments: Backward<'_>,
    ) {
        let Backward {
            kernels,
            parameters,
            output_gradient,
            input_gradient,
            gradient,
            batch,
            ..
        } = arguments;
        if batch == 0 {
            let count = (self.features + self.hidden) * self.columns() + 4 * self.hidden;
            gradient[self.offset..][..count].fill(0.0);
            return;
        }
        let [input_weights, state_weights, _] = self.split(parameters);
        self.backward_through_time(kernels, state_weights, output_gradient, scratch, batch);
        self.weight_gradients(kernels, gradient, scratch, batch);
        if let Some(input_gradient) = input_gradient {
            self.input_gradient(kernels, input_weights, scratch, batch);
            for (row, gradient) in input_gradient.chunks_exact_mut(self.features).enumerate() {
                let (example, step) = (row / self.steps, row % self.steps);
                let from = (step * batch + example) * self.features;
                gradient.copy_from_slice(&scratch.inputs[from..][..self.features]);
            }
        }
    }

    /// Replaces all gates by the gradients of what they were computed from.
    fn backward_through_time(
        &self,
        kernels: &Kernels,
        state_weights: &[f32],
        output_gradient: &[f32],
        scratch: &mut RecurrentScratch,
        batch: usize,
    ) {
        let (steps, hidden, columns) = (self.steps, self.hidden, self.columns());
        let block = batch * hidden;
        kernels.transpose(&mut Transpose {
            rows: hidden,
            columns,
            from: state_weights,
            from_row: columns,
            to: &mut scratch.transposed_recurrent,
            to_row: hidden,
        });
        scratch.carry[..block].fill(0.0);
        for step in (0..steps).rev() {
            let (gates, behind) = scratch.gates.split_at_mut((step + 1) * 4 * block);
            let gates = &mut gates[step * 4 * block..];
            if step + 1 == steps {
                scratch.product[..block].fill(0.0);
            } else {
                kernels.gemm(&mut Gemm {
                    rows: batch,
                    columns: hidden,
                    a: &behind[self.cell.first_slot() * hidden..],
                    a_row: 4 * hidden,
                    a_step: 1,
                    segments: 1,
                    a_segment: 0,
                    length: columns,
                    b: &scratch.transposed_recurrent,
                    b_row: hidden,
                    c: &mut scratch.product,
                    c_row: hidden,
                    bias: &[],
                    add: false,
                    relu: false,
                });
            }
            let given = match self.output {
                SequenceOutput::All => &output_gradient[step * hidden..],
                SequenceOutput::Last if step + 1 == steps => output_gradient,
                SequenceOutput::Last => &[],
            };
            let given_row = self.output_count();
            match self.cell {
                Cell::Gru => kernels.gru_gradient(&mut GruGradient {
                    batch,
                    hidden,
                    given,
                    given_row,
                    recurrent: &scratch.product,
                    previous: &scratch.states[step * block..],
                    gates,
                    carry: &mut scratch.carry,
                }),
                Cell::Lstm => kernels.lstm_gradient(&mut LstmGradient {
                    batch,
                    hidden,
                    given,
                    given_row,
                    recurrent: &scratch.product,
                    previous: &scratch.cells[step * block..],
                    squashed: &scratch.squashed[step * block..],
                    gates,
                    carry: &mut scratch.carry,
                }),
            }
        }
    }

    /// The gradients of weights and bias, over all steps at once.
    fn weight_gradients(
        &self,
        kernels: &Kernels,
        gradient: &mut [f32],
        scratch: &RecurrentScratch,
        batch: usize,
    ) {
        let (features, hidden, columns) = (self.features, self.hidden, self.columns());
        let rows = self.steps * batch;
        let gates = &scratch.gates[..rows * 4 * hidden];
        let (of_inputs, rest) = gradient[self.offset..].split_at_mut(features * columns);
        let (of_states, rest) = rest.split_at_mut(hidden * columns);
        let bias = &mut rest[..4 * hidden];
        // leftᵀ · gates, for some columns of both sides.
        let product = |left: &[f32], count: usize, length, from, columns_wanted, c: &mut [f32]| {
            kernels.gemm(&mut Gemm {
                rows: count,
                columns: columns_wanted,
                a: left,
                a_row: 1,
                a_step: count,
                segments: 1,
                a_segment: 0,
                length,
                b: from,
                b_row: 4 * hidden,
                c,
                c_row: columns,
                bias: &[],
                add: false,
                relu: false,
            });
        };
        kernels.sum_rows(gates, bias);
        let inputs = &scratch.inputs;
        match self.cell {
            Cell::Gru => {
                // The slots of the inputs are n, r, z; the parameters' order is r, z, n.
                bias[..columns].rotate_left(hidden);
                product(
                    inputs,
                    features,
                    rows,
                    &gates[hidden..],
                    2 * hidden,
                    of_inputs,
                );
                product(
                    inputs,
                    features,
                    rows,
                    gates,
                    hidden,
                    &mut of_inputs[2 * hidden..],
                );
            }
            Cell::Lstm => product(inputs, features, rows, gates, columns, of_inputs),
        }
        // Not the first step, where the state before is 0.
        let first = if scratch.carried { 0 } else { batch };
        let later = gates.get((4 * first + self.cell.first_slot()) * hidden..);
        let states = &scratch.states[first * hidden..];
        product(
            states,
            hidden,
            rows - first,
            later.unwrap_or(&[]),
            columns,
            of_states,
        );
    }

    /// Replaces the inputs by their gradient.
    fn input_gradient(
        &self,
        kernels: &Kernels,
        input_weights: &[f32],
        scratch: &mut RecurrentScratch,
        batch: usize,
    ) {
        let (features, hidden, columns) = (self.features, self.hidden, self.columns());
        // The weights' columns in the order of the slots.
        let turned = match self.cell {
            Cell::Gru => 2 * hidden,
            Cell::Lstm => 0,
        };
        for (from, count, to) in [(turned, columns - turned, 0), (0, turned, columns - turned)] {
            kernels.transpose(&mut Transpose {
                rows: features,
                columns: count,
                from: &input_weights[from..],
                from_row: columns,
                to: &mut scratch.transposed_inputs[to * features..],
                to_row: features,
            });
        }
        kernels.gemm(&mut Gemm {
            rows: self.steps * batch,
            columns: features,
            a: &scratch.gates,
            a_row: 4 * hidden,
            a_step: 1,
            segments: 1,
            a_segment: 0,
            length: columns,
            b: &scratch.transposed_inputs,
            b_row: features,
            c: &mut scratch.inputs,
            c_row: features,
            bias: &[],
            add: false,
            relu: false,
        });
    }
}
