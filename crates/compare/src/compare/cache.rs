//! The rivals' cache: finished descents of methods that no controller steers, kept for any later comparison.
//!
//! A descent is the same whenever the problem, the method with all of its settings, the start, the number of steps and the
//! program are the same. So it is kept in a file under a name that is a checksum (SHA-256) of all of these. The program
//! counts by its executable file: after any change of it nothing is found, and nothing old can be taken for new. A file
//! holds the CRC-32 of the outcome and its [`postcard`] form; one that is cut or damaged is made again. The folder can be
//! deleted at any time.

use std::fs;
use std::path::{Path, PathBuf};

use descender_record::{FileError, replace_file};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// A folder of finished descents.
#[derive(Clone, Debug)]
pub struct RivalCache {
    folder: PathBuf,
    /// Checksum of the program.
    program: [u8; 32],
}

/// The name of a descent in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CacheKey(String);

impl RivalCache {
    /// The cache in `folder`, which is made when something is first kept. `None` if the program's own file can't be
    /// read, so that it is not known what made the outcomes.
    #[must_use]
    pub fn new(folder: &Path) -> Option<Self> {
        let program = fs::read(std::env::current_exe().ok()?).ok()?;
        Some(Self::of_program(folder, &program))
    }

    fn of_program(folder: &Path, program: &[u8]) -> Self {
        Self {
            folder: folder.to_owned(),
            program: Sha256::digest(program).into(),
        }
    }

    /// The name of a descent that depends on these parts alone.
    pub(super) fn key(&self, parts: &[&[u8]]) -> CacheKey {
        let mut digest = Sha256::new_with_prefix(self.program);
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let bytes: [u8; 32] = digest.finalize().into();
        CacheKey(
            bytes[..16]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    fn path(&self, key: &CacheKey) -> PathBuf {
        let (shelf, name) = key.0.split_at(2);
        self.folder.join(shelf).join(name)
    }

    /// The outcome of a descent, if it is there and whole.
    pub(super) fn get<T: DeserializeOwned>(&self, key: &CacheKey) -> Option<T> {
        let bytes = fs::read(self.path(key)).ok()?;
        let (checksum, payload) = bytes.split_first_chunk::<4>()?;
        let whole = u32::from_le_bytes(*checksum) == crc32fast::hash(payload);
        whole.then(|| postcard::from_bytes(payload).ok()).flatten()
    }

    /// Keeps an outcome.
    ///
    /// # Errors
    /// The folder can't be made or written to.
    pub(super) fn put(&self, key: &CacheKey, outcome: &impl Serialize) -> Result<(), FileError> {
        let path = self.path(key);
        if let Some(shelf) = path.parent() {
            fs::create_dir_all(shelf).map_err(FileError::new("make", shelf))?;
        }
        let payload = postcard::to_stdvec(outcome)
            .expect("plain numbers and lists always have a binary form");
        let mut bytes = crc32fast::hash(&payload).to_le_bytes().to_vec();
        bytes.extend(payload);
        replace_file(&path, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f32; 3] = [0.1, f32::INFINITY, -0.0];

    #[test]
    fn what_is_kept_comes_back_to_the_same_program_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = RivalCache::of_program(folder.path(), b"program");
        let key = cache.key(&[b"task", b"sgd"]);
        assert_eq!(cache.get::<[f32; 3]>(&key), None);
        cache.put(&key, &VALUES).unwrap();
        let back: [f32; 3] = cache.get(&key).unwrap();
        assert_eq!(back.map(f32::to_bits), VALUES.map(f32::to_bits));

        let other = RivalCache::of_program(folder.path(), b"programs");
        let keys = [
            other.key(&[b"task", b"sgd"]),
            cache.key(&[b"tasks", b"gd"]),
            cache.key(&[b"tasksgd"]),
        ];
        assert!(keys.iter().all(|other| *other != key));
        assert_eq!(other.get::<[f32; 3]>(&keys[0]), None);
    }

    #[test]
    fn a_damaged_file_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let cache = RivalCache::of_program(folder.path(), b"program");
        let key = cache.key(&[b"any"]);
        cache.put(&key, &VALUES).unwrap();
        let path = cache.path(&key);
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(cache.get::<[f32; 3]>(&key), None, "{length} bytes");
        }
        let mut flipped = whole;
        *flipped.last_mut().unwrap() ^= 1;
        fs::write(&path, flipped).unwrap();
        assert_eq!(cache.get::<[f32; 3]>(&key), None);
    }
}
