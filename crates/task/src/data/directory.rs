//! A folder with the four IDX files of a data set: MNIST, Fashion-MNIST, EMNIST, QMNIST, or any other in that form.
//!
//! The files hold training images, training labels, test images and test labels, each under one of its usual names: see
//! `naming`. The contents may be raw or gzip-compressed, whatever the name. The test set of the folder becomes the validation
//! data.
//!
//! Images are grey (`[example][height][width]`) or of three channels, which come last or before height and width. Two
//! conventions are undone, and [`FolderData::notes`] says so: the images of EMNIST have rows and columns exchanged, and the
//! labels of its letters begin at 1.

use std::path::{Path, PathBuf};

use descender_nn::Shape;

use super::answers::first_out_of_range;
use super::{Answers, DataError, Dataset, FileSummary};
use content::{images, labels, transposed};
use naming::FoundSet;

pub(crate) mod content;
mod naming;
mod source;

pub use naming::{TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS};
pub(super) use source::Source;
pub(crate) use source::read_file;

/// The data set of a folder.
#[derive(Clone, Debug)]
pub struct FolderData {
    /// The training examples.
    pub train: Dataset,
    /// The examples of the test set.
    pub validation: Dataset,
    /// What became of them when they were read, a line each.
    pub notes: Vec<String>,
}

/// Reads a folder's data set. Pixel values are scaled to [0, 1].
///
/// A folder with several data sets, as EMNIST's, is named with what its files begin with: `folder/emnist-letters`. A folder
/// without any may hold those of torchvision, `MNIST/raw`.
///
/// `classes` is the number of classes; with `None` it is the largest training label plus one.
///
/// # Errors
/// If a file is missing, cannot be read or is not a well-formed IDX file, if counts or image sizes differ, or if a label
/// is out of range. The message names the file.
pub fn read(directory: &Path, classes: Option<usize>) -> Result<FolderData, DataError> {
    let name = directory
        .file_name()
        .unwrap_or(directory.as_os_str())
        .to_string_lossy();
    let found = naming::find(directory)?;
    let convention = Convention::of(&found.prefix);
    assemble_by(&sources(found)?, &name, classes, convention)
}

/// The four files of a folder, as they are stored.
///
/// # Errors
/// A file is missing or cannot be read.
pub fn files(directory: &Path) -> Result<Vec<FileSummary>, DataError> {
    let summary = |source: Source| FileSummary::of(source.file, &source.bytes);
    Ok(sources(naming::find(directory)?)?.map(summary).into())
}

/// The bytes of the four files: training images and labels, test images and labels.
fn sources(found: FoundSet) -> Result<[Source; 4], DataError> {
    let source = |file: PathBuf| {
        let bytes = read_file(&file)?.into();
        Ok(Source { file, bytes })
    };
    let [train_images, train_labels, test_images, test_labels] = found.files;
    Ok([
        source(train_images)?,
        source(train_labels)?,
        source(test_images)?,
        source(test_labels)?,
    ])
}

/// How a data set departs from what is usual.
#[derive(Clone, Copy, Debug, Default)]
struct Convention {
    /// Rows and columns of the images are exchanged.
    transposed: bool,
    /// Labels begin at 1.
    from_one: bool,
}

impl Convention {
    /// That of the files which begin with `prefix`.
    fn of(prefix: &str) -> Self {
        Convention {
            transposed: prefix.starts_with("emnist-"),
            from_one: prefix == "emnist-letters-",
        }
    }
}

/// Makes the training and the validation data set from four files.
pub(super) fn assemble(
    sources: &[Source; 4],
    name: &str,
    classes: Option<usize>,
) -> Result<(Dataset, Dataset), DataError> {
    let data = assemble_by(sources, name, classes, Convention::default())?;
    Ok((data.train, data.validation))
}

fn assemble_by(
    sources: &[Source; 4],
    name: &str,
    classes: Option<usize>,
    convention: Convention,
) -> Result<FolderData, DataError> {
    let [train_images, train_labels, test_images, test_labels] = sources;
    let mut notes = Vec::new();
    let mut parts = [
        Examples::of(train_images, train_labels)?,
        Examples::of(test_images, test_labels)?,
    ];
    if convention.from_one && parts.iter().all(|part| !part.labels.contains(&0)) {
        notes.push("the labels begin at 1: one less is the class".to_owned());
        let labels = parts.iter_mut().flat_map(|part| &mut part.labels);
        labels.for_each(|label| *label -= 1);
    }
    if convention.transposed {
        notes.push("the images are stored with rows and columns exchanged: turned back".to_owned());
        for part in &mut parts {
            (part.shape, part.pixels) = transposed(&part.pixels, part.shape);
        }
    }
    let [train, test] = parts;
    let classes = match classes {
        Some(classes) => classes,
        None => (train.labels.iter().max()).map_or(0, |&largest| usize::from(largest) + 1),
    };
    if !(2..=256).contains(&classes) {
        return Err(DataError::Classes {
            place: train_labels.file.clone(),
            classes,
        });
    }
    let shape = train.shape;
    if test.shape != shape {
        return Err(DataError::SizesDiffer {
            file: test_images.file.clone(),
            found: test.shape.to_string(),
            expected: shape.to_string(),
        });
    }
    Ok(FolderData {
        train: train.dataset(format!("{name} (train)"), classes, train_labels)?,
        validation: test.dataset(format!("{name} (validation)"), classes, test_labels)?,
        notes,
    })
}

/// The images and labels of one part, before they are a data set.
struct Examples {
    shape: Shape,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Examples {
    fn of(images_source: &Source, labels_source: &Source) -> Result<Self, DataError> {
        let (shape, pixels) = images(images_source)?;
        let labels = labels(labels_source)?;
        let count = pixels.len() / shape.count();
        if count != labels.len() {
            return Err(DataError::CountsDiffer {
                images_file: images_source.file.clone(),
                images: count,
                labels_file: labels_source.file.clone(),
                labels: labels.len(),
            });
        }
        Ok(Examples {
            shape,
            pixels,
            labels,
        })
    }

    fn dataset(
        self,
        name: String,
        classes: usize,
        labels_source: &Source,
    ) -> Result<Dataset, DataError> {
        let Examples {
            shape,
            pixels,
            labels,
        } = self;
        if let Some(entry) = first_out_of_range(&labels, classes) {
            let (file, label) = (labels_source.file.clone(), labels[entry]);
            return Err(DataError::LabelOutOfRange {
                file,
                entry,
                label,
                classes,
            });
        }
        let mut inputs = Vec::new();
        (inputs.try_reserve_exact(pixels.len())).map_err(|_| DataError::Memory {
            file: labels_source.file.with_file_name(""),
            values: pixels.len(),
        })?;
        inputs.extend(pixels.iter().map(|&pixel| f32::from(pixel) / 255.0));
        Ok(Dataset {
            name,
            shape,
            inputs,
            answers: Answers::classes(classes, labels),
        })
    }
}

#[cfg(test)]
mod tests;
