//! The file of the finished descents, from which an interrupted comparison continues.
//!
//! ```text
//! magic "DESCTRL\0" (8 bytes) · format version (u32) · identity (u32) · records
//! record: length of the payload (u32) · CRC-32 of the payload (u32) · payload
//! ```
//!
//! Numbers are little-endian. A payload is the [`postcard`] form of the descent's key, followed by that of its outcome.
//! It keeps every bit of a float. Records are appended as descents finish, in any order. Reading ends at the first
//! record that is cut or damaged; the rest is dropped, and those descents are run again. The identity is a checksum of
//! everything that the outcomes depend on: the file of another comparison is rejected.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use descender_record::FileError;

use super::part::Part;

const MAGIC: &[u8; 8] = b"DESCTRL\0";
const VERSION: u32 = 3;
const HEADER: usize = 16;
const RECORD_HEADER: usize = 8;

/// Identifies a descent of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(super) part: Part,
    /// The index of the entry.
    entry: u64,
    /// The index in the entry's grid.
    setting: u64,
    /// The index of the start point.
    pub(super) start: u64,
}

impl Key {
    pub(super) fn new(part: Part, entry: usize, setting: usize, start: u64) -> Self {
        Self {
            part,
            entry: entry as u64,
            setting: setting as u64,
            start,
        }
    }

    pub(super) fn entry(&self) -> usize {
        self.entry as usize
    }

    pub(super) fn setting(&self) -> usize {
        self.setting as usize
    }
}

/// Why finished descents cannot be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file holds something else.
    #[error("{}: {message}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
}

/// Finished descents in a file. Several threads may add to it.
#[derive(Debug)]
pub struct TrialStore {
    path: PathBuf,
    file: Mutex<File>,
    /// The outcomes that the file held when it was opened.
    found: BTreeMap<Key, Vec<u8>>,
    dropped: u64,
}

impl TrialStore {
    /// Opens the file at `path`, or creates it; `identity` is a checksum of everything that the outcomes depend on.
    ///
    /// # Errors
    /// The file cannot be read or written, or belongs to another comparison.
    pub fn open(path: &Path, identity: u32) -> Result<Self, StoreError> {
        let io = |action| {
            let error = FileError::new(action, path);
            move |source| StoreError::from(error(source))
        };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(io("open"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("read"))?;
        let mut header = MAGIC.to_vec();
        header.extend(VERSION.to_le_bytes());
        header.extend(identity.to_le_bytes());
        let (mut found, mut good) = (BTreeMap::new(), HEADER);
        if bytes.len() < HEADER && header.starts_with(&bytes) {
            // New, or cut off while it was being created.
            let begin = |file: &mut File| {
                file.seek(SeekFrom::Start(0))?;
                file.write_all(&header)
            };
            begin(&mut file).map_err(io("write"))?;
        } else {
            check_header(&bytes, &header).map_err(|message| StoreError::Broken {
                path: path.to_owned(),
                message: message.to_owned(),
            })?;
            while let Some((key, outcome, length)) = next_record(&bytes[good..]) {
                found.insert(key, outcome);
                good += length;
            }
        }
        let dropped = bytes.len().saturating_sub(good) as u64;
        file.set_len(good as u64)
            .and_then(|()| file.seek(SeekFrom::Start(good as u64)))
            .map_err(io("write"))?;
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            found,
            dropped,
        })
    }

    /// The number of a part's outcomes that the file held when it was opened.
    #[must_use]
    pub fn found(&self, part: Part) -> u64 {
        self.found.keys().filter(|key| key.part == part).count() as u64
    }

    /// The number of cut or damaged bytes that were dropped from the file's end when it was opened.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The outcome that the file held for `key` when it was opened.
    pub(super) fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, StoreError> {
        let decode = |bytes: &Vec<u8>| postcard::from_bytes(bytes);
        self.found
            .get(key)
            .map(decode)
            .transpose()
            .map_err(|error| self.broken(format!("a descent cannot be decoded ({error})")))
    }

    /// Adds an outcome.
    pub(super) fn put(&self, key: &Key, outcome: &impl Serialize) -> Result<(), StoreError> {
        let payload = postcard::to_stdvec(&(key, outcome))
            .map_err(|error| self.broken(format!("a descent cannot be encoded ({error})")))?;
        self.append(&payload)
    }

    fn append(&self, payload: &[u8]) -> Result<(), StoreError> {
        let length = u32::try_from(payload.len())
            .map_err(|_| self.broken("a descent of more than 4 GiB".to_owned()))?;
        let mut record = Vec::with_capacity(RECORD_HEADER + payload.len());
        record.extend(length.to_le_bytes());
        record.extend(crc32fast::hash(payload).to_le_bytes());
        record.extend(payload);
        let written = self.lock().write_all(&record);
        written.map_err(|source| self.io("write", source))
    }

    /// Adds all that `other` held when it was opened and this one did not. The caller knows that they are of one comparison.
    ///
    /// # Errors
    /// It can't be written.
    pub fn take_in(&self, other: &Self) -> Result<(), StoreError> {
        let new = (other.found.iter()).filter(|(key, _)| !self.found.contains_key(key));
        for (key, outcome) in new {
            let mut payload = postcard::to_stdvec(key)
                .map_err(|error| self.broken(format!("a key cannot be encoded ({error})")))?;
            payload.extend(outcome);
            self.append(&payload)?;
        }
        Ok(())
    }

    /// Writes all outcomes to the disk.
    ///
    /// # Errors
    /// The system reports an error.
    pub fn sync(&self) -> Result<(), StoreError> {
        let synced = self.lock().sync_data();
        synced.map_err(|source| self.io("write", source))
    }

    fn lock(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn io(&self, action: &'static str, source: io::Error) -> StoreError {
        FileError::new(action, &self.path)(source).into()
    }

    fn broken(&self, message: String) -> StoreError {
        let path = self.path.clone();
        StoreError::Broken { path, message }
    }
}

