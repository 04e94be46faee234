//! What a data set holds, for `descender data check`: counts, sizes, classes and checksums.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::directory::{self, Source};
use super::{DataError, Dataset};

/// What a data set holds. It is made only after every check has passed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataSummary {
    /// The folder, or `embedded`.
    pub directory: PathBuf,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Values in a pixel.
    pub channels: usize,
    /// Number of classes.
    pub classes: usize,
    /// The training examples.
    pub train: PartSummary,
    /// The validation examples.
    pub validation: PartSummary,
}

/// The training or the validation examples of a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartSummary {
    /// Number of examples.
    pub examples: usize,
    /// Number of examples of each class.
    pub label_counts: Vec<usize>,
    /// Mean of all pixel values, in [0, 1].
    pub pixel_mean: f64,
    /// The file of the images.
    pub images: FileSummary,
    /// The file of the labels.
    pub labels: FileSummary,
}

/// One file of a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileSummary {
    /// The file.
    pub file: PathBuf,
    /// Its size as stored, in bytes.
    pub bytes: usize,
    /// SHA-256 of its contents as stored, so of the compressed bytes if it is compressed; in hexadecimal digits.
    pub sha256: String,
}

impl fmt::Display for DataSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DataSummary {
            height,
            width,
            channels,
            classes,
            ..
        } = self;
        let directory = self.directory.display();
        write!(
            formatter,
            "{directory}: images of {height} × {width} × {channels}, {classes} classes"
        )?;
        for (name, part) in [("train", &self.train), ("validation", &self.validation)] {
            let PartSummary {
                examples,
                label_counts,
                pixel_mean,
                ..
            } = part;
            write!(
                formatter,
                "\n{name}: {examples} examples, mean pixel value {pixel_mean:.4}"
            )?;
            write!(formatter, "\n  examples of each class: {label_counts:?}")?;
            for FileSummary {
                file,
                bytes,
                sha256,
            } in [&part.images, &part.labels]
            {
                write!(
                    formatter,
                    "\n  {}: {bytes} bytes, SHA-256 {sha256}",
                    file.display()
                )?;
            }
        }
        Ok(())
    }
}

/// Reads the data set of a folder with every check of [`directory::read`], and summarizes it.
///
/// # Errors
/// The same as [`directory::read`].
pub fn check(directory: &Path, classes: Option<usize>) -> Result<DataSummary, DataError> {
    summarize(directory, &directory::sources(directory)?, classes)
}

pub(super) fn summarize(
    directory: &Path,
    sources: &[Source; 4],
    classes: Option<usize>,
) -> Result<DataSummary, DataError> {
    let (train, validation) = directory::assemble(sources, "data", classes)?;
    let [train_images, train_labels, test_images, test_labels] = sources;
    Ok(DataSummary {
        directory: directory.to_owned(),
        height: train.shape.height,
        width: train.shape.width,
        channels: train.shape.channels,
        classes: train.classes,
        train: part(&train, train_images, train_labels),
        validation: part(&validation, test_images, test_labels),
    })
}

fn part(dataset: &Dataset, images: &Source, labels: &Source) -> PartSummary {
    let sum: f64 = dataset.inputs.iter().map(|&value| f64::from(value)).sum();
    PartSummary {
        examples: dataset.len(),
        label_counts: dataset.label_counts(),
        pixel_mean: sum / dataset.inputs.len() as f64,
        images: file(images),
        labels: file(labels),
    }
}

fn file(source: &Source) -> FileSummary {
    FileSummary {
        file: source.file.clone(),
        bytes: source.bytes.len(),
        sha256: hex_digest(&source.bytes),
    }
}

/// SHA-256 of the bytes, in hexadecimal digits.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::mnist;
    use crate::data::test_files::{Files, write};

    #[test]
    fn a_folder_is_counted() {
        let folder = write(&Files::default());
        let summary = check(folder.path(), None).unwrap();
        assert_eq!(
            (
                summary.height,
                summary.width,
                summary.channels,
                summary.classes
            ),
            (2, 2, 1, 3)
        );
        assert_eq!(
            (summary.train.examples, summary.train.label_counts.clone()),
            (4, vec![1, 2, 1])
        );
        assert_eq!(
            (
                summary.validation.examples,
                summary.validation.label_counts.clone()
            ),
            (2, vec![1, 0, 1])
        );
        assert!((summary.validation.pixel_mean - 36.0 / 8.0 / 255.0).abs() < 1e-9);
        assert_eq!(summary.train.images.bytes, 32);
        assert!(check(folder.path(), Some(2)).is_err());
        let text = summary.to_string();
        assert!(text.contains("images of 2 × 2 × 1, 3 classes"), "{text}");
        assert!(
            text.contains("train: 4 examples") && text.contains(&summary.train.images.sha256),
            "{text}"
        );
    }

    #[test]
    fn the_embedded_data_have_the_published_mean() {
        let summary = mnist::summary().unwrap();
        // The mean of all of MNIST's training pixels is published as 0.1307.
        assert!(
            (summary.train.pixel_mean - 0.1307).abs() < 0.002,
            "{}",
            summary.train.pixel_mean
        );
        assert_eq!(summary.train.label_counts.len(), 10);
    }
}
