//! Results by number, computed side by side and kept in a file line by line, so that what a kill leaves is not lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use descender_env::Stop;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Why results can't be kept.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot keep the results", path.display())]
pub struct KeepError {
    /// The file.
    path: PathBuf,
    source: io::Error,
}

#[derive(Serialize, Deserialize)]
struct Line<T> {
    number: u64,
    result: T,
}

/// The result of `compute` for each of the numbers, in their order; `None` after a stop. Those that are in the file are
/// not computed again, and the others are written to it as they come. `progress` is told how many there are.
///
/// # Errors
/// [`KeepError`], or what `compute` returns.
pub(crate) fn results<T, E>(
    file: Option<&Path>,
    numbers: impl IntoIterator<Item = u64>,
    stop: &Stop,
    progress: &(dyn Fn(u64) + Sync),
    compute: impl Fn(u64) -> Result<T, E> + Sync,
) -> Result<Option<Vec<T>>, E>
where
    T: Serialize + DeserializeOwned + Send,
    E: From<KeepError> + Send,
{
    let keep = |source, path: &Path| KeepError {
        path: path.to_owned(),
        source,
    };
    let (mut known, log) = match file {
        None => (BTreeMap::new(), None),
        Some(path) => {
            let (known, log) = open(path).map_err(|error| keep(error, path))?;
            (known, Some((path, Mutex::new(log))))
        }
    };
    let numbers: BTreeSet<u64> = numbers.into_iter().collect();
    known.retain(|number, _| numbers.contains(number));
    let done = AtomicU64::new(known.len() as u64);
    progress(known.len() as u64);
    let missing: Vec<u64> = numbers
        .into_iter()
        .filter(|number| !known.contains_key(number))
        .collect();
    let computed: Vec<Option<(u64, T)>> = missing
        .into_par_iter()
        .map(|number| {
            if stop.requested() {
                return Ok(None);
            }
            let line = Line {
                number,
                result: compute(number)?,
            };
            if let Some((path, log)) = &log {
                let mut text = serde_json::to_string(&line)
                    .expect("numbers and lists of them always have a text form");
                text.push('\n');
                let mut log = log
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                log.write_all(text.as_bytes())
                    .map_err(|error| keep(error, path))?;
            }
            progress(1 + done.fetch_add(1, Ordering::Relaxed));
            Ok(Some((number, line.result)))
        })
        .collect::<Result<_, E>>()?;
    if computed.iter().any(Option::is_none) {
        return Ok(None);
    }
    known.extend(computed.into_iter().flatten());
    Ok(Some(known.into_values().collect()))
}

/// The numbers of the results in a file; none if there is no file.
///
/// # Errors
/// It can't be read.
pub(crate) fn numbers_in(path: &Path) -> Result<BTreeSet<u64>, KeepError> {
    if !path.exists() {
        return Ok(BTreeSet::new());
    }
    let known = open::<serde_json::Value>(path).map_err(|source| KeepError {
        path: path.to_owned(),
        source,
    })?;
    Ok(known.0.into_keys().collect())
}

/// The results in the files of a folder whose names begin with `name.` and end with `.jsonl`: those that several programs keep
/// of one list of numbers, each in a file of its own. Files are read as far as they have whole lines: others may still
/// write to them.
///
/// # Errors
/// The folder or a file can't be read.
pub(crate) fn results_of_all<T: DeserializeOwned>(
    folder: &Path,
    name: &str,
) -> Result<BTreeMap<u64, T>, KeepError> {
    let unreadable = |source| KeepError {
        path: folder.to_owned(),
        source,
    };
    let mut known = BTreeMap::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let file_name = path.file_name().and_then(|name| name.to_str());
        let is_one = file_name
            .and_then(|file| file.strip_prefix(name)?.strip_suffix(".jsonl"))
            .is_some_and(|middle| middle.is_empty() || middle.starts_with('.'));
        if !is_one {
            continue;
        }
        let mut reader = File::open(&path).map(BufReader::new).map_err(unreadable)?;
        while let Some((number, result, _)) = next_line(&mut reader).map_err(unreadable)? {
            known.insert(number, result);
        }
    }
    Ok(known)
}

/// The next result, with the length of its line; `None` where no whole line follows.
fn next_line<T: DeserializeOwned>(
    reader: &mut BufReader<impl io::Read>,
) -> io::Result<Option<(u64, T, u64)>> {
    let mut text = Vec::new();
    let length = reader.read_until(b'\n', &mut text)? as u64;
    let line: Option<Line<T>> = (text.last() == Some(&b'\n'))
        .then(|| serde_json::from_slice(&text).ok())
        .flatten();
    Ok(line.map(|line| (line.number, line.result, length)))
}

/// The results of a file, which is cut after the last whole line, and the file, open at its end.
fn open<T: DeserializeOwned>(path: &Path) -> io::Result<(BTreeMap<u64, T>, File)> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)?;
    let (mut known, mut whole) = (BTreeMap::new(), 0);
    let mut reader = BufReader::new(&file);
    while let Some((number, result, length)) = next_line(&mut reader)? {
        known.insert(number, result);
        whole += length;
    }
    file.set_len(whole)?;
    file.seek(io::SeekFrom::Start(whole))?;
    Ok((known, file))
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn squares(file: &Path, numbers: Range<u64>, computed: &AtomicU64) -> Vec<u64> {
        let compute = |number| {
            computed.fetch_add(1, Ordering::Relaxed);
            Ok::<u64, KeepError>(number * number)
        };
        let results = results(Some(file), numbers, &Stop::default(), &|_| {}, compute);
        results.ok().flatten().unwrap_or_default()
    }

    #[test]
    fn what_is_in_the_file_is_not_computed_again_and_a_torn_line_is() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("squares.jsonl");
        let computed = AtomicU64::new(0);
        assert_eq!(squares(&file, 0..4, &computed), [0, 1, 4, 9]);
        let text = std::fs::read_to_string(&file).expect("it was written");
        std::fs::write(&file, &text[..text.len() - 3]).expect("it can be written");
        assert_eq!(squares(&file, 0..6, &computed), [0, 1, 4, 9, 16, 25]);
        assert_eq!(computed.into_inner(), 4 + 1 + 2);
    }

    #[test]
    fn a_stop_returns_nothing_and_keeps_what_there_is() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("squares.jsonl");
        let stop = Stop::default();
        stop.request();
        let none = results(Some(&file), 0..4, &stop, &|_| {}, Ok::<u64, KeepError>);
        assert!(none.is_ok_and(|none| none.is_none()));
        assert_eq!(squares(&file, 1..3, &AtomicU64::new(0)), [1, 4]);
    }
}