fn check_header(bytes: &[u8], expected: &[u8]) -> Result<(), &'static str> {
    match bytes.get(..HEADER) {
        Some(header) if header == expected => Ok(()),
        Some(header) if !header.starts_with(MAGIC) => Err("not a file of finished descents"),
        Some(header) if header[8..12] != expected[8..12] => {
            Err("written by another version of the program")
        }
        Some(_) => Err("its descents belong to another comparison"),
        None => Err("not a file of finished descents"),
    }
}

/// The key and the outcome of the first record, and its length; `None` if it is cut or damaged.
fn next_record(bytes: &[u8]) -> Option<(Key, Vec<u8>, usize)> {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(range)?.try_into().ok()?))
    };
    let (length, checksum) = (number(0..4)? as usize, number(4..8)?);
    let payload = bytes.get(RECORD_HEADER..)?.get(..length)?;
    if crc32fast::hash(payload) != checksum {
        return None;
    }
    let (key, outcome) = postcard::take_from_bytes(payload).ok()?;
    Some((key, outcome.to_vec(), RECORD_HEADER + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f32; 4] = [0.1, f32::INFINITY, -0.0, f32::NAN];

    fn key(start: u64) -> Key {
        Key::new(Part::Tuning, 3, 1, start)
    }

    /// A file with two outcomes, and its bytes.
    fn written() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trials");
        let store = TrialStore::open(&path, 7).unwrap();
        assert_eq!(store.found(Part::Tuning), 0);
        store.put(&key(0), &VALUES).unwrap();
        store.put(&key(1), &[2.0_f32; 4]).unwrap();
        store.sync().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        (folder, path, bytes)
    }

    #[test]
    fn every_bit_comes_back() {
        let (_folder, path, _) = written();
        let store = TrialStore::open(&path, 7).unwrap();
        assert_eq!((store.found(Part::Tuning), store.dropped()), (2, 0));
        assert_eq!(store.found(Part::Comparing), 0);
        let values: [f32; 4] = store.get(&key(0)).unwrap().unwrap();
        assert_eq!(values.map(f32::to_bits), VALUES.map(f32::to_bits));
        assert_eq!(store.get::<[f32; 4]>(&key(2)).unwrap(), None);
    }

    #[test]
    fn a_cut_or_damaged_record_is_dropped_and_made_again() {
        let (_folder, path, bytes) = written();
        let second = HEADER + (bytes.len() - HEADER) / 2;
        for length in HEADER..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            let store = TrialStore::open(&path, 7).unwrap();
            let whole = u64::from(length >= second);
            assert_eq!(store.found(Part::Tuning), whole, "cut to {length} bytes");
            for start in whole..2 {
                let values = if start == 0 { VALUES } else { [2.0; 4] };
                store.put(&key(start), &values).unwrap();
            }
            assert_eq!(
                std::fs::read(&path).unwrap(),
                bytes,
                "cut to {length} bytes"
            );
        }
        for position in second..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 1;
            std::fs::write(&path, damaged).unwrap();
            let store = TrialStore::open(&path, 7).unwrap();
            assert_eq!(
                store.found(Part::Tuning),
                1,
                "bit flipped in byte {position}"
            );
            assert_eq!(store.dropped() as usize, bytes.len() - second);
        }
    }

    #[test]
    fn a_file_of_something_else_is_refused_and_left_alone() {
        let (_folder, path, bytes) = written();
        let refused = |identity, words: &str| {
            let before = std::fs::read(&path).unwrap();
            let error = TrialStore::open(&path, identity).unwrap_err().to_string();
            assert!(error.contains("trials") && error.contains(words), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), before);
        };
        refused(8, "another comparison");
        std::fs::write(&path, "a diary").unwrap();
        refused(7, "not a file");
        let mut newer = bytes;
        newer[8] = 9;
        std::fs::write(&path, newer).unwrap();
        refused(7, "another version");
    }
}
