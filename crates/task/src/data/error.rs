//! What can be wrong with the files of a data set.
//!
//! Every message is one line and names the file.

use std::path::PathBuf;

use thiserror::Error;

use super::idx::IdxError;

/// Why the files of a data set were refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// The operating system cannot read the file.
    #[error("cannot read {}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The operating system's error.
        #[source]
        problem: std::io::Error,
    },
    /// A file was given in the place of the folder.
    #[error(
        "{} is {found}, expected a folder with the four IDX files of a data set, such as MNIST's",
        path.display()
    )]
    NotAFolder {
        /// The path.
        path: PathBuf,
        /// What it is.
        found: String,
    },
    /// The path is a folder, a device or something else that is not a file.
    #[error("cannot read {}: it is not a file", file.display())]
    NotAFile {
        /// The path.
        file: PathBuf,
    },
    /// A file of the data set is missing under all of its usual names.
    #[error(
        "{}: no such file, nor any of the other usual names for it ({others}); {contents}",
        file.display()
    )]
    Missing {
        /// The file under its first usual name.
        file: PathBuf,
        /// The other names that were looked for.
        others: String,
        /// What the folder holds instead.
        contents: String,
    },
    /// There are several data sets, and none is chosen.
    #[error("{} holds several data sets; name one of them: {sets}", folder.display())]
    SeveralSets {
        /// The folder.
        folder: PathBuf,
        /// The paths that name them, with commas between.
        sets: String,
    },
    /// The images have four dimensions, and it can't be told which of them are the three colours.
    #[error(
        "{}: images of {dimensions}, expected three channels either as the last dimension or as the second, and not both",
        file.display()
    )]
    Channels {
        /// The file of the images.
        file: PathBuf,
        /// The dimensions, with × between them.
        dimensions: String,
    },
    /// A label of a file of integers is no class.
    #[error("{}: label {label} at entry {entry}, expected 0 to 255", file.display())]
    LabelNoClass {
        /// The file of the labels.
        file: PathBuf,
        /// Number of the entry, from 0.
        entry: usize,
        /// The label.
        label: i32,
    },
    /// The images are too large for the memory.
    #[error("{}: not enough memory for {values} pixels, 4 bytes each", file.display())]
    Memory {
        /// The folder.
        file: PathBuf,
        /// Number of pixels.
        values: usize,
    },
    /// The file is not a well-formed IDX file of the expected kind.
    #[error("{}: {problem}", file.display())]
    Idx {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: IdxError,
    },
    /// The file holds no images, or images without pixels.
    #[error("{}: it holds {count} images of {height} × {width} pixels, expected at least one of each", file.display())]
    Empty {
        /// The file of the images.
        file: PathBuf,
        /// Number of images.
        count: usize,
        /// Rows of an image.
        height: usize,
        /// Columns of an image.
        width: usize,
    },
    /// The numbers of labels and images differ.
    #[error(
        "{}: it holds {labels} labels, expected {images}, as many as the images in {}",
        labels_file.display(),
        images_file.display()
    )]
    CountsDiffer {
        /// The file of the images.
        images_file: PathBuf,
        /// Number of images.
        images: usize,
        /// The file of the labels.
        labels_file: PathBuf,
        /// Number of labels.
        labels: usize,
    },
    /// The validation images differ from the training images in size.
    #[error("{}: its images are {found}, expected {expected} as in the training images", file.display())]
    SizesDiffer {
        /// The file of the validation images.
        file: PathBuf,
        /// Height, width and channels of a validation image.
        found: String,
        /// Those of a training image.
        expected: String,
    },
    /// A label is not below the number of classes.
    #[error("{}: label {label} at entry {entry} is out of range, expected 0 to {}", file.display(), classes - 1)]
    LabelOutOfRange {
        /// The file of the labels.
        file: PathBuf,
        /// Number of the entry, from 0.
        entry: usize,
        /// The label.
        label: u8,
        /// Number of classes.
        classes: usize,
    },
    /// The number of classes is outside 2 to 256.
    #[error("{}: {classes} classes, expected 2 to 256", place.display())]
    Classes {
        /// The file with the labels, or the folder if the number was given.
        place: PathBuf,
        /// Number of classes.
        classes: usize,
    },
}
