//! Which files of a folder are those of a data set, by their usual names.
//!
//! | set | training images | test images | labels |
//! |---|---|---|---|
//! | MNIST, Fashion-MNIST, KMNIST | `train-images-idx3-ubyte` | `t10k-images-idx3-ubyte` | `…-labels-idx1-ubyte` |
//! | EMNIST | `emnist-letters-train-images-idx3-ubyte` | `emnist-letters-test-images-idx3-ubyte` | `…-labels-idx1-ubyte` |
//! | QMNIST | `qmnist-train-images-idx3-ubyte` | `qmnist-test-images-idx3-ubyte` | `…-labels-idx2-int` |
//!
//! What stands before `train` is the set's prefix, whatever it is. `idx4` may stand for `idx3`, a point for the hyphen before
//! `idx`, and `.gz` may follow. A folder without such files may have them in the folders of torchvision: `raw`, `MNIST/raw`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::data::DataError;
use crate::data::file_kind::file_kind;

/// Usual name of the file with the training images.
pub const TRAIN_IMAGES: &str = "train-images-idx3-ubyte";
/// Usual name of the file with the training labels.
pub const TRAIN_LABELS: &str = "train-labels-idx1-ubyte";
/// Usual name of the file with the test images.
pub const TEST_IMAGES: &str = "t10k-images-idx3-ubyte";
/// Usual name of the file with the test labels.
pub const TEST_LABELS: &str = "t10k-labels-idx1-ubyte";

/// The four files of a data set that was found.
#[derive(Debug)]
pub(super) struct FoundSet {
    /// What stands before the usual names, such as `emnist-letters-`; mostly nothing.
    pub(super) prefix: String,
    /// Training images and labels, test images and labels.
    pub(super) files: [PathBuf; 4],
}

/// The data set of a path: that of a folder, or, where the path is no folder, that of the folder around whose files begin
/// with the path's last part and a hyphen.
///
/// # Errors
/// If there is none, or more than one, or one of its files is missing.
pub(super) fn find(path: &Path) -> Result<FoundSet, DataError> {
    if let Some((folder, prefix)) = prefixed(path) {
        return files(&folder, prefix);
    }
    check_folder(path)?;
    let own = prefixes(path);
    if own.iter().any(String::is_empty) {
        return files(path, String::new());
    }
    let mut sets: Vec<(PathBuf, String)> = Vec::new();
    sets.extend(own.into_iter().map(|prefix| (path.to_owned(), prefix)));
    if sets.is_empty() {
        for folder in inner(path) {
            let own = prefixes(&folder).into_iter();
            sets.extend(own.map(|prefix| (folder.clone(), prefix)));
        }
    }
    match sets.len() {
        // For the message: which file is missing.
        0 => files(path, String::new()),
        1 => {
            let (folder, prefix) = sets.swap_remove(0);
            files(&folder, prefix)
        }
        _ => {
            let names = sets.iter().map(|(folder, prefix)| {
                let set = match prefix.strip_suffix('-') {
                    Some(name) => folder.join(name),
                    None => folder.clone(),
                };
                set.display().to_string()
            });
            Err(DataError::SeveralSets {
                folder: path.to_owned(),
                sets: names.collect::<Vec<_>>().join(", "),
            })
        }
    }
}

/// The folder and the prefix of a path that is no file and no folder, but with which the names of files begin.
fn prefixed(path: &Path) -> Option<(PathBuf, String)> {
    if path.symlink_metadata().is_ok() {
        return None;
    }
    let prefix = format!("{}-", path.file_name()?.to_str()?);
    let folder = path.parent()?;
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    prefixes(folder)
        .contains(&prefix)
        .then(|| (folder.to_owned(), prefix))
}

/// What stands before the usual names of files of training images in a folder, in alphabetical order.
fn prefixes(folder: &Path) -> Vec<String> {
    let mut prefixes: Vec<String> = names(folder)
        .iter()
        .filter_map(|name| {
            let name = name.strip_suffix(".gz").unwrap_or(name);
            let name = name
                .strip_suffix("idx3-ubyte")
                .or(name.strip_suffix("idx4-ubyte"))?;
            let name = name
                .strip_suffix("train-images-")
                .or(name.strip_suffix("train-images."))?;
            (name.is_empty() || name.ends_with('-')).then(|| name.to_owned())
        })
        .collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    prefixes
}

/// The folders in which torchvision keeps the files of its data sets, below its root or below that of one set.
fn inner(path: &Path) -> Vec<PathBuf> {
    let inner = names(path).into_iter().map(|name| path.join(name));
    let places = inner.flat_map(|inner| [inner.join("raw"), inner]);
    places.filter(|place| place.is_dir()).collect()
}

/// The names in a folder, in alphabetical order; none of what is no folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

/// The four files of the set with this prefix.
fn files(folder: &Path, prefix: String) -> Result<FoundSet, DataError> {
    let usual = [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS];
    let mut files = usual.map(|_| PathBuf::new());
    for (file, usual) in files.iter_mut().zip(usual) {
        *file = existing(folder, &prefix, usual)?;
    }
    Ok(FoundSet { prefix, files })
}

/// The first of a file's usual names that exists in the folder.
fn existing(folder: &Path, prefix: &str, usual: &str) -> Result<PathBuf, DataError> {
    let mut names = Vec::new();
    for kind in [
        None,
        Some(("idx3-ubyte", "idx4-ubyte")),
        Some(("idx1-ubyte", "idx2-int")),
    ] {
        for part in ["t10k", "test"] {
            let name = usual.replacen("t10k", part, 1);
            let name = match kind {
                Some((usual, other)) => name.replacen(usual, other, 1),
                None => name,
            };
            let dotted = name.replacen("-idx", ".idx", 1);
            for name in [name, dotted] {
                names.push(format!("{prefix}{name}"));
                names.push(format!("{prefix}{name}.gz"));
            }
        }
    }
    let found = names.iter().map(|name| folder.join(name));
    let mut found = found.filter(|file| !is_missing(file));
    found.next().ok_or_else(|| DataError::Missing {
        file: folder.join(&names[0]),
        others: names[1..4].join(", "),
        contents: contents(folder),
    })
}

/// Whether nothing has this name; what can't be read is there.
fn is_missing(file: &Path) -> bool {
    let found = std::fs::symlink_metadata(file);
    found.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Refuses what is no folder, and says what it is.
fn check_folder(path: &Path) -> Result<(), DataError> {
    let failed = |problem| DataError::Read {
        file: path.to_owned(),
        problem,
    };
    let found = std::fs::metadata(path).map_err(failed)?;
    if found.is_dir() {
        return Ok(());
    }
    let mut start = Vec::new();
    if found.is_file() {
        let file = File::open(path).map_err(failed)?;
        file.take(16).read_to_end(&mut start).map_err(failed)?;
    }
    Err(DataError::NotAFolder {
        path: path.to_owned(),
        found: file_kind(&start).unwrap_or_else(|| "no folder".to_owned()),
    })
}

/// What a folder without one of the files holds, for a message.
fn contents(folder: &Path) -> String {
    /// Names that are shown.
    const SHOWN: usize = 6;
    let found = names(folder);
    let (shown, more) = found.split_at(SHOWN.min(found.len()));
    match (shown, more.len()) {
        ([], _) => "the folder is empty".to_owned(),
        (shown, 0) => format!("the folder holds {}", shown.join(", ")),
        (shown, more) => format!("the folder holds {} and {more} more", shown.join(", ")),
    }
}
