//! The way in which every whole file is written.
//!
//! The file is written under another name in the same folder, flushed to the disk and renamed. So a reader finds the
//! old file or the new one, never a part.

use std::io::Write;
use std::path::Path;

use crate::file_error::FileError;

/// What the names of temporary files begin with, here and in `descender-control`.
const TEMPORARY: &str = ".descender-";

/// Replaces the file at `path` by `bytes`, atomically and durably. If `path` is not an ordinary file (a device, a
/// pipe), it is written to instead.
///
/// # Errors
/// [`FileError`]; the file that stood at `path` before is then still there.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let write = || -> std::io::Result<()> {
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            return std::fs::OpenOptions::new()
                .write(true)
                .open(path)?
                .write_all(bytes);
        }
        let path = if path.exists() {
            &path.canonicalize()?
        } else {
            path
        }; // through links
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let mut file = temporary_file(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(FileError::new("write", path))
}

/// A file that is gone when it is dropped, with the permissions of an ordinary new file.
fn temporary_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(TEMPORARY).tempfile_in(folder)
}

/// Removes the temporary files that a killed process left in `folder`. To be called by whoever has claimed it.
pub(crate) fn remove_leftovers(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let left = entries.filter(|entry| {
        let name = entry.file_name();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        is_file && name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
    });
    for entry in left {
        // What can't be removed does no harm.
        let _ = std::fs::remove_file(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_written_to_and_stays_a_pipe() {
        use std::os::unix::fs::FileTypeExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let reader = {
            let path = path.clone();
            std::thread::spawn(move || std::fs::read(path).unwrap())
        };
        replace_file(&path, b"a table").unwrap();
        assert_eq!(reader.join().unwrap(), b"a table");
        assert!(std::fs::metadata(&path).unwrap().file_type().is_fifo());
    }
}
