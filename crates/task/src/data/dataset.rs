//! A labelled data set in memory, in the layout that a network reads.

use descender_nn::Shape;
use descender_random::{Purpose, below, stream};

use super::answers::Answers;
use super::dataset_error::DatasetError;

/// Which training examples become selection data.
const SELECTION_SPLIT: Purpose = Purpose::new(16, "selection split");

/// Examples: inputs of one [`Shape`], each with what is to be predicted of it.
///
/// The fields are public, so any data can become a data set. [`check`](Dataset::check) tells whether they fit together;
/// everything that takes a data set calls it.
///
/// ```
/// use descender_nn::Shape;
/// use descender_task::{Answers, Dataset};
///
/// let dataset = Dataset {
///     name: "two points".into(),
///     shape: Shape::flat(2),
///     inputs: vec![0.0, 1.0, 1.0, 0.0],
///     answers: Answers::classes(2, vec![0, 1]),
/// };
/// dataset.check()?;
/// assert_eq!(dataset.input(1), [1.0, 0.0]);
/// # Ok::<(), descender_task::DatasetError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Where the examples come from; used in messages and reports.
    pub name: String,
    /// Shape of one input.
    pub shape: Shape,
    /// The inputs, `[example][height][width][channel]`. Pixel values of images are in [0, 1].
    pub inputs: Vec<f32>,
    /// What is to be predicted of each example.
    pub answers: Answers,
}

impl Dataset {
    /// Number of examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inputs.len() / self.input_len().max(1)
    }

    /// Whether there are no examples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of values in one input.
    #[must_use]
    pub fn input_len(&self) -> usize {
        let Shape {
            height,
            width,
            channels,
        } = self.shape;
        height.saturating_mul(width).saturating_mul(channels)
    }

    /// The input of one example.
    ///
    /// # Panics
    /// If there is no such example.
    #[must_use]
    pub fn input(&self, example: usize) -> &[f32] {
        let length = self.input_len();
        &self.inputs[example * length..(example + 1) * length]
    }

    /// Whether each step of an example has a class of its own.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        matches!(self.answers, Answers::Classes { positions: 2.., .. })
    }

    /// Number of examples of each class; nothing where numbers are predicted.
    #[must_use]
    pub fn label_counts(&self) -> Vec<usize> {
        self.answers.label_counts()
    }

    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// If there are no examples, the lengths differ, the number of classes is outside 2 to 256, a label is out of
    /// range, or a value is not finite.
    pub fn check(&self) -> Result<(), DatasetError> {
        let name = || self.name.clone();
        let (examples, values) = (self.len(), self.input_len());
        if self.inputs.len() != examples.saturating_mul(values) {
            let found = self.inputs.len();
            return Err(DatasetError::Length {
                name: name(),
                found,
                values,
            });
        }
        if examples == 0 || values == 0 {
            return Err(DatasetError::Empty {
                name: name(),
                examples,
                values,
            });
        }
        self.answers.check(&self.name, examples)?;
        if let Some(position) = self.inputs.iter().position(|value| !value.is_finite()) {
            return Err(DatasetError::NotFinite {
                name: name(),
                entry: position / values,
            });
        }
        Ok(())
    }

    /// The first `count` examples, or all if there are fewer.
    #[must_use]
    pub fn first(&self, count: usize) -> Dataset {
        self.picked(0..count.min(self.len()))
    }

    /// Splits the examples in two: `count` of them, chosen by `seed`, and the others. Both keep their order.
    #[must_use]
    pub fn split(&self, count: usize, seed: u64) -> (Dataset, Dataset) {
        let mut generator = stream(seed, SELECTION_SPLIT, 0);
        let mut order: Vec<usize> = (0..self.len()).collect();
        let count = count.min(order.len());
        for place in 0..count {
            let other = place + below(&mut generator, order.len() - place);
            order.swap(place, other);
        }
        let (chosen, others) = order.split_at_mut(count);
        chosen.sort_unstable();
        others.sort_unstable();
        let picked = |examples: &[usize]| self.picked(examples.iter().copied());
        (picked(chosen), picked(others))
    }

    /// The examples with these numbers, in their order.
    ///
    /// # Panics
    /// If there is no example with one of them.
    #[must_use]
    pub fn picked(&self, examples: impl IntoIterator<Item = usize>) -> Dataset {
        let mut picked = self.without_examples();
        for example in examples {
            picked.inputs.extend_from_slice(self.input(example));
            picked.answers.push(&self.answers, example);
        }
        picked
    }

    /// Smaller images: each value is the mean of a window of `size` × `size` pixels.
    ///
    /// # Errors
    /// If `size` is 0 or does not divide the height and the width.
    pub fn average_pooled(&self, size: usize) -> Result<Dataset, DatasetError> {
        let Shape {
            height,
            width,
            channels,
        } = self.shape;
        if size == 0 || height % size != 0 || width % size != 0 {
            return Err(DatasetError::Pooling {
                name: self.name.clone(),
                height,
                width,
                size,
            });
        }
        let (rows, columns) = (height / size, width / size);
        let mut inputs = Vec::with_capacity(self.len() * rows * columns * channels);
        for example in 0..self.len() {
            let image = self.input(example);
            for (row, column, channel) in cells(rows, columns, channels) {
                let window = cells(size, size, 1).map(|(y, x, _)| {
                    image[((row * size + y) * width + column * size + x) * channels + channel]
                });
                inputs.push(window.sum::<f32>() / (size * size) as f32);
            }
        }
        let shape = Shape {
            height: rows,
            width: columns,
            channels,
        };
        Ok(Dataset {
            shape,
            inputs,
            answers: self.answers.clone(),
            ..self.without_examples()
        })
    }

    fn without_examples(&self) -> Dataset {
        Dataset {
            name: self.name.clone(),
            shape: self.shape,
            inputs: Vec::new(),
            answers: self.answers.without_examples(),
        }
    }
}

