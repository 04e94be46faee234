//! The controller file on disk. Writing replaces a file as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;

use super::{Controller, ControllerError, ControllerProblem, OwnParts};

/// No controller is larger than this, so nothing larger is read.
const SIZE_LIMIT: u64 = 256 << 20;

impl Controller {
    /// Reads a controller from a file. All its parts must be built in.
    ///
    /// # Errors
    /// One line that names the file, says what is wrong with it and what was expected.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ControllerError> {
        Self::load_with(path, &OwnParts::new())
    }

    /// Reads a controller that has parts of one's own from a file.
    ///
    /// # Errors
    /// As [`Controller::load`], or if a part that the file names is not among `parts`
    /// ([`FormatError::NotBuiltIn`](crate::FormatError::NotBuiltIn)).
    pub fn load_with(path: impl AsRef<Path>, parts: &OwnParts) -> Result<Self, ControllerError> {
        let path = path.as_ref();
        read(path)
            .and_then(|bytes| {
                Controller::from_bytes_with(&bytes, parts).map_err(ControllerProblem::Format)
            })
            .map_err(|problem| ControllerError {
                path: path.to_owned(),
                problem,
            })
    }

    /// Writes the controller to a file: first to a temporary file in the same folder, which then takes the name.
    /// Whoever reads `path` at any moment, or after a crash, finds the old file or the new one, complete.
    ///
    /// # Errors
    /// If the operating system refuses; an existing file is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ControllerError> {
        let path = path.as_ref();
        write(path, &self.to_bytes()).map_err(|error| ControllerError {
            path: path.to_owned(),
            problem: ControllerProblem::Write(error),
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ControllerProblem> {
    let information = fs::metadata(path).map_err(ControllerProblem::Read)?;
    if !information.is_file() {
        let found = if information.is_dir() {
            "a directory"
        } else {
            "a device, socket or pipe"
        };
        return Err(ControllerProblem::NotAFile { found });
    }
    if information.len() > SIZE_LIMIT {
        return Err(ControllerProblem::TooLarge {
            found: information.len(),
            limit: SIZE_LIMIT,
        });
    }
    let mut bytes = Vec::new();
    // The limit also holds for a file that grows while it is read.
    File::open(path)
        .and_then(|file| file.take(SIZE_LIMIT).read_to_end(&mut bytes))
        .map_err(ControllerProblem::Read)?;
    Ok(bytes)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let (temporary, mut file) = create_temporary(path)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to tell; the temporary file may be left if even this fails.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// A new, empty file beside `path`.
fn create_temporary(path: &Path) -> io::Result<(PathBuf, File)> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the path names no file",
        ));
    };
    // Another thread of this process may be writing the same file, or a killed one have left something behind.
    for attempt in 0..1000 {
        // `descender-record` knows the beginning, and removes what a kill left in a run folder.
        let mut temporary_name = std::ffi::OsString::from(".descender-");
        temporary_name.push(name);
        temporary_name.push(format!(".{}-{attempt}.tmp", process::id()));
        let temporary = path.with_file_name(temporary_name);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)
        {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "too many temporary files of the same name in the folder",
    ))
}
