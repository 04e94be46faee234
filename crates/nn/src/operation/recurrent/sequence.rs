//! A recurrent layer over whole sequences, and its memory.

use crate::buffer::Buffer;
use crate::layer::SequenceOutput;
use crate::shape::Shape;

/// What happens in a time step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    Gru,
    Lstm,
}

impl Cell {
    /// Columns of the weights for each unit.
    pub(super) fn gates(self) -> usize {
        match self {
            Self::Gru => 3,
            Self::Lstm => 4,
        }
    }

    /// The first of a unit's four slots that belongs to the products with the states, and at first to those with the
    /// inputs (see [`crate::kernel::recurrent`]).
    pub(super) fn first_slot(self) -> usize {
        match self {
            Self::Gru => 1,
            Self::Lstm => 0,
        }
    }
}

/// Weight `[features + hidden][gates · hidden]` and bias `[4 · hidden]` from `offset` on in the parameters.
#[derive(Debug, PartialEq)]
pub(crate) struct Recurrent {
    pub(super) cell: Cell,
    pub(super) steps: usize,
    pub(super) features: usize,
    pub(super) hidden: usize,
    pub(super) output: SequenceOutput,
    pub(super) offset: usize,
}

/// Memory in the order of time.
#[derive(Clone, Debug)]
pub(crate) struct RecurrentScratch {
    /// `[steps][batch][features]`; at the end of the backward pass the gradient.
    pub(super) inputs: Buffer,
    /// `[steps][batch][4 · hidden]`; in the backward pass the gradients.
    pub(super) gates: Buffer,
    /// Whether the sequences go on from states that are not 0.
    pub(super) carried: bool,
    /// `[steps + 1][batch][hidden]`, the first block the states before: zeros, or those that are carried.
    pub(super) states: Buffer,
    /// The cells of a long short-term memory, likewise.
    pub(super) cells: Buffer,
    /// Their tanh, `[steps][batch][hidden]`.
    pub(super) squashed: Buffer,
    /// The step's product with the states, `[batch][gates · hidden]`, or with the gradients, `[batch][hidden]`.
    pub(super) product: Buffer,
    /// What goes from step to step backward without a product, `[batch][hidden]`.
    pub(super) carry: Buffer,
    /// W_h transposed.
    pub(super) transposed_recurrent: Buffer,
    /// W_x transposed, the rows in the order of the slots; empty if nobody wants the gradient of the inputs.
    pub(super) transposed_inputs: Buffer,
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

    /// Columns of the weights.
    pub(super) fn columns(&self) -> usize {
        self.cell.gates() * self.hidden
    }

    /// The parameters of the layer: the weights of the inputs, those of the states, and the bias.
    pub(super) fn split<'a>(&self, parameters: &'a [f32]) -> [&'a [f32]; 3] {
        let columns = self.columns();
        let (inputs, rest) = parameters[self.offset..].split_at(self.features * columns);
        let (states, rest) = rest.split_at(self.hidden * columns);
        [inputs, states, &rest[..4 * self.hidden]]
    }

    pub(super) fn memory(&self, max_batch: usize, first: bool) -> RecurrentScratch {
        let rows = self.steps * max_batch;
        let cells = match self.cell {
            Cell::Gru => 0,
            Cell::Lstm => rows * self.hidden,
        };
        RecurrentScratch {
            carried: false,
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
}
