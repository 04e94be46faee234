//! The folder of a reproduction and its files.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::finding::Finding;
use super::{
    Budget, Context, Fig1, Fig2, Fig3, Fig4, Fig5, FigureData, FigureName, ReproduceEvent,
    Reproduction,
};
use crate::run_folder::RunFolderError;
use crate::train::TrainError;
use descender_record::{
    FileError, FolderLock, FolderLockError, JsonError, JsonFile, manifest, replace_file,
};

/// Why a reproduction is not complete.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReproduceError {
    /// A stop was asked for; what is done is kept.
    #[error("stopped")]
    Stopped,
    /// The folder holds a reproduction with another budget, seed or task.
    #[error(
        "{} holds a reproduction with budget {}, seed {} and task {}; continue that one, or choose another folder",
        path.display(), found.budget.name(), found.seed, found.task
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        found: Box<Identity>,
    },
    /// A sub-folder holds a run with other settings than the reproduction's.
    #[error("{} holds a run with other settings than this reproduction needs; move it away, or choose another folder", .0.display())]
    OtherSettings(PathBuf),
    /// Another process is at work in the folder, or it cannot be claimed.
    #[error(transparent)]
    Lock(#[from] FolderLockError),
    /// The folder holds no reproduction.
    #[error("{} holds no reproduction: it has no reproduce.json", .0.display())]
    NoReproduction(PathBuf),
    /// A training kept no policy after so many episodes.
    #[error("{}: its checkpoint holds no policy after {episodes} episodes", path.display())]
    NoPolicy {
        /// The run folder.
        path: PathBuf,
        /// The episodes.
        episodes: u64,
    },
    /// Something can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A JSON file can't be used.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A run folder cannot be used.
    #[error(transparent)]
    RunFolder(#[from] RunFolderError),
    /// A training failed, or a descent cannot be made.
    #[error(transparent)]
    Train(TrainError),
}

impl From<TrainError> for ReproduceError {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Stopped => Self::Stopped,
            error => Self::Train(error),
        }
    }
}

/// `reproduce.json`: which reproduction a folder holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The version of the program that began it.
    pub version: String,
    /// The command that was given last.
    pub command: Vec<String>,
    /// The figures that it asked for.
    pub figures: Vec<FigureName>,
    /// The budget.
    pub budget: Budget,
    /// The seed.
    pub seed: u64,
    /// The task.
    pub task: String,
    /// The folder of the task's data; empty for the embedded ones.
    pub data: String,
    /// When it was begun (UTC, RFC 3339).
    pub started: String,
    /// When all the figures of the last command were there; empty before.
    pub ended: String,
}

impl Identity {
    /// The identity of the reproduction in a folder.
    ///
    /// # Errors
    /// [`ReproduceError::NoReproduction`]; the file cannot be read.
    pub fn read(folder: &Path) -> Result<Self, ReproduceError> {
        let path = folder.join("reproduce.json");
        if !path.is_file() {
            return Err(ReproduceError::NoReproduction(folder.to_owned()));
        }
        Ok(JsonFile::new(path).read()?)
    }

    fn of(reproduction: &Reproduction<'_>) -> Self {
        let configuration = &reproduction.plan.random;
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: reproduction.command.clone(),
            figures: reproduction.figures.clone(),
            budget: reproduction.plan.budget,
            seed: configuration.seed,
            task: configuration.task.clone(),
            data: configuration.data.clone(),
            started: manifest::now(),
            ended: String::new(),
        }
    }

    fn is_same_reproduction(&self, other: &Self) -> bool {
        (self.budget, self.seed, &self.task, &self.data)
            == (other.budget, other.seed, &other.task, &other.data)
    }
}

/// A figure's file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FigureFile<D> {
    /// The figure.
    pub figure: FigureName,
    /// What it shows.
    pub title: String,
    /// The version of the program that made it.
    pub version: String,
    /// The command as typed.
    pub command: Vec<String>,
    /// The budget.
    pub budget: Budget,
    /// The seed of every random stream.
    pub seed: u64,
    /// The task.
    pub task: String,
    /// The settings that the figure depends on.
    pub settings: serde_json::Value,
    /// What the paper says, and whether it is seen here.
    pub findings: Vec<Finding>,
    /// The curves and numbers.
    pub data: D,
}

