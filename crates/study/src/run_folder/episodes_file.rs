//! `episodes.jsonl` while a training writes it: lines are only ever appended, and a resume cuts the file back to where it
//! was at the checkpoint.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use descender_record::{FileError, JsonError};

use super::error::RunFolderError;
use descender_train::episode_record::EpisodeRecord;

/// `episodes.jsonl`, open for appending.
#[derive(Debug)]
pub struct EpisodesFile {
    file: File,
    path: PathBuf,
    length: u64,
}

impl EpisodesFile {
    /// Opens the file at `path` and cuts it back to `length` bytes.
    pub(super) fn open(path: PathBuf, length: u64) -> Result<Self, RunFolderError> {
        let open = || -> io::Result<(File, u64)> {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)?;
            let found = file.metadata()?.len();
            Ok((file, found))
        };
        let (mut file, found) = open().map_err(FileError::new("open", &path))?;
        if found < length {
            return Err(RunFolderError::EpisodesCut {
                path,
                length: found,
                expected: length,
            });
        }
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(FileError::new("open", &path))?;
        Ok(Self { file, path, length })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, record: &EpisodeRecord) -> Result<(), RunFolderError> {
        let mut line = record.to_line().map_err(|source| JsonError::Content {
            path: self.path.clone(),
            source,
        })?;
        line.push('\n');
        self.file
            .write_all(line.as_bytes())
            .map_err(FileError::new("write", &self.path))?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Writes all lines to the disk and returns the length of the file in bytes.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn sync(&mut self) -> Result<u64, RunFolderError> {
        self.file
            .sync_data()
            .map_err(FileError::new("write", &self.path))?;
        Ok(self.length)
    }
}
