//! Published data sets, fetched from their mirrors.
//!
//! [`PublishedSet`] lists them, [`fetch`] brings one file: continued where it was cut, checked by its published length and
//! checksum, and under its own name only when it is whole and right.
//!
//! The transport is plain HTTP. The checksum, which comes with the program, is what says that a file is the right one.

#![forbid(unsafe_code)]

mod body;
mod error;
mod fetch;
mod published;

pub use error::{FetchError, MirrorProblem};
pub use fetch::{Fetched, fetch};
pub use published::{PublishedFile, PublishedSet};
