//! One file of a data set as it is stored: its size and its checksum.

use std::path::PathBuf;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// One file of a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileSummary {
    /// The file.
    pub file: PathBuf,
    /// Its size as stored, in bytes.
    pub bytes: usize,
    /// SHA-256 of its contents as stored, so of the compressed bytes if it is compressed; in hexadecimal digits.
    pub sha256: String,
}

impl FileSummary {
    /// The summary of a file with these contents.
    #[must_use]
    pub fn of(file: PathBuf, contents: &[u8]) -> Self {
        FileSummary {
            file,
            bytes: contents.len(),
            sha256: hex_digest(contents),
        }
    }
}

/// SHA-256 of the bytes, in hexadecimal digits.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
