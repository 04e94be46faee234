//! Why the parts of a data set do not fit together.

use thiserror::Error;

/// Why the parts of a data set do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// There are no examples, or an input has no values.
    #[error(
        "data set {name}: {examples} examples of {values} values each, expected at least one of each"
    )]
    Empty {
        /// The data set.
        name: String,
        /// Number of examples.
        examples: usize,
        /// Values in one input.
        values: usize,
    },
    /// The input values are no whole number of inputs.
    #[error(
        "data set {name}: {found} input values, expected a multiple of {values}, those of one input"
    )]
    Length {
        /// The data set.
        name: String,
        /// Number of input values.
        found: usize,
        /// Values in one input.
        values: usize,
    },
    /// There is not one answer for each input.
    #[error(
        "data set {name}: {found} answers, expected {} ({examples} inputs × {per_example} each)",
        examples.saturating_mul(*per_example)
    )]
    Answers {
        /// The data set.
        name: String,
        /// Number of labels or numbers.
        found: usize,
        /// Number of inputs.
        examples: usize,
        /// Labels or numbers of one example.
        per_example: usize,
    },
    /// A number that is to be predicted is infinite or not a number.
    #[error("data set {name}: a number to predict of entry {entry} is not finite")]
    AnswerNotFinite {
        /// The data set.
        name: String,
        /// Number of the example, from 0.
        entry: usize,
    },
    /// The number of classes is outside 2 to 256.
    #[error("data set {name}: {classes} classes, expected 2 to 256")]
    Classes {
        /// The data set.
        name: String,
        /// Number of classes.
        classes: usize,
    },
    /// A label is not below the number of classes.
    #[error("data set {name}: label {label} at entry {entry} is out of range, expected 0 to {}", classes - 1)]
    LabelOutOfRange {
        /// The data set.
        name: String,
        /// Number of the example, from 0.
        entry: usize,
        /// The label.
        label: u8,
        /// Number of classes.
        classes: usize,
    },
    /// An input value is infinite or not a number.
    #[error("data set {name}: an input value of entry {entry} is not finite")]
    NotFinite {
        /// The data set.
        name: String,
        /// Number of the example, from 0.
        entry: usize,
    },
    /// The images cannot be divided into windows of this size.
    #[error(
        "data set {name}: images of {height} × {width} don't divide into windows of {size} × {size}"
    )]
    Pooling {
        /// The data set.
        name: String,
        /// Rows of an image.
        height: usize,
        /// Columns of an image.
        width: usize,
        /// Side of a window.
        size: usize,
    },
}
