//! The folder of a comparison, from which an interrupted one goes on.
//!
//! | file | what it is |
//! |---|---|
//! | `compare.json` | what is compared ([`CompareRequest`]) |
//! | `manifest.json` | version, processor, start and end, as of a [run](descender_record::manifest) |
//! | `trials.bin` | the finished descents ([`TrialStore`]) |
//! | `comparison.json`, `report.html` | the result, at the end |

use std::fs;
use std::path::{Path, PathBuf};

use descender_task::Problem;
use serde::{Deserialize, Serialize};

use super::{CompareSettings, StoreError, TrialStore};
use crate::baseline::{Entry, Steering};
use crate::comparison::Comparison;
use crate::report::{Facts, Report, RunReport, html};
use descender_record::manifest::{self, Manifest};
use descender_record::settings_text::shortest;
use descender_record::{FileError, JsonError, JsonFile, replace_file};
use descender_record::{FolderLock, FolderLockError};

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
    /// Something can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A JSON file can't be used.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Another process is at work there.
    #[error(transparent)]
    Lock(#[from] FolderLockError),
    /// The finished descents cannot be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    pub fn with_checksums(self, problem: &dyn Problem, entries: &[Entry]) -> Self {
        let of_entry = |entry: &Entry| checksum(entry.name(), &content(entry));
        let checksums = std::iter::once(checksum(problem.name(), problem.identity().as_bytes()))
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
        fs::create_dir_all(path).map_err(FileError::new("make the folder", path))?;
        let folder = Self {
            path: path.to_owned(),
            request,
            _lock: FolderLock::claim(path)?,
        };
        folder.write_manifest(manifest)?;
        // Last: a folder with this file is a comparison that can go on.
        folder.json("compare.json").write(&folder.request)?;
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
    pub fn trials(
        &self,
        problem: &dyn Problem,
        entries: &[Entry],
    ) -> Result<TrialStore, CompareFolderError> {
        let found = self.request.clone().with_checksums(problem, entries);
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
        self.json("comparison.json").write(comparison)?;
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
        Ok(self.json("manifest.json").read()?)
    }

    /// Replaces the manifest.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), CompareFolderError> {
        Ok(self.json("manifest.json").write(manifest)?)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn json(&self, name: &str) -> JsonFile {
        JsonFile::new(self.file(name))
    }
}

impl RunReport {
    /// What there is of the comparison in the folder `path`, which another process may be at work on.
    ///
    /// # Errors
    /// It holds no comparison, or a file of it is broken.
    pub fn of_comparison(path: &Path) -> Result<Self, CompareFolderError> {
        let request = read_request(path)?;
        let manifest: Manifest = JsonFile::new(path.join("manifest.json")).read()?;
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
        true => Ok(JsonFile::new(file).read()?),
        false => Err(CompareFolderError::NoComparison(path.to_owned())),
    }
}

/// The result in the folder `path`, or `None` before there is one.
fn read_comparison(path: &Path) -> Result<Option<Comparison>, CompareFolderError> {
    Ok(JsonFile::new(path.join("comparison.json")).read_if_there()?)
}
