//! Gated recurrent units and long short-term memories over whole sequences.
//!
//! Inside, everything is in the order of time, `[steps][batch][…]`, so that a step is one block. The inputs' share of
//! all gates of all steps is one matrix product, and so are, at the end of the backward pass, the gradients of the two
//! weight matrices and of the inputs; only the products with the states go step by step.

mod backward;
mod forward;
mod sequence;

use super::interface::{Backward, Forward, Operation};
use crate::layer::SequenceOutput;
use sequence::RecurrentScratch;
pub(crate) use sequence::{Cell, Recurrent};

impl Operation for Recurrent {
    type Scratch = RecurrentScratch;

    fn input_count(&self) -> usize {
        self.steps * self.features
    }

    fn output_count(&self) -> usize {
        match self.output {
            SequenceOutput::Last => self.hidden,
            SequenceOutput::All => self.steps * self.hidden,
        }
    }

    fn state_count(&self) -> usize {
        match self.cell {
            Cell::Gru => self.hidden,
            Cell::Lstm => 2 * self.hidden,
        }
    }

    fn scratch(&self, max_batch: usize, first: bool) -> RecurrentScratch {
        self.memory(max_batch, first)
    }

    fn forward(&self, scratch: &mut RecurrentScratch, arguments: Forward<'_>) {
        self.forward_sequences(scratch, arguments);
    }

    fn backward(&self, scratch: &mut RecurrentScratch, arguments: Backward<'_>) {
        self.backward_sequences(scratch, arguments);
    }
}
