//! A labelled data set in memory, in the layout that a network reads.

use descender_nn::Shape;
use descender_random::{Purpose, below, stream};

use super::dataset_error::DatasetError;

/// Which training examples become selection data.
const SELECTION_SPLIT: Purpose = Purpose::new(16, "selection split");

/// Examples with labels: inputs of one [`Shape`], each with a class.
///
/// The fields are public, so any data can become a data set. [`check`](Dataset::check) tells whether they fit together;
/// everything that takes a data set calls it.
///
/// ```
/// use descender_nn::Shape;
/// use descender_task::Dataset;
///
/// let dataset = Dataset {
///     name: "two points".into(),
///     shape: Shape::flat(2),
///     classes: 2,
///     inputs: vec![0.0, 1.0, 1.0, 0.0],
///     labels: vec![0, 1],
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
    /// Number of classes, 2 to 256; every label is below it.
    pub classes: usize,
    /// The inputs, `[example][height][width][channel]`. Pixel values of images are in [0, 1].
    pub inputs: Vec<f32>,
    /// The class of each example.
    pub labels: Vec<u8>,
}

impl Dataset {
    /// Number of examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no examples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Number of values in one input.
    #[must_use]
    pub fn input_len(&self) -> usize {
        self.shape.height * self.shape.width * self.shape.channels
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

    /// Number of examples of each class.
    #[must_use]
    pub fn label_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes];
        for &label in &self.labels {
            if let Some(count) = counts.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
        counts
    }

    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// If there are no examples, the lengths differ, the number of classes is outside 2 to 256, a label is out of
    /// range, or a value is not finite.
    pub fn check(&self) -> Result<(), DatasetError> {
        let name = || self.name.clone();
        let (examples, classes) = (self.len(), self.classes);
        let values = [self.shape.width, self.shape.channels]
            .into_iter()
            .fold(self.shape.height, usize::saturating_mul);
        if examples == 0 || values == 0 {
            return Err(DatasetError::Empty {
                name: name(),
                examples,
                values,
            });
        }
        let expected = examples.saturating_mul(values);
        if self.inputs.len() != expected {
            let found = self.inputs.len();
            return Err(DatasetError::Length {
                name: name(),
                found,
                expected,
                examples,
                values,
            });
        }
        if !(2..=256).contains(&classes) {
            return Err(DatasetError::Classes {
                name: name(),
                classes,
            });
        }
        if let Some(entry) = first_out_of_range(&self.labels, classes) {
            let label = self.labels[entry];
            return Err(DatasetError::LabelOutOfRange {
                name: name(),
                entry,
                label,
                classes,
            });
        }
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
        let count = count.min(self.len());
        Dataset {
            inputs: self.inputs[..count * self.input_len()].to_vec(),
            labels: self.labels[..count].to_vec(),
            ..self.without_examples()
        }
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
        (self.picked(chosen), self.picked(others))
    }

    /// The examples with these numbers.
    fn picked(&self, examples: &[usize]) -> Dataset {
        let inputs = examples.iter().flat_map(|&example| self.input(example));
        Dataset {
            inputs: inputs.copied().collect(),
            labels: examples
                .iter()
                .map(|&example| self.labels[example])
                .collect(),
            ..self.without_examples()
        }
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
            labels: self.labels.clone(),
            ..self.without_examples()
        })
    }

    fn without_examples(&self) -> Dataset {
        let (inputs, labels) = (Vec::new(), Vec::new());
        Dataset {
            name: self.name.clone(),
            shape: self.shape,
            classes: self.classes,
            inputs,
            labels,
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

/// The first entry whose label is not below `classes`.
pub(super) fn first_out_of_range(labels: &[u8], classes: usize) -> Option<usize> {
    labels
        .iter()
        .position(|&label| usize::from(label) >= classes)
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
            classes: 3,
            inputs: (0..32).map(|value| value as f32).collect(),
            labels: vec![2, 0],
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
        refused(|set| set.labels.clear(), "0 examples");
        refused(|set| set.shape.width = 0, "0 values");
        refused(|set| set.shape.width = usize::MAX, "expected");
        refused(
            |set| set.inputs.truncate(31),
            "31 input values, expected 32",
        );
        refused(|set| set.classes = 1, "1 classes");
        refused(|set| set.classes = 257, "257 classes");
        refused(
            |set| set.labels[1] = 3,
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
        assert_eq!(pooled.labels, [2, 0]);
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
            classes: 4,
            labels: (0..100).map(|value| value % 4).collect(),
            inputs,
        };
        let (chosen, others) = data.split(20, 1);
        assert_eq!((chosen.len(), others.len()), (20, 80));
        for set in [&chosen, &others] {
            for (input, label) in set.inputs.iter().zip(&set.labels) {
                assert_eq!(*input as u8 % 4, *label);
            }
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
