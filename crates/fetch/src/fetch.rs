//! One file, from the first mirror that gives it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use ureq::Agent;
use ureq::http::{HeaderMap, StatusCode, header};

use crate::body::Body;
use crate::error::{FetchError, MirrorProblem};
use crate::published::PublishedFile;

/// How often a mirror may point elsewhere.
const MOST_REDIRECTS: u32 = 5;

/// How a file came to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It was there already, whole and right.
    Before,
    /// It was fetched now.
    Now,
}

/// Brings one file into a folder, which is made where it is missing.
///
/// The mirrors are asked in their order. What one has given before it was cut is continued, by a range request, from the
/// next, or by the next call: it waits in the folder under the file's name with `.part` behind it. A server that doesn't know
/// ranges sends the whole. Only a file of the right length and SHA-256 gets its name; one with another checksum is thrown
/// away. A mirror is given up when nothing comes for `patience`.
///
/// `tell` hears how many bytes of the file are there.
///
/// # Errors
/// If another file has the name, another process fetches it, the folder can't be written to, or no mirror gives it: then the
/// error tells what was wrong with each.
pub fn fetch(
    file: &PublishedFile,
    mirrors: &[&str],
    folder: &Path,
    patience: Duration,
    tell: &mut dyn FnMut(u64),
) -> Result<Fetched, FetchError> {
    std::fs::create_dir_all(folder).map_err(|problem| FetchError::Folder {
        path: folder.to_owned(),
        problem,
    })?;
    let place = folder.join(file.name);
    if place.exists() {
        return match digest(&place)? {
            found if found == file.sha256 => Ok(Fetched::Before),
            found => Err(FetchError::Occupied {
                file: place,
                found,
                expected: file.sha256.to_owned(),
            }),
        };
    }
    let mut part = Part::open(folder.join(format!("{}.part", file.name)))?;
    let agent: Agent = Agent::config_builder()
        .max_redirects(MOST_REDIRECTS)
        .http_status_as_error(false)
        .timeout_resolve(Some(patience))
        .timeout_connect(Some(patience))
        .timeout_recv_response(Some(patience))
        .build()
        .into();
    let mut download = Download {
        file,
        agent,
        patience,
        tell,
    };
    let mut problems = Vec::new();
    for mirror in mirrors {
        let address = format!("{}/{}", mirror.trim_end_matches('/'), file.name);
        match download.whole(&mut part, &address)? {
            Ok(()) => {
                part.finish(&place)?;
                return Ok(Fetched::Now);
            }
            Err(problem) => problems.push((address, problem)),
        }
    }
    let kept = part.length()?;
    if kept == 0 {
        part.remove()?;
    }
    Err(FetchError::Mirrors {
        name: file.name.to_owned(),
        problems,
        kept,
        bytes: file.bytes,
    })
}

/// The file as far as it has come, locked against others who fetch it.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    fn open(path: PathBuf) -> Result<Self, FetchError> {
        let open = OpenOptions::new().append(true).create(true).open(&path);
        let file = open.map_err(|problem| failed(&path, problem))?;
        match file.try_lock() {
            Ok(()) => Ok(Part { path, file }),
            Err(TryLockError::WouldBlock) => Err(FetchError::Busy { file: path }),
            Err(TryLockError::Error(problem)) => Err(failed(&path, problem)),
        }
    }

    fn length(&self) -> Result<u64, FetchError> {
        let data = self.file.metadata();
        data.map(|data| data.len())
            .map_err(|problem| failed(&self.path, problem))
    }

    fn clear(&self) -> Result<(), FetchError> {
        (self.file.set_len(0)).map_err(|problem| failed(&self.path, problem))
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        (self.file.write_all(bytes)).map_err(|problem| failed(&self.path, problem))
    }

    /// Gives it its name.
    fn finish(self, place: &Path) -> Result<(), FetchError> {
        let Part { path, file } = self;
        let synced = file.sync_all();
        drop(file); // some systems don't rename what is open
        synced
            .and_then(|()| std::fs::rename(&path, place))
            .map_err(|problem| failed(&path, problem))
    }

    fn remove(self) -> Result<(), FetchError> {
        let Part { path, file } = self;
        drop(file);
        std::fs::remove_file(&path).map_err(|problem| failed(&path, problem))
    }
}

