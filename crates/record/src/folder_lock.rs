//! A process's claim to a folder that it writes to.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::file_error::FileError;
use crate::replace_file::remove_leftovers;

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
    /// Claims `folder` by its file `.lock`, and removes the temporary files that a killed process left in it and in its
    /// `checkpoint`.
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
            Ok(()) => {
                remove_leftovers(folder);
                remove_leftovers(&folder.join("checkpoint"));
                Ok(Self { _file: file })
            }
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

    #[test]
    fn what_a_killed_process_left_is_removed_at_the_next_claim() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = folder.path().join("checkpoint");
        std::fs::create_dir(&checkpoint).unwrap();
        for name in [
            ".descender-x1",
            "checkpoint/.descender-y2",
            "checkpoint/state",
        ] {
            std::fs::write(folder.path().join(name), "half").unwrap();
        }
        let first = FolderLock::claim(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(&checkpoint).unwrap().count(), 1);
        // Not while another process is at work.
        let working = folder.path().join(".descender-z3");
        std::fs::write(&working, "half").unwrap();
        FolderLock::claim(folder.path()).unwrap_err();
        assert!(working.exists());
        drop(first);
    }
}
