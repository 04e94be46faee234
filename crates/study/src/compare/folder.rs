//! The folder of a comparison, from which an interrupted one goes on.
//!
//! | file | what it is |
//! |---|---|
//! | `compare.json` | what is compared ([`CompareRequest`]) |
//! | `manifest.json` | version, processor, start and end, as of a [run](crate::manifest) |
//! | `trials.bin` | the finished descents ([`TrialStore`]) |
//! | `comparison.json`, `report.html` | the result, at the end |

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use descender_task::Task;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{CompareSettings, StoreError, TrialStore};
use crate::baseline::{Entry, Steering};
use crate::checkpoint::{CheckpointError, replace_file};
use crate::comparison::Comparison;
use crate::configuration::shortest;
use crate::folder_lock::{FolderLock, FolderLockError};
use crate::manifest::{self, Manifest};
use crate::report::{Facts, Report, RunReport, html};

/// What is compared, so that the comparison can go on elsewhere and later.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareRequest {
    /// The name of the task.
    pub task: String,
    /// The folder of the task's data, if it needs one.
    pub data: Option<PathBuf>,
    /// The file of the controller, or a run folder that holds it.
    pub controller: Option<PathBuf>,
    /// η that the controller's descents begin with, instead of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_learning_rate: Option<f64>,
    /// The list of competitors.
    pub against: String,
    /// Start points.
    pub starts: u64,
    /// Steps of each descent.
    pub steps: u64,
    /// Seed of the start points and of the bootstrap.
    pub seed: u64,
    /// A batch loss at or below this is a hit.
    pub threshold: f64,
    /// The folder that relative file names begin at.
    pub directory: PathBuf,
    /// Checksums of the task's data and of each entry with the files that it names.
    pub checksums: Vec<Checksum>,
}

/// The checksum of something that a comparison depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// What it is of.
    pub name: String,
    /// CRC-32, hexadecimal.
    pub crc32: String,
}

/// Why a comparison's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareFolderError {
    /// A comparison or a run is already there.
    #[error(
        "{} already holds a {kind}; choose another folder, or continue with: descender {} --resume {}",
        path.display(),
        if *kind == "run" { "train" } else { "compare" },
        path.display()
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// "comparison" or "run".
        kind: &'static str,
    },
    /// The folder holds no comparison that can go on.
    #[error("{} holds no comparison to go on with: it has no compare.json", .0.display())]
    NoComparison(PathBuf),
    /// Something that the comparison depends on is not what it was.
    #[error("{}: {what} has changed since the comparison was begun; it cannot go on", path.display())]
    Changed {
        /// The file of the settings.
        path: PathBuf,
        /// What has changed.
        what: String,
    },
    /// Reading or writing failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// "read", "make the folder", ….
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A JSON file is broken.
    #[error("{}: {message}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Another process is at work there.
    #[error(transparent)]
    Lock(#[from] FolderLockError),
    /// The finished descents cannot be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] CheckpointError),
}

impl CompareRequest {
    /// The settings of the comparison.
    #[must_use]
    pub fn settings(&self) -> CompareSettings {
        CompareSettings {
            starts: self.starts,
            steps: self.steps,
            seed: self.seed,
            threshold: self.threshold as f32,
        }
    }

    /// Notes `settings`.
    #[must_use]
    pub fn with_settings(self, settings: &CompareSettings) -> Self {
        Self {
            starts: settings.starts,
            steps: settings.steps,
            seed: settings.seed,
            threshold: shortest(settings.threshold),
            ..self
        }
    }

    /// Notes what the comparison depends on.
    #[must_use]
    pub fn with_checksums(self, task: &Task, entries: &[Entry]) -> Self {
        let of_entry = |entry: &Entry| checksum(entry.name(), &content(entry));
        let checksums = std::iter::once(checksum(&task.name, &data(task)))
            .chain(entries.iter().map(of_entry))
            .collect();
        Self { checksums, ..self }
    }

    /// A checksum of all of it.
    fn identity(&self) -> u32 {
        let json = serde_json::to_vec(self).expect("plain data can be written as JSON");
        crc32fast::hash(&json)
    }
}

fn checksum(name: &str, content: &[u8]) -> Checksum {
    Checksum {
        name: name.to_owned(),
        crc32: format!("{:08x}", crc32fast::hash(content)),
    }
}

/// Everything that an entry's descents depend on, besides the settings of the comparison and its controller.
fn content(entry: &Entry) -> Vec<u8> {
    match entry {
        Entry::Ready(competitor) => {
            let mut content = competitor.settings().to_string().into_bytes();
            match &competitor.steering {
                Steering::Recorded(schedule) => {
                    for (_, values) in schedule.columns() {
                        content.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                    }
                }
                Steering::Controller(controller) => content.extend(controller.to_bytes()),
                _ => {}
            }
            content
        }
        Entry::Control(control) => control.name().into(),
        Entry::Tuned(tuned) => {
            let any = tuned.at(1.0).settings();
            format!("{any} {:?} {}", tuned.grid, tuned.starts).into_bytes()
        }
    }
}

/// The task's data, in bytes.
fn data(task: &Task) -> Vec<u8> {
    let mut bytes = format!("{:?}", task.network.specification()).into_bytes();
    for data in [&task.train, &task.validation] {
        bytes.extend(&data.labels);
        bytes.extend(data.inputs.iter().flat_map(|value| value.to_le_bytes()));
    }
    bytes
}

/// A folder that holds one comparison, claimed for this process.
#[derive(Debug)]
pub struct CompareFolder {
    path: PathBuf,
    request: CompareRequest,
    _lock: FolderLock,
}

