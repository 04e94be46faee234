//! Data sets of labelled images: what one holds, where it comes from, what can be wrong with it.
//!
//! [`mnist`] is embedded in the program; [`directory`] reads the four IDX files of MNIST, Fashion-MNIST or any
//! data set in that form; [`idx`] is the file format itself.

mod dataset;
mod error;

pub mod directory;
pub mod idx;
pub mod mnist;
pub mod summary;
#[cfg(test)]
pub(crate) mod test_files;

pub use dataset::{Dataset, DatasetError};
pub use error::DataError;
pub use summary::{DataSummary, PartSummary};