/// What is the same for all mirrors of a file.
struct Download<'a> {
    file: &'a PublishedFile,
    agent: Agent,
    patience: Duration,
    tell: &'a mut dyn FnMut(u64),
}

/// A part that is whole and right, or what is wrong with the mirror; and apart from that, what is wrong with the disk.
type Answer = Result<Result<(), MirrorProblem>, FetchError>;

impl Download<'_> {
    /// Makes the part whole and right.
    fn whole(&mut self, part: &mut Part, address: &str) -> Answer {
        loop {
            let before = part.length()?;
            if before > self.file.bytes {
                part.clear()?;
                continue;
            }
            if before < self.file.bytes
                && let Err(problem) = self.append(part, address, before)?
            {
                return Ok(Err(problem));
            }
            let found = digest(&part.path)?;
            if found == self.file.sha256 {
                return Ok(Ok(()));
            }
            part.clear()?;
            // What was there before may be what is wrong: once more, from the beginning.
            if before == 0 {
                return Ok(Err(MirrorProblem::Checksum {
                    found,
                    expected: self.file.sha256.to_owned(),
                }));
            }
        }
    }

    /// Appends the bytes from `from` on, or replaces all, if that is what the server sends.
    fn append(&mut self, part: &mut Part, address: &str, from: u64) -> Answer {
        let mut request = self.agent.get(address);
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        let answer = match request.call() {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(MirrorProblem::NoAnswer(error.to_string()))),
        };
        let mut there = match answer.status() {
            StatusCode::PARTIAL_CONTENT if begins_at(answer.headers(), from) => from,
            StatusCode::OK => {
                part.clear()?;
                0
            }
            StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PARTIAL_CONTENT if from > 0 => {
                part.clear()?;
                return self.append(part, address, 0);
            }
            status => return Ok(Err(MirrorProblem::Status(status.as_u16()))),
        };
        let expected = self.file.bytes - there;
        if let Some(found) = length(answer.headers()).filter(|length| *length != expected) {
            return Ok(Err(MirrorProblem::Length { found, expected }));
        }
        let body = Body::read(answer.into_body().into_reader(), self.patience);
        (self.tell)(there);
        loop {
            match body.next() {
                Ok(Some(block)) => {
                    there += block.len() as u64;
                    if there > self.file.bytes {
                        part.clear()?;
                        return Ok(Err(MirrorProblem::Longer(self.file.bytes)));
                    }
                    part.append(&block)?;
                    (self.tell)(there);
                }
                Ok(None) if there == self.file.bytes => return Ok(Ok(())),
                Ok(None) => {
                    let words = format!("{there} of {} bytes", self.file.bytes);
                    return Ok(Err(MirrorProblem::Cut(words)));
                }
                Err(problem) => return Ok(Err(problem)),
            }
        }
    }
}

/// Whether a partial answer begins at this byte.
fn begins_at(headers: &HeaderMap, from: u64) -> bool {
    let range = headers.get(header::CONTENT_RANGE);
    let range = range.and_then(|range| range.to_str().ok()).unwrap_or("");
    from > 0 && range.trim().starts_with(&format!("bytes {from}-"))
}

/// The length that an answer announces.
fn length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.trim().parse().ok()
}

/// SHA-256 of a file, in hexadecimal digits.
fn digest(path: &Path) -> Result<String, FetchError> {
    let read = || {
        let mut file = File::open(path)?;
        let mut sum = Sha256::new();
        let mut block = vec![0; 1 << 16];
        loop {
            match file.read(&mut block)? {
                0 => break,
                length => sum.update(&block[..length]),
            }
        }
        Ok(sum.finalize())
    };
    let sum = read().map_err(|problem| failed(path, problem))?;
    Ok(sum.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn failed(path: &Path, problem: std::io::Error) -> FetchError {
    FetchError::File {
        file: path.to_owned(),
        problem,
    }
}
