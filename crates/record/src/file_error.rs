//! The error of a file or a folder that can't be read or written.

use std::io;
use std::path::{Path, PathBuf};

/// The system refused to read or write something.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}", path.display())]
pub struct FileError {
    /// What was to be done: "read", "write", "make the folder", ….
    pub action: &'static str,
    /// The file or the folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

impl FileError {
    /// Whether there is no such file. One that is there and can't be read is not missing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(
            self.source.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        )
    }

    /// Why `action` failed on `path`; for `map_err`.
    pub fn new(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
        let path = path.to_owned();
        move |source| FileError {
            action,
            path,
            source,
        }
    }
}
