//! Data sets of labelled images.
//!
//! A [`Dataset`] holds inputs and labels in memory. [`mnist`] is embedded in the program. [`directory`] reads the four
//! IDX files of MNIST, Fashion-MNIST or any data set in that form. [`idx`] is the file format itself, and [`summary`]
//! tells what a data set holds.

mod dataset;
mod dataset_error;
mod error;

pub mod directory;
pub mod idx;
pub mod mnist;
pub mod summary;
#[cfg(test)]
pub(crate) mod test_files;

pub use dataset::Dataset;
pub use dataset_error::DatasetError;
pub use error::DataError;
pub use summary::{DataSummary, PartSummary};
