//! A file that holds one JSON document.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::file_error::FileError;
use crate::read_text::read_text;
use crate::replace_file::replace_file;

/// The most bytes of a JSON file: more than any comparison has.
const MOST_BYTES: u64 = 1 << 30;

/// A JSON file by its path: pretty-printed, with a line feed at its end, replaced as a whole.
///
/// ```
/// use descender_record::JsonFile;
/// # let folder = tempfile::tempdir()?;
/// let file = JsonFile::new(folder.path().join("scores.json"));
/// assert_eq!(file.read_if_there::<Vec<f64>>()?, None);
/// file.write(&[0.5, 0.25])?;
/// assert_eq!(file.read::<Vec<f64>>()?, [0.5, 0.25]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFile {
    path: PathBuf,
}

/// Why a JSON file can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// It can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not JSON, or JSON of something else.
    #[error("{} is not what it should hold", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
}

impl JsonFile {
    /// The file at `path`; it need not exist.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it.
    ///
    /// # Errors
    /// It is missing, can't be read, or holds something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        let text = read_text(&self.path, MOST_BYTES)?;
        serde_json::from_str(&text).map_err(|source| self.content(source))
    }

    /// Reads it; `None` if there is no such file.
    ///
    /// # Errors
    /// It can't be read, or holds something else.
    pub fn read_if_there<T: DeserializeOwned>(&self) -> Result<Option<T>, JsonError> {
        match self.read() {
            Err(JsonError::File(error)) if error.is_missing() => Ok(None),
            result => result.map(Some),
        }
    }

    /// Replaces it by `content`.
    ///
    /// # Errors
    /// It can't be written (the old file is then still there), or `content` has no JSON form.
    pub fn write(&self, content: &(impl Serialize + ?Sized)) -> Result<(), JsonError> {
        self.replace(serde_json::to_string_pretty(content))
    }

    /// Like [`write`](JsonFile::write), but on one line, for large files of numbers.
    ///
    /// # Errors
    /// It can't be written (the old file is then still there), or `content` has no JSON form.
    pub fn write_compact(&self, content: &(impl Serialize + ?Sized)) -> Result<(), JsonError> {
        self.replace(serde_json::to_string(content))
    }

    fn replace(&self, text: serde_json::Result<String>) -> Result<(), JsonError> {
        let mut text = text.map_err(|source| self.content(source))?;
        text.push('\n');
        Ok(replace_file(&self.path, text.as_bytes())?)
    }

    fn content(&self, source: serde_json::Error) -> JsonError {
        JsonError::Content {
            path: self.path.clone(),
            source,
        }
    }
}