/// The folder, claimed for this process until it is dropped.
pub(super) struct Folder {
    path: PathBuf,
    identity: Identity,
    _lock: FolderLock,
}

impl Folder {
    /// Makes the folder, or opens that of the same reproduction.
    pub(super) fn claim(reproduction: &Reproduction<'_>) -> Result<Self, ReproduceError> {
        let path = reproduction.folder.to_owned();
        fs::create_dir_all(&path).map_err(FileError::new("make the folder", &path))?;
        let lock = FolderLock::claim(&path)?;
        let mut identity = Identity::of(reproduction);
        match Identity::read(&path) {
            Ok(found) if found.is_same_reproduction(&identity) => identity.started = found.started,
            Ok(found) => {
                let found = Box::new(found);
                return Err(ReproduceError::Occupied { path, found });
            }
            Err(ReproduceError::NoReproduction(_)) => {}
            Err(error) => return Err(error),
        }
        let folder = Self {
            path,
            identity,
            _lock: lock,
        };
        folder.write_json("reproduce.json", &folder.identity)?;
        Ok(folder)
    }

    /// Whether the figure was made by this version with these settings, and can be read.
    pub(super) fn has(&self, figure: FigureName, settings: &serde_json::Value) -> bool {
        match figure {
            FigureName::Fig1 => self.has_as::<Fig1>(figure, settings),
            FigureName::Fig2 => self.has_as::<Fig2>(figure, settings),
            FigureName::Fig3 => self.has_as::<Fig3>(figure, settings),
            FigureName::Fig4 => self.has_as::<Fig4>(figure, settings),
            FigureName::Fig5 => self.has_as::<Fig5>(figure, settings),
        }
    }

    fn has_as<D: FigureData>(&self, figure: FigureName, settings: &serde_json::Value) -> bool {
        self.read_figure::<D>(figure).is_ok_and(|file| {
            let made = (file.figure, file.budget, file.seed);
            file.version == self.identity.version
                && made == (figure, self.identity.budget, self.identity.seed)
                && file.task == self.identity.task
                && file.settings == *settings
        })
    }

    /// Writes a figure's file.
    pub(super) fn keep<D: FigureData>(
        &self,
        context: &Context<'_>,
        figure: FigureName,
        data: D,
    ) -> Result<(), ReproduceError> {
        let file = FigureFile {
            figure,
            title: figure.title().to_owned(),
            version: self.identity.version.clone(),
            command: self.identity.command.clone(),
            budget: self.identity.budget,
            seed: self.identity.seed,
            task: self.identity.task.clone(),
            settings: context.settings(figure),
            findings: data.findings(self.identity.seed),
            data,
        };
        self.write_figure(&file)?;
        context.tell(&ReproduceEvent::FigureReady {
            figure,
            kept: false,
        });
        Ok(())
    }

    /// Replaces a figure's file.
    pub(super) fn write_figure<D: Serialize>(
        &self,
        file: &FigureFile<D>,
    ) -> Result<(), ReproduceError> {
        let path = self.file(&format!("{}.json", file.figure.name()));
        Ok(JsonFile::new(path).write_compact(file)?)
    }

    /// A figure's file; an error if it is not there.
    pub(super) fn read_figure<D: DeserializeOwned>(
        &self,
        figure: FigureName,
    ) -> Result<FigureFile<D>, ReproduceError> {
        Ok(JsonFile::new(self.file(&format!("{}.json", figure.name()))).read()?)
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) fn write_text(&self, name: &str, text: &str) -> Result<(), ReproduceError> {
        Ok(replace_file(&self.file(name), text.as_bytes())?)
    }

    pub(super) fn write_json(
        &self,
        name: &str,
        content: &impl Serialize,
    ) -> Result<(), ReproduceError> {
        Ok(JsonFile::new(self.file(name)).write(content)?)
    }

    /// Notes that all figures of the command are there.
    pub(super) fn end(&self) -> Result<(), ReproduceError> {
        let identity = Identity {
            ended: manifest::now(),
            ..self.identity.clone()
        };
        self.write_json("reproduce.json", &identity)
    }
}
