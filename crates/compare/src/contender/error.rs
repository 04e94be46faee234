//! Why a list of contenders, or a file that it names, is rejected.

use std::path::PathBuf;

use descender_control::ControllerError;
use descender_record::FileError;

/// Why a list of contenders, or a file that it names, is rejected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContenderError {
    /// Nothing has this name.
    #[error("unknown method `{name}`{suggestion}")]
    UnknownName {
        /// The name as given.
        name: String,
        /// "; did you mean …?", or nothing where no name is similar.
        suggestion: String,
    },
    /// The list, or an item of it, is empty.
    #[error("an empty item in the list of methods `{0}`; expected items like sgd:0.1")]
    Empty(String),
    /// A double quote is not closed.
    #[error("the list of methods `{0}` has a double quote that is not closed")]
    OpenQuote(String),
    /// There is nothing to compare.
    #[error("`none` leaves nothing to compare; it needs a controller")]
    Nothing,
    /// η is not a positive number.
    #[error("`{item}`: learning rate `{value}` is not a number above 0")]
    LearningRate {
        /// The item as given.
        item: String,
        /// The text in place of η.
        value: String,
    },
    /// A setting is unknown or wrong.
    #[error("`{item}`: {message}")]
    Setting {
        /// The item as given.
        item: String,
        /// What is wrong with it.
        message: String,
    },
    /// A negative control without a controller.
    #[error(
        "`{item}` is a negative control, made from the comparison's controller; here is no controller to make it from"
    )]
    NoController {
        /// The item as given.
        item: String,
    },
    /// A controller that is made for descents of another length.
    #[error(
        "`{item}` is made for descents of {made} steps and cannot steer those of {steps}; use --steps {made}, or train \
         one with: descender train --steps {steps}"
    )]
    Length {
        /// The item as given.
        item: String,
        /// The steps that it is made for.
        made: u64,
        /// The steps of the descents.
        steps: u64,
    },
    /// A file that can't be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A recorded schedule that cannot be used.
    #[error("schedule {}: {message}", path.display())]
    ScheduleFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A controller that cannot be used.
    #[error(transparent)]
    Controller(#[from] ControllerError),
}
