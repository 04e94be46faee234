//! The forward pass: the inputs' share of all gates at once, then the states step by step.

use super::sequence::{Cell, Recurrent, RecurrentScratch};
use crate::kernel::gemm::Gemm;
use crate::kernel::recurrent::{GruStep, LstmStep};
use crate::layer::SequenceOutput;
use crate::operation::interface::Forward;

impl Recurrent {
    pub(super) fn forward_sequences(&self, scratch: &mut RecurrentScratch, arguments: Forward<'_>) {
        let Forward {
            kernels,
            parameters,
            input,
            output,
            batch,
            carried,
            ..
        } = arguments;
        if batch == 0 {
            return;
        }
        let (steps, hidden, columns) = (self.steps, self.hidden, self.columns());
        let [input_weights, state_weights, bias] = self.split(parameters);
        self.copy_by_time(input, &mut scratch.inputs, batch);
        kernels.gemm(&mut Gemm {
            rows: steps * batch,
            columns,
            a: &scratch.inputs,
            a_row: self.features,
            a_step: 1,
            segments: 1,
            a_segment: 0,
            length: self.features,
            b: input_weights,
            b_row: columns,
            c: &mut scratch.gates[self.cell.first_slot() * hidden..],
            c_row: 4 * hidden,
            bias: &bias[..columns],
            add: false,
            relu: false,
        });
        let block = batch * hidden;
        scratch.carried = !carried.is_empty();
        let (carried_states, carried_cells) =
            carried.split_at_mut(if scratch.carried { block } else { 0 });
        let begin = |memory: &mut [f32], carried: &[f32]| match carried {
            [] => memory[..block].fill(0.0),
            carried => memory[..block].copy_from_slice(carried),
        };
        begin(&mut scratch.states, carried_states);
        if self.cell == Cell::Lstm {
            begin(&mut scratch.cells, carried_cells);
        }
        for step in 0..steps {
            let (before, states) = scratch.states.split_at_mut((step + 1) * block);
            let previous = &before[step * block..];
            if step == 0 && !scratch.carried {
                scratch.product[..batch * columns].fill(0.0);
            } else {
                kernels.gemm(&mut Gemm {
                    rows: batch,
                    columns,
                    a: previous,
                    a_row: hidden,
                    a_step: 1,
                    segments: 1,
                    a_segment: 0,
                    length: hidden,
                    b: state_weights,
                    b_row: columns,
                    c: &mut scratch.product,
                    c_row: columns,
                    bias: &[],
                    add: false,
                    relu: false,
                });
            }
            let gates = &mut scratch.gates[step * 4 * block..][..4 * block];
            match self.cell {
                Cell::Gru => kernels.gru_step(&mut GruStep {
                    batch,
                    hidden,
                    recurrent: &scratch.product,
                    bias: &bias[columns..],
                    previous,
                    gates,
                    states,
                }),
                Cell::Lstm => {
                    let (before, cells) = scratch.cells.split_at_mut((step + 1) * block);
                    kernels.lstm_step(&mut LstmStep {
                        batch,
                        hidden,
                        recurrent: &scratch.product,
                        previous: &before[step * block..],
                        gates,
                        cells,
                        squashed: &mut scratch.squashed[step * block..],
                        states,
                    });
                }
            }
        }
        let end = steps * block;
        carried_states.copy_from_slice(&scratch.states[end..][..carried_states.len()]);
        if self.cell == Cell::Lstm {
            carried_cells.copy_from_slice(&scratch.cells[end..][..carried_cells.len()]);
        }
        match self.output {
            SequenceOutput::Last => {
                output.copy_from_slice(&scratch.states[steps * block..][..block])
            }
            SequenceOutput::All => {
                for (row, output) in output.chunks_exact_mut(hidden).enumerate() {
                    let (example, step) = (row / steps, row % steps);
                    let state = ((step + 1) * batch + example) * hidden;
                    output.copy_from_slice(&scratch.states[state..][..hidden]);
                }
            }
        }
    }

    /// From `[batch][steps][features]` to `[steps][batch][features]`.
    fn copy_by_time(&self, from: &[f32], to: &mut [f32], batch: usize) {
        for (row, from) in from.chunks_exact(self.features).enumerate() {
            let (example, step) = (row / self.steps, row % self.steps);
            let place = (step * batch + example) * self.features;
            to[place..][..self.features].copy_from_slice(from);
        }
    }
}
