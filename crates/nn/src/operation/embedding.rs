//! A learned vector for each id.

use super::interface::{Backward, Forward, Operation};

/// `ids` numbers for each example to as many vectors of `features`; weight `[vocabulary][features]` from `offset`
/// on in the parameters.
#[derive(Debug, PartialEq)]
pub(crate) struct Embedding {
    pub(crate) ids: usize,
    pub(crate) vocabulary: usize,
    pub(crate) features: usize,
    pub(crate) offset: usize,
}

impl Embedding {
    /// The row that `id` stands for: none unless it is a whole number below the size of the vocabulary.
    fn row(&self, id: f32) -> Option<usize> {
        let row = id as usize; // Saturates, and makes 0 of NaN.
        (row < self.vocabulary && row as f32 == id).then_some(row)
    }
}

impl Operation for Embedding {
    type Scratch = ();

    fn input_count(&self) -> usize {
        self.ids
    }

    fn output_count(&self) -> usize {
        self.ids * self.features
    }

    fn scratch(&self, _: usize, _: bool) {}

    fn forward(&self, (): &mut (), arguments: Forward<'_>) {
        let weights = &arguments.parameters[self.offset..][..self.vocabulary * self.features];
        let outputs = arguments.output.chunks_exact_mut(self.features);
        for (&id, output) in arguments.input.iter().zip(outputs) {
            match self.row(id) {
                Some(row) => {
                    output.copy_from_slice(&weights[row * self.features..][..self.features])
                }
                None => output.fill(f32::NAN),
            }
        }
    }

    fn backward(&self, (): &mut (), arguments: Backward<'_>) {
        let gradient = &mut arguments.gradient[self.offset..][..self.vocabulary * self.features];
        gradient.fill(0.0);
        let slopes = arguments.output_gradient.chunks_exact(self.features);
        for (&id, slopes) in arguments.input.iter().zip(slopes) {
            if let Some(row) = self.row(id) {
                let gradient = &mut gradient[row * self.features..][..self.features];
                for (sum, slope) in gradient.iter_mut().zip(slopes) {
                    *sum += slope;
                }
            }
        }
        if let Some(input_gradient) = arguments.input_gradient {
            input_gradient.fill(0.0);
        }
    }
}