impl CompareFolder {
    /// Makes the folder (and those above it) and writes what is compared.
    ///
    /// # Errors
    /// [`CompareFolderError::Occupied`] if it holds a comparison or a run, otherwise what the system says.
    pub fn create(
        path: &Path,
        request: CompareRequest,
        manifest: &Manifest,
    ) -> Result<Self, CompareFolderError> {
        Self::check_free(path)?;
        fs::create_dir_all(path).map_err(|source| CompareFolderError::Io {
            action: "make the folder",
            path: path.to_owned(),
            source,
        })?;
        let folder = Self {
            path: path.to_owned(),
            request,
            _lock: FolderLock::claim(path)?,
        };
        folder.write_manifest(manifest)?;
        // Last: a folder with this file is a comparison that can go on.
        folder.write_json("compare.json", &folder.request)?;
        Ok(folder)
    }

    /// Refuses a folder that holds a comparison or a run.
    ///
    /// # Errors
    /// [`CompareFolderError::Occupied`].
    pub fn check_free(path: &Path) -> Result<(), CompareFolderError> {
        for (file, kind) in [("config.toml", "run"), ("compare.json", "comparison")] {
            if path.join(file).exists() {
                let path = path.to_owned();
                return Err(CompareFolderError::Occupied { path, kind });
            }
        }
        Ok(())
    }

    /// Opens a folder that holds a comparison.
    ///
    /// # Errors
    /// [`CompareFolderError`].
    pub fn open(path: &Path) -> Result<Self, CompareFolderError> {
        Ok(Self {
            path: path.to_owned(),
            request: read_request(path)?,
            _lock: FolderLock::claim(path)?,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is compared.
    #[must_use]
    pub fn request(&self) -> &CompareRequest {
        &self.request
    }

    /// Opens the finished descents of a comparison of `entries` on `task`.
    ///
    /// # Errors
    /// [`CompareFolderError::Changed`] if these are not what the comparison was begun with; the store's.
    pub fn trials(&self, task: &Task, entries: &[Entry]) -> Result<TrialStore, CompareFolderError> {
        let found = self.request.clone().with_checksums(task, entries);
        let known = &self.request.checksums;
        let changed = (known.iter().zip(&found.checksums))
            .find(|(known, found)| known != found)
            .map(|(known, _)| format!("`{}`", known.name));
        let changed = match changed {
            None if known.len() != found.checksums.len() => Some("the list of methods".to_owned()),
            changed => changed,
        };
        if let Some(what) = changed {
            let path = self.file("compare.json");
            return Err(CompareFolderError::Changed { path, what });
        }
        Ok(TrialStore::open(
            &self.file("trials.bin"),
            self.request.identity(),
        )?)
    }

    /// The result, or `None` before there is one.
    ///
    /// # Errors
    /// The file is broken.
    pub fn comparison(&self) -> Result<Option<Comparison>, CompareFolderError> {
        read_comparison(&self.path)
    }

    /// Writes the result and, with it, that the comparison is complete; then its page.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn complete(&self, comparison: &Comparison) -> Result<(), CompareFolderError> {
        self.write_json("comparison.json", comparison)?;
        let mut manifest = self.manifest()?;
        manifest.ended = manifest::now();
        self.write_manifest(&manifest)?;
        let page = html(&Report {
            title: format!("Comparison on {}", comparison.task),
            runs: vec![RunReport::of_comparison(&self.path)?],
        });
        Ok(replace_file(&self.file("report.html"), page.as_bytes())?)
    }

    /// The manifest.
    ///
    /// # Errors
    /// The file is missing or broken.
    pub fn manifest(&self) -> Result<Manifest, CompareFolderError> {
        read_json(&self.file("manifest.json"))
    }

    /// Replaces the manifest.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), CompareFolderError> {
        self.write_json("manifest.json", manifest)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn write_json(&self, name: &str, content: &impl Serialize) -> Result<(), CompareFolderError> {
        let path = self.file(name);
        let mut text =
            serde_json::to_string_pretty(content).map_err(|error| CompareFolderError::Json {
                path: path.clone(),
                message: error.to_string(),
            })?;
        text.push('\n');
        Ok(replace_file(&path, text.as_bytes())?)
    }
}

impl RunReport {
    /// What there is of the comparison in the folder `path`, which another process may be at work on.
    ///
    /// # Errors
    /// It holds no comparison, or a file of it is broken.
    pub fn of_comparison(path: &Path) -> Result<Self, CompareFolderError> {
        let request = read_request(path)?;
        let manifest: Manifest = read_json(&path.join("manifest.json"))?;
        Ok(Self {
            name: path.display().to_string(),
            facts: Facts {
                task: request.task,
                seed: request.seed,
                version: manifest.version,
                command: manifest.command.join(" "),
                threshold: request.threshold,
                more: vec![
                    ("started".to_owned(), manifest.started),
                    ("ended".to_owned(), manifest.ended),
                ],
                ..Facts::default()
            },
            comparison: read_comparison(path)?,
            ..Self::default()
        })
    }
}

/// What is compared in the folder `path`.
fn read_request(path: &Path) -> Result<CompareRequest, CompareFolderError> {
    let file = path.join("compare.json");
    match file.is_file() {
        true => read_json(&file),
        false => Err(CompareFolderError::NoComparison(path.to_owned())),
    }
}

/// The result in the folder `path`, or `None` before there is one.
fn read_comparison(path: &Path) -> Result<Option<Comparison>, CompareFolderError> {
    let file = path.join("comparison.json");
    match file.exists() {
        true => read_json(&file).map(Some),
        false => Ok(None),
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, CompareFolderError> {
    let text = fs::read_to_string(path).map_err(|source| CompareFolderError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|error| CompareFolderError::Json {
        path: path.to_owned(),
        message: error.to_string(),
    })
}
