//! The folder and its files.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::episodes_file::EpisodesFile;
use super::error::RunFolderError;
use descender_compare::behaviour::Behaviour;
use descender_compare::comparison::Comparison;
use descender_record::FolderLock;
use descender_record::Manifest;
use descender_record::checkpoint;
use descender_record::{CheckpointError, FileError, JsonFile, read_text, replace_file};
use descender_train::CandidateScore;
use descender_train::configuration::{Configuration, Resolver};
use descender_train::episode_record::EpisodeRecord;

/// The most bytes of `config.toml`.
const MOST_BYTES: u64 = 1 << 20;

/// A folder that holds one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Creates the folder (and its parents) and writes settings and manifest.
    ///
    /// # Errors
    /// [`RunFolderError::Occupied`] if it holds a run, otherwise what the system says.
    pub fn create(
        path: &Path,
        configuration: &Configuration,
        manifest: &Manifest,
    ) -> Result<Self, RunFolderError> {
        let folder = Self {
            path: path.to_owned(),
        };
        let files = [
            "config.toml",
            "manifest.json",
            "episodes.jsonl",
            "checkpoint/state",
        ];
        let results = [
            "controller.safetensors",
            "selection.json",
            "behaviour.json",
            "comparison.json",
            "report.html",
        ];
        if files
            .iter()
            .chain(&results)
            .any(|name| folder.file(name).exists())
        {
            return Err(RunFolderError::Occupied(path.to_owned()));
        }
        let checkpoints = folder.file("checkpoint");
        fs::create_dir_all(&checkpoints)
            .map_err(FileError::new("make the folder", &checkpoints))?;
        folder.write_manifest(manifest)?;
        // Last: a folder with settings is a run that can be resumed.
        replace_file(
            &folder.file("config.toml"),
            configuration.to_toml().as_bytes(),
        )?;
        Ok(folder)
    }

    /// Opens a folder that holds a run.
    ///
    /// # Errors
    /// [`RunFolderError::NoRun`].
    pub fn open(path: &Path) -> Result<Self, RunFolderError> {
        let folder = Self {
            path: path.to_owned(),
        };
        let settings = folder.file("config.toml");
        match fs::metadata(&settings) {
            Ok(found) if found.is_file() => Ok(folder),
            Ok(_) => Err(RunFolderError::NoRun(path.to_owned())),
            Err(source) => match FileError::new("read", &settings)(source) {
                error if error.is_missing() => Err(RunFolderError::NoRun(path.to_owned())),
                error => Err(error.into()),
            },
        }
    }

    /// Claims the run for this process, until the lock is dropped or the process ends, however it ends.
    ///
    /// # Errors
    /// Another process has it, or the lock file cannot be made.
    pub fn lock(&self) -> Result<FolderLock, RunFolderError> {
        Ok(FolderLock::claim(&self.path)?)
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The run's settings.
    ///
    /// # Errors
    /// The file is missing or rejected.
    pub fn configuration(&self) -> Result<Configuration, RunFolderError> {
        let path = self.file("config.toml");
        let text = read_text(&path, MOST_BYTES)?;
        Resolver::complete(&text).map_err(|source| RunFolderError::Configuration { path, source })
    }

    /// The run's manifest; one that says nothing if the file is missing.
    ///
    /// # Errors
    /// The file is broken.
    pub fn manifest(&self) -> Result<Manifest, RunFolderError> {
        match self.json("manifest.json").read_if_there()? {
            Some(manifest) => Ok(manifest),
            None => Ok(Manifest::lost(self.configuration()?.seed)),
        }
    }

    /// Replaces the manifest.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), RunFolderError> {
        Ok(self.json("manifest.json").write(manifest)?)
    }

    /// The comparison, or `None` before it was made.
    ///
    /// # Errors
    /// The file is broken.
    pub fn comparison(&self) -> Result<Option<Comparison>, RunFolderError> {
        Ok(self.json("comparison.json").read_if_there()?)
    }

    /// Replaces the comparison.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_comparison(&self, comparison: &Comparison) -> Result<(), RunFolderError> {
        Ok(self.json("comparison.json").write(comparison)?)
    }

    /// How the controller behaved, or `None` before it was recorded.
    ///
    /// # Errors
    /// The file is broken.
    pub fn behaviour(&self) -> Result<Option<Behaviour>, RunFolderError> {
        Ok(self.json("behaviour.json").read_if_there()?)
    }

    /// Replaces the record of the controller's behaviour.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_behaviour(&self, behaviour: &Behaviour) -> Result<(), RunFolderError> {
        Ok(self.json("behaviour.json").write(behaviour)?)
    }

    /// The scores of the candidates for the controller; empty before the choice.
    ///
    /// # Errors
    /// The file is broken.
    pub fn selection(&self) -> Result<Vec<CandidateScore>, RunFolderError> {
        let scores = self.json("selection.json").read_if_there()?;
        Ok(scores.unwrap_or_default())
    }

    /// Replaces the scores of the candidates.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_selection(&self, candidates: &[CandidateScore]) -> Result<(), RunFolderError> {
        Ok(self.json("selection.json").write(candidates)?)
    }

    /// Replaces a text file of the folder.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), RunFolderError> {
        Ok(replace_file(&self.file(name), text.as_bytes())?)
    }

    /// The checkpoint's state, or `None` if none was written yet.
    ///
    /// # Errors
    /// The file cannot be read or is broken.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>, RunFolderError> {
        match checkpoint::read(&self.file("checkpoint/state")) {
            Err(CheckpointError::File(error)) if error.is_missing() => Ok(None),
            result => Ok(Some(result?)),
        }
    }

    /// Replaces the checkpoint.
    ///
    /// # Errors
    /// The file cannot be written; the old one is then still there.
    pub fn write_checkpoint(&self, state: &impl Serialize) -> Result<(), RunFolderError> {
        Ok(checkpoint::write(&self.file("checkpoint/state"), state)?)
    }

    /// Rejects a folder that has episodes but no checkpoint to continue from.
    ///
    /// # Errors
    /// [`RunFolderError::NoCheckpoint`].
    pub fn refuse_orphans(&self) -> Result<(), RunFolderError> {
        let orphans = fs::metadata(self.file("episodes.jsonl")).is_ok_and(|found| found.len() > 0);
        if orphans && !self.file("checkpoint/state").exists() {
            return Err(RunFolderError::NoCheckpoint(self.path.clone()));
        }
        Ok(())
    }

    /// The episodes that have ended, in the order in which they began; none before the first has ended. The file has
    /// them in the order in which they ended.
    ///
    /// # Errors
    /// The file is broken.
    pub fn episodes(&self) -> Result<Vec<EpisodeRecord>, RunFolderError> {
        let path = self.file("episodes.jsonl");
        if !path.exists() {
            return Ok(Vec::new());
        }
        let mut episodes = EpisodeRecord::read_all(&path)?;
        episodes.sort_by_key(|record| record.episode);
        Ok(episodes)
    }

    /// Opens the file of the episodes for appending, cut back to `length` bytes.
    ///
    /// # Errors
    /// It cannot be opened, or is shorter than `length`.
    pub fn episodes_from(&self, length: u64) -> Result<EpisodesFile, RunFolderError> {
        EpisodesFile::open(self.file("episodes.jsonl"), length)
    }

    fn json(&self, name: &str) -> JsonFile {
        JsonFile::new(self.file(name))
    }
}
