//! The folder of a comparison, from which an interrupted one continues.
//!
//! | file | what it is |
//! |---|---|
//! | `compare.json` | what is compared ([`CompareRequest`]) |
//! | `manifest.json` | version, processor, start and end, as for a [run](descender_record::manifest) |
//! | `shard.json` | which shard it is; not there for a whole comparison ([`Shard`]) |
//! | `trials.bin` | the finished descents ([`TrialStore`]) |
//! | `comparison.json`, `comparison.csv`, `report.html` | the result, at the end; a shard has none |

use std::fs;
use std::path::{Path, PathBuf};

use descender_task::Problem;

use crate::compare_request::CompareRequest;
use descender_compare::compare::{StoreError, TrialStore};
use descender_compare::comparison::Comparison;
use descender_compare::contender::Entry;
use descender_compare::shard::Shard;
use descender_record::manifest::{self, Manifest};
use descender_record::{FileError, JsonError, JsonFile, replace_file};
use descender_record::{FolderLock, FolderLockError};
use descender_report::{Facts, Report, RunReport, html};

/// The file that says which shard it is.
const SHARD: &str = "shard.json";

/// Why a comparison's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareFolderError {
    /// A comparison, a run or a reproduction is already there.
    #[error(
        "{} already holds a {kind}; choose another folder, or continue with: descender {} --resume {}",
        path.display(),
        match *kind {
            "run" => "train",
            "comparison" => "compare",
            _ => "reproduce",
        },
        path.display()
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// "comparison", "run" or "reproduction".
        kind: &'static str,
    },
    /// The folder holds no comparison that can be continued.
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

/// A folder that holds one comparison, claimed for this process.
#[derive(Debug)]
pub struct CompareFolder {
    path: PathBuf,
    request: CompareRequest,
    shard: Shard,
    _lock: FolderLock,
}

impl CompareFolder {
    /// Creates the folder (and its parents) and writes what is compared.
    ///
    /// # Errors
    /// [`CompareFolderError::Occupied`] if it holds a comparison or a run, otherwise what the system says.
    pub fn create(
        path: &Path,
        request: CompareRequest,
        shard: Shard,
        manifest: &Manifest,
    ) -> Result<Self, CompareFolderError> {
        Self::check_free(path)?;
        fs::create_dir_all(path).map_err(FileError::new("make the folder", path))?;
        let folder = Self {
            path: path.to_owned(),
            request,
            shard,
            _lock: FolderLock::claim(path)?,
        };
        // Again: another process may have had it between the look and the lock.
        Self::check_free(path)?;
        folder.write_manifest(manifest)?;
        if shard != Shard::WHOLE {
            folder.json(SHARD).write(&shard)?;
        }
        // Last: a folder with this file is a comparison that can go on.
        folder.json("compare.json").write(&folder.request)?;
        Ok(folder)
    }

    /// Rejects a folder that holds a comparison, a run or a reproduction.
    ///
    /// # Errors
    /// [`CompareFolderError::Occupied`].
    pub fn check_free(path: &Path) -> Result<(), CompareFolderError> {
        for (file, kind) in [
            ("config.toml", "run"),
            ("compare.json", "comparison"),
            ("reproduce.json", "reproduction"),
        ] {
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
            shard: (JsonFile::new(path.join(SHARD)).read_if_there()?).unwrap_or(Shard::WHOLE),
            _lock: FolderLock::claim(path)?,
        })
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is compared.
    #[must_use]
    pub fn request(&self) -> &CompareRequest {
        &self.request
    }

