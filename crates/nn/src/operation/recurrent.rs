//! Gated recurrent units and long short-term memories over whole sequences.
//!
//! Inside, everything is in the order of time, `[steps][batch][…]`, so that a step is one block. The inputs' share of
//! all gates of all steps is one matrix product, and so are, at the end of the backward pass, the gradients of the two
//! weight matrices and of the inputs; only the products with the states go step by step.

mod backward;

use super::{Forward, Scratch};
use crate::buffer::Buffer;
use crate::kernel::gemm::Gemm;
use crate::kernel::recurrent::{GruStep, LstmStep};
use crate::{SequenceOutput, Shape};

/// What happens in a time step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    Gru,
    Lstm,
}

impl Cell {
    /// Columns of the weights for each unit.
    fn gates(self) -> usize {
        match self {
            Self::Gru => 3,
            Self::Lstm => 4,
        }
    }

    /// The first of a unit's four slots that belongs to the products with the states, and at first to those with the
    /// inputs (see [`crate::kernel::recurrent`]).
    fn first_slot(self) -> usize {
        match self {
            Self::Gru => 1,
            Self::Lstm => 0,
        }
    }
}

/// Weight `[features + hidden][gates · hidden]` and bias `[4 · hidden]` from `offset` on in the parameters.
#[derive(Debug, PartialEq)]
pub(crate) struct Recurrent {
    cell: Cell,
    steps: usize,
    features: usize,
    hidden: usize,
    output: SequenceOutput,
    offset: usize,
}

/// Memory in the order of time.
#[derive(Clone, Debug)]
pub(crate) struct RecurrentScratch {
    /// `[steps][batch][features]`; at the end of the backward pass the gradient.
    inputs: Buffer,
    /// `[steps][batch][4 · hidden]`; in the backward pass the gradients.
    gates: Buffer,
    /// `[steps + 1][batch][hidden]`, the first block zeros.
    states: Buffer,
    /// The cells of a long short-term memory, likewise.
    cells: Buffer,
    /// Their tanh, `[steps][batch][hidden]`.
    squashed: Buffer,
    /// The step's product with the states, `[batch][gates · hidden]`, or with the gradients, `[batch][hidden]`.
    product: Buffer,
    /// What goes from step to step backward without a product, `[batch][hidden]`.
    carry: Buffer,
    /// W_h transposed.
    transposed_recurrent: Buffer,
    /// W_x transposed, the rows in the order of the slots; empty if nobody wants the gradient of the inputs.
    transposed_inputs: Buffer,
}

impl Recurrent {
    pub(crate) fn new(
        cell: Cell,
        input: Shape,
        hidden: usize,
        output: SequenceOutput,
        offset: usize,
    ) -> Self {
        Self {
            cell,
            steps: input.height,
            features: input.width * input.channels,
            hidden,
            output,
            offset,
        }
    }

    pub(crate) fn input_count(&self) -> usize {
        self.steps * self.features
    }

    pub(crate) fn output_count(&self) -> usize {
        match self.output {
            SequenceOutput::Last => self.hidden,
            SequenceOutput::All => self.steps * self.hidden,
        }
    }

    /// Columns of the weights.
    fn columns(&self) -> usize {
        self.cell.gates() * self.hidden
    }

    /// The parameters of the layer: the weights of the inputs, those of the states, and the bias.
    fn split<'a>(&self, parameters: &'a [f32]) -> [&'a [f32]; 3] {
        let columns = self.columns();
        let (inputs, rest) = parameters[self.offset..].split_at(self.features * columns);
        let (states, rest) = rest.split_at(self.hidden * columns);
        [inputs, states, &rest[..4 * self.hidden]]
    }

    pub(crate) fn scratch(&self, max_batch: usize, first: bool) -> RecurrentScratch {
        let rows = self.steps * max_batch;
        let cells = match self.cell {
            Cell::Gru => 0,
            Cell::Lstm => rows * self.hidden,
        };
        RecurrentScratch {
            inputs: Buffer::new(rows * self.features),
            gates: Buffer::new(rows * 4 * self.hidden),
            states: Buffer::new((rows + max_batch) * self.hidden),
            cells: Buffer::new(cells + cells / self.steps),
            squashed: Buffer::new(cells),
            product: Buffer::new(max_batch * self.columns()),
            carry: Buffer::new(max_batch * self.hidden),
            transposed_recurrent: Buffer::new(self.columns() * self.hidden),
            transposed_inputs: Buffer::new(if first {
                0
            } else {
                self.columns() * self.features
            }),
        }
    }

    pub(crate) fn forward(&self, arguments: Forward<'_>) {
        let Forward {
            kernels,
            parameters,
            input,
            output,
            scratch,
            batch,
        } = arguments;
        let Scratch::Recurrent(scratch) = scratch else {
            return;
        };
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
            relu: false,
        });
        let block = batch * hidden;
        scratch.states[..block].fill(0.0);
        if self.cell == Cell::Lstm {
            scratch.cells[..block].fill(0.0);
        }
        for step in 0..steps {
            let (before, states) = scratch.states.split_at_mut((step + 1) * block);
            let previous = &before[step * block..];
            if step == 0 {
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
