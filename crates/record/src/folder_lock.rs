//! A process's claim to a folder that it writes to.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::file_error::FileError;

/// Why a folder cannot be claimed.
#[derive(Debug, thiserror::Error)]
pub enum FolderLockError {
    /// Another process has claimed it.
    #[error("{} is in use: another process is at work on it", .0.display())]
    InUse(PathBuf),
    /// The lock file cannot be made or locked.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The claim, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Claims `folder` by its file `.lock`.
    ///
    /// # Errors
    /// [`FolderLockError`].
    pub fn claim(folder: &Path) -> Result<Self, FolderLockError> {
        let path = folder.join(".lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(FileError::new("lock", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FolderLockError::InUse(folder.to_owned())),
            Err(TryLockError::Error(source)) => Err(FileError::new("lock", &path)(source).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_claimed_once_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::claim(folder.path()).unwrap();
        let error = FolderLock::claim(folder.path()).unwrap_err();
        assert!(matches!(error, FolderLockError::InUse(_)), "{error}");
        drop(first);
        FolderLock::claim(folder.path()).unwrap();
    }
}