    /// Which shard of the comparison it is.
    #[must_use]
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// Opens the finished descents of a comparison of `entries` on `task`.
    ///
    /// # Errors
    /// [`CompareFolderError::Changed`] if these are not what the comparison began with; otherwise the store's error.
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
        self.finished()
    }

    /// The result, or `None` before there is one.
    ///
    /// # Errors
    /// The file is broken.
    pub fn comparison(&self) -> Result<Option<Comparison>, CompareFolderError> {
        read_comparison(&self.path)
    }

    /// Marks a shard as complete.
    ///
    /// # Errors
    /// The manifest cannot be written.
    pub fn complete_shard(&self) -> Result<(), CompareFolderError> {
        let mut manifest = self.manifest()?;
        manifest.ended = manifest::now();
        self.write_manifest(&manifest)
    }

    /// The finished descents, as they are.
    ///
    /// # Errors
    /// They can't be read, or belong to another comparison.
    pub fn finished(&self) -> Result<TrialStore, CompareFolderError> {
        Ok(TrialStore::open(
            &self.file("trials.bin"),
            self.request.identity(),
        )?)
    }

    /// Writes the result, its page, and at last the manifest, which marks the comparison as complete.
    ///
    /// # Errors
    /// A file cannot be written; the comparison is then not complete.
    pub fn complete(&self, comparison: &Comparison) -> Result<(), CompareFolderError> {
        self.json("comparison.json").write(comparison)?;
        comparison.write_csv(&self.path)?;
        let mut manifest = self.manifest()?;
        manifest.ended = manifest::now();
        let page = html(&Report {
            title: format!("Comparison on {}", comparison.task),
            runs: vec![report_of(&self.path, &manifest)?],
        });
        replace_file(&self.file("report.html"), page.as_bytes())?;
        self.write_manifest(&manifest)
    }

    /// The manifest; one that says nothing if the file is missing.
    ///
    /// # Errors
    /// The file is broken.
    pub fn manifest(&self) -> Result<Manifest, CompareFolderError> {
        read_manifest(&self.path, self.request.seed)
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

/// What is known so far of the comparison in the folder `path`. Another process may be working on it.
///
/// # Errors
/// It holds no comparison, or a file of it is broken.
pub fn comparison_report(path: &Path) -> Result<RunReport, CompareFolderError> {
    report_of(path, &JsonFile::new(path.join("manifest.json")).read()?)
}

fn report_of(path: &Path, manifest: &Manifest) -> Result<RunReport, CompareFolderError> {
    let request = read_request(path)?;
    Ok(RunReport {
        name: path.display().to_string(),
        facts: Facts {
            task: request.task,
            seed: request.seed,
            version: manifest.version.clone(),
            command: manifest.command.join(" "),
            threshold: request.threshold,
            more: vec![
                ("started".to_owned(), manifest.started.clone()),
                ("ended".to_owned(), manifest.ended.clone()),
            ],
            ..Facts::default()
        },
        comparison: read_comparison(path)?,
        ..RunReport::default()
    })
}

/// What is compared in the folder `path`.
fn read_request(path: &Path) -> Result<CompareRequest, CompareFolderError> {
    let found = JsonFile::new(path.join("compare.json")).read_if_there()?;
    found.ok_or_else(|| CompareFolderError::NoComparison(path.to_owned()))
}

fn read_manifest(path: &Path, seed: u64) -> Result<Manifest, CompareFolderError> {
    let found = JsonFile::new(path.join("manifest.json")).read_if_there()?;
    Ok(found.unwrap_or_else(|| Manifest::lost(seed)))
}

/// The result in the folder `path`, or `None` before there is one.
fn read_comparison(path: &Path) -> Result<Option<Comparison>, CompareFolderError> {
    Ok(JsonFile::new(path.join("comparison.json")).read_if_there()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_compare::compare::CompareSettings;
    use descender_compare::contender::{Contender, RecordedSchedule, Steering};
    use descender_optim::{HyperParameter, Method};
    use descender_task::Task;

    const SETTINGS: CompareSettings = CompareSettings {
        starts: 5,
        steps: 120,
        seed: 4,
        threshold: 0.6,
    };

    fn request() -> CompareRequest {
        CompareRequest {
            task: "mnist-small".to_owned(),
            against: "sgd:0.1".to_owned(),
            ..CompareRequest::default()
        }
        .with_settings(&SETTINGS)
    }

    #[test]
    fn a_folder_is_for_one_comparison_with_what_it_was_begun_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/comparison");
        let (task, entries) = (Task::small(), Entry::load_list("sgd:0.1").unwrap());
        let manifest = Manifest::start(Vec::new(), SETTINGS.seed, 1);
        let request = request().with_checksums(&task, &entries);
        let made = CompareFolder::create(&path, request.clone(), Shard::WHOLE, &manifest).unwrap();
        made.trials(&task, &entries).unwrap();
        let refused = |error: CompareFolderError, words: &str| {
            assert!(error.to_string().contains(words), "{error}");
        };
        // In use, and occupied.
        refused(CompareFolder::open(&path).unwrap_err(), "in use");
        let again = CompareFolder::create(&path, request.clone(), Shard::WHOLE, &manifest);
        refused(again.unwrap_err(), "--resume");
        drop(made);
        let opened = CompareFolder::open(&path).unwrap();
        assert_eq!(
            (opened.request(), opened.request().settings()),
            (&request, SETTINGS)
        );
        // Another method, another number of them, other data.
        let rates = (HyperParameter::LearningRate, vec![0.1]);
        let schedule = RecordedSchedule::new(vec![rates]).unwrap();
        let other = vec![Contender::rival(
            "sgd:0.1",
            Method::Sgd,
            Steering::Recorded(schedule),
        )];
        let other: Vec<Entry> = other.into_iter().map(Entry::from).collect();
        refused(
            opened.trials(&task, &other).unwrap_err(),
            "`sgd:0.1` has changed",
        );
        refused(opened.trials(&task, &[]).unwrap_err(), "list of methods");
        let mut changed = Task::small();
        let mut data = (*changed.train).clone();
        data.inputs[0] += 0.5;
        changed.train = data.into();
        refused(
            opened.trials(&changed, &entries).unwrap_err(),
            "`mnist-small` has changed",
        );
        opened.trials(&task, &entries).unwrap();
        drop(opened);
        // Settings changed by hand: the descents belong to others.
        let file = path.join("compare.json");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("\"steps\": 120", "\"steps\": 130")).unwrap();
        let opened = CompareFolder::open(&path).unwrap();
        refused(
            opened.trials(&task, &entries).unwrap_err(),
            "another comparison",
        );
        drop(opened);
        std::fs::write(&file, "{}").unwrap();
        refused(CompareFolder::open(&path).unwrap_err(), "compare.json");
        refused(
            CompareFolder::open(folder.path()).unwrap_err(),
            "no compare.json",
        );
    }

    #[test]
    fn a_comparison_without_its_page_is_not_complete() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("comparison");
        let (task, entries) = (Task::small(), Entry::load_list("sgd:0.1").unwrap());
        let manifest = Manifest::start(Vec::new(), SETTINGS.seed, 1);
        let folder = CompareFolder::create(&path, request(), Shard::WHOLE, &manifest).unwrap();
        let never = descender_env::Stop::default();
        let result =
            descender_compare::compare::compare(&task, &entries, &SETTINGS, &never, &|_| {});
        let comparison = result.unwrap();
        // Nothing can be written in the place of the page.
        let page = path.join("report.html");
        std::fs::create_dir_all(page.join("in the way")).unwrap();
        folder.complete(&comparison).unwrap_err();
        assert_eq!(folder.manifest().unwrap().ended, "");
        std::fs::remove_dir_all(&page).unwrap();
        folder.complete(&comparison).unwrap();
        let ended = folder.manifest().unwrap().ended;
        assert!(!ended.is_empty());
        let page = std::fs::read_to_string(&page).unwrap();
        assert!(page.contains(&ended), "the page says when it ended");
    }
}
