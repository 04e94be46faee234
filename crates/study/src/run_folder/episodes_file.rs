//! `episodes.jsonl` while a training writes it: lines are only ever appended, and a resume cuts the file back to where it
//! was at the checkpoint.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::RunFolderError;
use crate::episode_record::EpisodeRecord;

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
        let failed = |source| RunFolderError::Io {
            action: "open",
            path: path.clone(),
            source,
        };
        let (mut file, found) = open().map_err(failed)?;
        if found < length {
            return Err(RunFolderError::EpisodesCut {
                path,
                length: found,
                expected: length,
            });
        }
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(failed)?;
        Ok(Self { file, path, length })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, record: &EpisodeRecord) -> Result<(), RunFolderError> {
        let mut line = record.to_line().map_err(|error| RunFolderError::Json {
            path: self.path.clone(),
            message: error.to_string(),
        })?;
        line.push('\n');
        self.file
            .write_all(line.as_bytes())
            .map_err(|source| self.failed(source))?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Brings all lines to the disk; returns the length of the file in bytes.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn sync(&mut self) -> Result<u64, RunFolderError> {
        self.file
            .sync_data()
            .map_err(|source| self.failed(source))?;
        Ok(self.length)
    }

    fn failed(&self, source: io::Error) -> RunFolderError {
        RunFolderError::Io {
            action: "write",
            path: self.path.clone(),
            source,
        }
    }
}
