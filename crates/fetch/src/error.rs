//! Why a file could not be fetched.

use std::path::PathBuf;

use thiserror::Error;

/// Why a file could not be fetched.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The folder can't be made.
    #[error("cannot make the folder {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        problem: std::io::Error,
    },
    /// A file can't be read or written.
    #[error("cannot read or write {}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The operating system's error.
        #[source]
        problem: std::io::Error,
    },
    /// Something else has the file's name.
    #[error(
        "{} is there, but its SHA-256 is {found}, expected {expected}; move it away, or fetch into another folder",
        file.display()
    )]
    Occupied {
        /// The file.
        file: PathBuf,
        /// Its checksum.
        found: String,
        /// That of the published file.
        expected: String,
    },
    /// Another process fetches the same file into the same folder.
    #[error("{} is being written by another process", file.display())]
    Busy {
        /// The unfinished file.
        file: PathBuf,
    },
    /// No mirror gave the file.
    #[error("{name} could not be fetched: {}{}", each(problems), rest(*kept, *bytes))]
    Mirrors {
        /// The name of the file.
        name: String,
        /// What was wrong at each address, in the order in which they were tried.
        problems: Vec<(String, MirrorProblem)>,
        /// Bytes that are kept, and with which the next call goes on.
        kept: u64,
        /// Bytes of the whole file.
        bytes: u64,
    },
}

fn each(problems: &[(String, MirrorProblem)]) -> String {
    let words: Vec<String> = problems
        .iter()
        .map(|(address, problem)| format!("{address}: {problem}"))
        .collect();
    match words.is_empty() {
        true => "there is no mirror to ask".to_owned(),
        false => words.join("; "),
    }
}

fn rest(kept: u64, bytes: u64) -> String {
    match kept {
        0 => String::new(),
        kept => {
            format!("; {kept} of {bytes} bytes are kept, and the same command goes on from there")
        }
    }
}

/// What was wrong with the answer of a mirror.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MirrorProblem {
    /// There was no answer, or none that can be understood.
    #[error("{0}")]
    NoAnswer(String),
    /// The answer says that the file can't be had.
    #[error("the answer is HTTP status {0}, expected 200")]
    Status(u16),
    /// The answer announces another length.
    #[error("the answer has {found} bytes, expected {expected}")]
    Length {
        /// Bytes that are announced.
        found: u64,
        /// Bytes that are missing.
        expected: u64,
    },
    /// More bytes came than the file has.
    #[error("more bytes came than the {0} of the file")]
    Longer(u64),
    /// The connection ended before the file did.
    #[error("the connection ended early ({0})")]
    Cut(String),
    /// Nothing came for a long time.
    #[error("nothing came for {0} ms")]
    Stalled(u64),
    /// The file is another one.
    #[error("the file has SHA-256 {found}, expected {expected}, and was thrown away")]
    Checksum {
        /// The checksum of what came.
        found: String,
        /// That of the published file.
        expected: String,
    },
}
