//! Data sets in memory, and the files that they come from.
//!
//! A [`Dataset`] holds inputs and [`Answers`] in memory. [`mnist`] is embedded in the program. [`directory`] reads the four
//! IDX files of MNIST, Fashion-MNIST or any data set in that form. [`idx`] is the file format itself.

mod answers;
mod dataset;
mod dataset_error;
mod error;
mod file_kind;
mod file_summary;

pub mod directory;
pub mod idx;
pub mod mnist;
pub(crate) mod npy;
pub mod tables;
#[cfg(test)]
pub(crate) mod test_files;
pub mod texts;

pub use answers::Answers;
pub use dataset::Dataset;
pub use dataset_error::DatasetError;
pub use error::DataError;
pub use file_summary::FileSummary;
pub use npy::NpyError;