/// All (row, column, channel), last fastest.
fn cells(
    rows: usize,
    columns: usize,
    channels: usize,
) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..rows * columns * channels).map(move |cell| {
        (
            cell / (columns * channels),
            cell / channels % columns,
            cell % channels,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two images of 2 × 4 pixels with two channels; each value is its own position.
    fn two_images() -> Dataset {
        Dataset {
            name: "two".into(),
            shape: Shape {
                height: 2,
                width: 4,
                channels: 2,
            },
            inputs: (0..32).map(|value| value as f32).collect(),
            answers: Answers::classes(3, vec![2, 0]),
        }
    }

    #[test]
    fn a_data_set_that_does_not_fit_together_is_refused() {
        let refused = |change: fn(&mut Dataset), part: &str| {
            let mut dataset = two_images();
            change(&mut dataset);
            let message = dataset.check().unwrap_err().to_string();
            assert!(
                message.contains("data set two") && message.contains(part),
                "{message}"
            );
        };
        assert_eq!(two_images().check(), Ok(()));
        refused(|set| set.inputs.clear(), "0 examples");
        refused(|set| set.shape.width = 0, "expected a multiple of 0");
        refused(|set| set.shape.width = usize::MAX, "expected");
        refused(
            |set| set.inputs.truncate(31),
            "31 input values, expected a multiple of 16",
        );
        refused(
            |set| set.inputs.truncate(16),
            "2 answers, expected 1 (1 inputs × 1 each)",
        );
        refused(
            |set| set.answers = Answers::classes(3, vec![2, 3]),
            "label 3 at entry 1 is out of range, expected 0 to 2",
        );
        refused(|set| set.inputs[20] = f32::NAN, "entry 1 is not finite");
    }

    #[test]
    fn pooling_averages_each_window_and_channel() {
        let pooled = two_images().average_pooled(2).unwrap();
        assert_eq!(
            pooled.shape,
            Shape {
                height: 1,
                width: 2,
                channels: 2
            }
        );
        // The first window holds pixels 0, 1, 4, 5; channel 0 of these: 0, 2, 8, 10.
        assert_eq!(pooled.inputs, [5.0, 6.0, 9.0, 10.0, 21.0, 22.0, 25.0, 26.0]);
        assert_eq!(pooled.answers, two_images().answers);
        assert_eq!(two_images().average_pooled(1).unwrap(), two_images());
        assert!(two_images().average_pooled(3).is_err());
        assert!(two_images().average_pooled(0).is_err());
    }

    #[test]
    fn a_split_has_every_example_once_and_depends_on_the_seed() {
        let inputs: Vec<f32> = (0..100).map(|value| value as f32).collect();
        let data = Dataset {
            name: "hundred".into(),
            shape: Shape::flat(1),
            answers: Answers::classes(4, (0..100).map(|value| value % 4).collect()),
            inputs,
        };
        let (chosen, others) = data.split(20, 1);
        assert_eq!((chosen.len(), others.len()), (20, 80));
        for set in [&chosen, &others] {
            let expected = set.inputs.iter().map(|input| *input as u8 % 4).collect();
            assert_eq!(set.answers, Answers::classes(4, expected));
            assert!(set.inputs.is_sorted());
        }
        let mut all = [chosen.inputs.clone(), others.inputs].concat();
        all.sort_by(f32::total_cmp);
        assert_eq!(all, data.inputs);
        assert_eq!(data.split(20, 1).0, chosen);
        assert_ne!(data.split(20, 2).0, chosen);
        assert_eq!(data.split(200, 1).0, data);
    }

    #[test]
    fn the_first_examples_keep_their_inputs_and_labels() {
        let first = two_images().first(1);
        assert_eq!((first.len(), first.input(0)), (1, two_images().input(0)));
        assert_eq!(two_images().first(9), two_images());
        assert_eq!(two_images().label_counts(), [1, 0, 1]);
    }
}
