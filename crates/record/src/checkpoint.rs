//! The checkpoint: the state for an exact continuation of a training, in one file.
//!
//! ```text
//! magic "DESCNDR\0" (8 bytes) · format version (u32) · length of the payload (u64) · CRC-32 of the payload (u32) · payload
//! ```
//!
//! Numbers are little-endian; the payload is the [`postcard`] form of the state, which keeps every bit of a float.
//! The file is [replaced](replace_file) as a whole.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Serialize, de::DeserializeOwned};

use crate::file_error::FileError;
use crate::replace_file::replace_file;

const MAGIC: &[u8; 8] = b"DESCNDR\0";
const VERSION: u32 = 1;
const HEADER: usize = 24;

/// Why a checkpoint cannot be written or is rejected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is not a checkpoint, or not a complete one.
    #[error("{}: not a usable checkpoint: {message}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
}

/// Writes `state` as a checkpoint.
///
/// # Errors
/// [`CheckpointError`].
pub fn write(path: &Path, state: &impl Serialize) -> Result<(), CheckpointError> {
    let payload = postcard::to_stdvec(state).map_err(|error| CheckpointError::Broken {
        path: path.to_owned(),
        message: format!("the state cannot be encoded ({error})"),
    })?;
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&payload).to_le_bytes());
    bytes.extend_from_slice(&payload);
    Ok(replace_file(path, &bytes)?)
}

/// Reads a checkpoint.
///
/// # Errors
/// [`CheckpointError::File`] if it cannot be read; [`CheckpointError::Broken`] if it is empty, truncated, of another
/// version, changed since it was written, or holds another kind of state.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, CheckpointError> {
    let bytes = fs::read(path).map_err(FileError::new("read", path))?;
    decode(&bytes).map_err(|message| CheckpointError::Broken {
        path: path.to_owned(),
        message,
    })
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let Some((header, payload)) = bytes.split_at_checked(HEADER) else {
        return Err(format!(
            "{} bytes, expected a header of {HEADER}",
            bytes.len()
        ));
    };
    let (magic, numbers) = header.split_at(8);
    if magic != MAGIC {
        return Err("it does not begin with the mark of a checkpoint".to_owned());
    }
    let number = |range: std::ops::Range<usize>| {
        numbers[range]
            .iter()
            .rev()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let version = number(0..4);
    if version != u64::from(VERSION) {
        return Err(format!(
            "its format is version {version}, expected {VERSION}"
        ));
    }
    let length = number(4..12);
    if length != payload.len() as u64 {
        return Err(format!(
            "its state has {} bytes, expected {length} (truncated?)",
            payload.len()
        ));
    }
    if number(12..16) != u64::from(crc32fast::hash(payload)) {
        return Err(
            "its checksum does not fit: the file was changed after it was written".to_owned(),
        );
    }
    postcard::from_bytes(payload).map_err(|error| format!("its state cannot be decoded ({error})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> (tempfile::TempDir, PathBuf, Vec<f32>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = vec![0.1_f32, f32::INFINITY, -0.0, f32::MIN_POSITIVE];
        write(&path, &state).unwrap();
        (folder, path, state)
    }

    #[test]
    fn every_bit_comes_back() {
        let (_folder, path, state) = written();
        let read: Vec<f32> = read(&path).unwrap();
        let bits = |values: &[f32]| {
            values
                .iter()
                .map(|value| value.to_bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(&read), bits(&state));
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_refused() {
        let (_folder, path, _) = written();
        let good = fs::read(&path).unwrap();
        for position in 0..good.len() {
            let mut bad = good.clone();
            bad[position] ^= 1;
            assert!(
                decode::<Vec<f32>>(&bad).is_err(),
                "bit flipped in byte {position}"
            );
            assert!(
                decode::<Vec<f32>>(&good[..position]).is_err(),
                "cut to {position} bytes"
            );
        }
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
        let (folder, path, state) = written();
        // A folder in the place of the file makes the write fail.
        let occupied = folder.path().join("occupied");
        fs::create_dir(&occupied).unwrap();
        assert!(write(&occupied, &vec![1.0_f32]).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(read::<Vec<f32>>(&path).unwrap().len(), state.len());
    }
}
