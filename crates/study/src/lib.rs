//! A whole run in its folder: training, choice of the controller, a record of its behaviour, comparison, report.
//!
//! A [`Run`] does all of it in a [`RunFolder`], from which it can continue after any interruption. A [`CompareFolder`]
//! is the same for a comparison alone.

#![forbid(unsafe_code)]

pub mod compare_folder;
pub mod compare_request;
pub mod merge;
pub mod run;
pub mod run_folder;
mod run_report;

pub use compare_folder::{CompareFolder, CompareFolderError, comparison_report};
pub use compare_request::{Checksum, CompareRequest};
pub use merge::{MergeError, merge_shards};
pub use run::{Run, RunError};
pub use run_folder::{EpisodesFile, RunFolder, RunFolderError};
pub use run_report::run_report;
