//! Rules of this repository that the compiler does not check.
//!
//! [`workspace`] asks cargo which crates there are and what they depend on, [`source`] reads a crate's files, and
//! [`imports`] finds which file uses an item of which other file. The rules themselves are the tests of this crate:
//! `cargo test -p house-checks`.

#![forbid(unsafe_code)]

pub mod imports;
pub mod rings;
pub mod source;
pub mod workspace;
