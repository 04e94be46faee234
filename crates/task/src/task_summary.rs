//! What a task's data hold, for `descender data check`: counts, sizes, classes and checksums.

use std::fmt;

use serde::Serialize;

use crate::data::directory::{self, read_file};
use crate::data::tables::EmbeddedTable;
use crate::data::texts::EmbeddedText;
use crate::data::{DataError, Dataset, FileSummary, mnist};
use crate::descent::Split;
use crate::task::Task;

/// What a task's data hold. It is made only after every check has passed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataSummary {
    /// The name of the task.
    pub task: String,
    /// Rows of an image; 1 of a row of a table.
    pub height: usize,
    /// Columns of an image; 1 of a row of a table.
    pub width: usize,
    /// Values in a pixel, or in a row of a table.
    pub channels: usize,
    /// What is predicted, in words.
    pub predicted: String,
    /// Number of classes; 0 where numbers are predicted.
    pub classes: usize,
    /// The parts of the data, as the task uses them.
    pub parts: Vec<PartSummary>,
    /// The files that they come from.
    pub files: Vec<FileSummary>,
}

/// The training, selection or validation examples of a task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartSummary {
    /// "training", "selection" or "validation".
    pub name: &'static str,
    /// Number of examples.
    pub examples: usize,
    /// Number of examples of each class; nothing of sequences.
    pub label_counts: Vec<usize>,
    /// Mean of all values; those of pixels are in [0, 1]. `None` of the ids of a sequence.
    pub mean: Option<f64>,
}

impl DataSummary {
    /// The summary of `task`.
    ///
    /// # Errors
    /// A file that its data come from can't be read.
    pub fn of(task: &Task) -> Result<Self, DataError> {
        let splits = [Split::Training, Split::Selection, Split::Validation];
        let parts = splits
            .into_iter()
            .filter_map(|split| Some(PartSummary::of(split, &*task.data(split)?)));
        let shape = task.train.shape;
        Ok(DataSummary {
            task: task.name.clone(),
            height: shape.height,
            width: shape.width,
            channels: shape.channels,
            classes: task.train.label_counts().len(),
            parts: parts.collect(),
            predicted: task.train.answers.words(),
            files: match &task.source {
                Some(file) if file.is_file() => {
                    vec![FileSummary::of(file.clone(), &read_file(file)?)]
                }
                Some(folder) => directory::files(folder)?,
                None => embedded_files(task.embedded),
            },
        })
    }
}

/// The files of the data that the program carries: those of this name, or MNIST.
fn embedded_files(name: Option<&str>) -> Vec<FileSummary> {
    let table = name
        .and_then(EmbeddedTable::by_name)
        .map(EmbeddedTable::file);
    let text = name.and_then(EmbeddedText::by_name).map(EmbeddedText::file);
    table.or(text).map_or_else(mnist::files, |file| vec![file])
}

impl PartSummary {
    fn of(split: Split, data: &Dataset) -> Self {
        let sum: f64 = data.inputs.iter().map(|&value| f64::from(value)).sum();
        let mean = sum / data.inputs.len() as f64;
        let sequence = data.is_sequence();
        PartSummary {
            name: split.name(),
            examples: data.len(),
            label_counts: match sequence {
                true => Vec::new(),
                false => data.label_counts(),
            },
            mean: (!sequence).then_some(mean),
        }
    }
}

impl fmt::Display for DataSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DataSummary {
            task,
            height,
            width,
            channels,
            predicted,
            ..
        } = self;
        write!(
            formatter,
            "{task}: inputs of {height} × {width} × {channels}; to predict: {predicted}"
        )?;
        for part in &self.parts {
            let PartSummary {
                name,
                examples,
                label_counts,
                mean,
            } = part;
            write!(formatter, "\n{name}: {examples} examples")?;
            if let Some(mean) = mean {
                write!(formatter, ", mean input {mean:.4}")?;
            }
            if !label_counts.is_empty() {
                write!(formatter, "\n  examples of each class: {label_counts:?}")?;
            }
            let empty = label_counts.iter().filter(|&&count| count == 0).count();
            if empty > 0 {
                write!(formatter, "\n  classes without an example: {empty}")?;
            }
        }
        write!(formatter, "\nfiles:")?;
        for FileSummary {
            file,
            bytes,
            sha256,
        } in &self.files
        {
            let file = file.display();
            write!(formatter, "\n  {file}: {bytes} bytes, SHA-256 {sha256}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_files::{Files, images, labels, write};

    /// A folder with 40 training images of 6 × 5 pixels in classes 1 and 3 of 0 to 3.
    fn odd_classes() -> tempfile::TempDir {
        let pixels: Vec<u8> = (0..40 * 30).map(|value| (value % 251) as u8).collect();
        let classes: Vec<u8> = (0..40).map(|value| 1 + 2 * (value % 2)).collect();
        write(&Files {
            train_images: images(6, 5, &pixels),
            train_labels: labels(&classes),
            test_images: images(6, 5, &pixels[..60]),
            test_labels: labels(&classes[..2]),
            ..Files::default()
        })
    }

    #[test]
    fn a_folder_is_counted_and_classes_without_examples_are_warned_of() {
        let folder = odd_classes();
        let task = Task::by_name("idx-cnn", Some(folder.path())).unwrap();
        let summary = DataSummary::of(&task).unwrap();
        let shape = (summary.height, summary.width, summary.channels);
        assert_eq!((shape, summary.classes), ((6, 5, 1), 4));
        let counts: Vec<(&str, usize)> = summary
            .parts
            .iter()
            .map(|part| (part.name, part.label_counts.iter().sum()))
            .collect();
        assert_eq!(
            counts,
            [("training", 36), ("selection", 4), ("validation", 2)]
        );
        assert_eq!(summary.parts[2].label_counts, [0, 1, 0, 1]);
        assert_eq!(summary.files[0].bytes, 16 + 40 * 30);
        let text = summary.to_string();
        assert!(
            text.contains("classes without an example: 2")
                && text.contains(&summary.files[3].sha256),
            "{text}"
        );
        let warnings = task.warnings().join("\n");
        assert!(
            warnings.contains("no example of the classes 0, 2") && !warnings.contains("validation"),
            "{warnings}"
        );
    }

    #[test]
    fn every_part_of_the_task_itself_is_summarized() {
        let small = DataSummary::of(&Task::small()).unwrap();
        assert_eq!((small.task.as_str(), small.height), ("mnist-small", 7));
        let examples: Vec<usize> = small.parts.iter().map(|part| part.examples).collect();
        assert_eq!(examples, [1_000, 500, 500]);
        let paper = DataSummary::of(&Task::paper()).unwrap();
        // The mean of all of MNIST's training pixels is published as 0.1307.
        let mean = paper.parts[0].mean.unwrap();
        assert!((mean - 0.1307).abs() < 0.002, "{mean}");
        assert_eq!((paper.classes, paper.files.len()), (10, 6));
        for task in [Task::small(), Task::paper()] {
            assert_eq!(task.warnings(), Vec::<String>::new());
        }
    }
}
