//! What is to be predicted of each example: classes, or numbers.

use super::dataset_error::DatasetError;

/// What is to be predicted, for all examples of a data set, in their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Answers {
    /// One of `count` classes at each of `positions` places of an example: 1 for a label, as many as the input has steps
    /// where each step of a sequence has a class of its own.
    Classes {
        /// Number of classes, 2 to 256; every label is below it.
        count: usize,
        /// Labels of one example, 1 or more.
        positions: usize,
        /// The labels, `[example][position]`.
        labels: Vec<u8>,
    },
    /// Numbers.
    Numbers {
        /// Numbers of one example, 1 or more.
        width: usize,
        /// The numbers, `[example][width]`.
        values: Vec<f32>,
    },
}

impl Answers {
    /// One label for each example, below `count`.
    #[must_use]
    pub fn classes(count: usize, labels: Vec<u8>) -> Self {
        Answers::Classes {
            count,
            positions: 1,
            labels,
        }
    }

    /// Labels or numbers of one example.
    #[must_use]
    pub fn per_example(&self) -> usize {
        match self {
            Answers::Classes { positions, .. } => *positions,
            Answers::Numbers { width, .. } => *width,
        }
    }

    /// Labels or numbers of all examples.
    #[must_use]
    pub fn value_count(&self) -> usize {
        match self {
            Answers::Classes { labels, .. } => labels.len(),
            Answers::Numbers { values, .. } => values.len(),
        }
    }

    /// Number of outputs that a network needs to predict them: one for each number, one for each class at each position.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match self {
            Answers::Classes {
                count, positions, ..
            } => count.saturating_mul(*positions),
            Answers::Numbers { width, .. } => *width,
        }
    }

    /// What they are, in words: "10 classes", "3 numbers".
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Answers::Classes {
                count,
                positions: 1,
                ..
            } => format!("{count} classes"),
            Answers::Classes {
                count, positions, ..
            } => format!("{count} classes at each of {positions} positions"),
            Answers::Numbers { width: 1, .. } => "a number".to_owned(),
            Answers::Numbers { width, .. } => format!("{width} numbers"),
        }
    }

    /// Number of examples of each class; nothing of numbers.
    #[must_use]
    pub fn label_counts(&self) -> Vec<usize> {
        let Answers::Classes { count, labels, .. } = self else {
            return Vec::new();
        };
        let mut counts = vec![0; *count];
        for &label in labels {
            if let Some(count) = counts.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
        counts
    }

    /// Answers of the same kind without an example.
    #[must_use]
    pub fn without_examples(&self) -> Self {
        match *self {
            Answers::Classes {
                count, positions, ..
            } => Answers::Classes {
                count,
                positions,
                labels: Vec::new(),
            },
            Answers::Numbers { width, .. } => Answers::Numbers {
                width,
                values: Vec::new(),
            },
        }
    }

    /// Forgets all examples and keeps the memory.
    pub(crate) fn clear(&mut self) {
        match self {
            Answers::Classes { labels, .. } => labels.clear(),
            Answers::Numbers { values, .. } => values.clear(),
        }
    }

    /// Forgets all but the first examples and keeps the memory.
    pub(crate) fn truncate(&mut self, examples: usize) {
        let count = examples.saturating_mul(self.per_example());
        match self {
            Answers::Classes { labels, .. } => labels.truncate(count),
            Answers::Numbers { values, .. } => values.truncate(count),
        }
    }

    /// Makes room for so many examples.
    pub(crate) fn reserve(&mut self, examples: usize) {
        let count = examples.saturating_mul(self.per_example());
        match self {
            Answers::Classes { labels, .. } => labels.reserve(count),
            Answers::Numbers { values, .. } => values.reserve(count),
        }
    }

    /// Adds the answer to one example of answers of the same kind; those of another kind add nothing.
    ///
    /// # Panics
    /// If there is no such example.
    pub fn push(&mut self, from: &Self, example: usize) {
        let range = example * from.per_example()..(example + 1) * from.per_example();
        match (self, from) {
            (Answers::Classes { labels, .. }, Answers::Classes { labels: others, .. }) => {
                labels.extend_from_slice(&others[range]);
            }
            (Answers::Numbers { values, .. }, Answers::Numbers { values: others, .. }) => {
                values.extend_from_slice(&others[range]);
            }
            _ => {}
        }
    }

    /// Whether a network for the one predicts the other: the same kind, and as many of each.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.without_examples() == other.without_examples()
    }

    /// Gives the bytes of all labels or numbers, the latter in little-endian order, piece by piece.
    pub(crate) fn bytes(&self, mut take: impl FnMut(&[u8])) {
        match self {
            Answers::Classes { labels, .. } => take(labels),
            Answers::Numbers { values, .. } => {
                for value in values {
                    take(&value.to_le_bytes());
                }
            }
        }
    }

    /// Checks that there is an answer to each of so many examples of the data set with this name.
    pub(super) fn check(&self, name: &str, examples: usize) -> Result<(), DatasetError> {
        let name = || name.to_owned();
        let expected = examples.saturating_mul(self.per_example());
        if self.per_example() == 0 || self.value_count() != expected {
            return Err(DatasetError::Answers {
                name: name(),
                found: self.value_count(),
                examples,
                per_example: self.per_example().max(1),
            });
        }
        match self {
            Answers::Classes {
                count,
                positions,
                labels,
            } => {
                if !(2..=256).contains(count) {
                    let classes = *count;
                    return Err(DatasetError::Classes {
                        name: name(),
                        classes,
                    });
                }
                if let Some(place) = first_out_of_range(labels, *count) {
                    return Err(DatasetError::LabelOutOfRange {
                        name: name(),
                        entry: place / positions,
                        label: labels[place],
                        classes: *count,
                    });
                }
            }
            Answers::Numbers { width, values } => {
                if let Some(place) = values.iter().position(|value| !value.is_finite()) {
                    return Err(DatasetError::AnswerNotFinite {
                        name: name(),
                        entry: place / width,
                    });
                }
            }
        }
        Ok(())
    }
}

