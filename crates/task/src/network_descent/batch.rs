//! Some examples of a data set, gathered into one piece of memory.

use crate::data::{Answers, Dataset};

/// Some examples of a data set, gathered into one piece of memory.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) inputs: Vec<f32>,
    pub(super) answers: Answers,
    /// Number of examples.
    pub(super) count: usize,
}

impl Batch {
    /// Room for `capacity` examples of a data set.
    pub(super) fn new(capacity: usize, dataset: &Dataset) -> Batch {
        let mut answers = dataset.answers.without_examples();
        answers.reserve(capacity);
        Batch {
            inputs: Vec::with_capacity(capacity * dataset.input_len()),
            answers,
            count: 0,
        }
    }

    pub(super) fn fill(&mut self, dataset: &Dataset, examples: impl Iterator<Item = usize>) {
        self.inputs.clear();
        self.answers.clear();
        self.count = 0;
        for example in examples {
            self.inputs.extend_from_slice(dataset.input(example));
            self.answers.push(&dataset.answers, example);
            self.count += 1;
        }
    }
}