/// The first entry whose label is not below `classes`.
pub(super) fn first_out_of_range(labels: &[u8], classes: usize) -> Option<usize> {
    labels
        .iter()
        .position(|&label| usize::from(label) >= classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs() -> Answers {
        Answers::Numbers {
            width: 2,
            values: vec![1.0, 2.0, 3.0, 4.0],
        }
    }

    #[test]
    fn answers_are_gathered_by_example() {
        let steps = Answers::Classes {
            count: 5,
            positions: 3,
            labels: vec![0, 1, 2, 2, 3, 4],
        };
        let mut gathered = steps.without_examples();
        gathered.push(&steps, 1);
        gathered.push(&steps, 0);
        let Answers::Classes { labels, .. } = &gathered else {
            panic!("the kind changed");
        };
        assert_eq!(labels, &[2, 3, 4, 0, 1, 2]);
        assert_eq!((steps.outputs(), steps.per_example()), (15, 3));
        assert_eq!(steps.label_counts(), [1, 1, 2, 1, 1]);
        gathered.push(&pairs(), 0);
        assert_eq!(gathered.value_count(), 6, "another kind adds nothing");
        assert!(gathered.is_like(&steps) && !gathered.is_like(&pairs()));
    }

    #[test]
    fn answers_that_do_not_fit_are_refused() {
        let message = |answers: &Answers, examples| {
            let error = answers.check("set", examples).unwrap_err();
            error.to_string()
        };
        assert_eq!(pairs().check("set", 2), Ok(()));
        assert!(message(&pairs(), 3).contains("4 answers, expected 6"));
        let nan = Answers::Numbers {
            width: 1,
            values: vec![0.0, f32::NAN],
        };
        assert!(message(&nan, 2).contains("entry 1"));
        let out = Answers::Classes {
            count: 3,
            positions: 2,
            labels: vec![0, 1, 2, 3],
        };
        assert!(message(&out, 2).contains("label 3 at entry 1"));
        assert!(message(&Answers::classes(1, vec![0]), 1).contains("1 classes"));
    }

    #[test]
    fn the_bytes_are_those_of_all_answers() {
        let mut bytes = Vec::new();
        pairs().bytes(|piece| bytes.extend_from_slice(piece));
        assert_eq!(bytes.len(), 16);
        assert_eq!(bytes[4..8], 2.0_f32.to_le_bytes());
    }
}
