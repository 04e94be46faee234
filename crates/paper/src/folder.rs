//! The folder of a reproduction and its files.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use descender_record::{FileError, FolderLock, JsonFile, manifest, replace_file};

use crate::context::{Context, ReproduceEvent};
use crate::error::ReproduceError;
use crate::fig1::Fig1;
use crate::fig2::Fig2;
use crate::fig3::Fig3;
use crate::fig4::Fig4;
use crate::fig5::Fig5;
use crate::figure_data::FigureData;
use crate::figure_name::FigureName;
use crate::finding::PaperFinding;
use crate::identity::Identity;
use crate::plan::Budget;

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
    pub findings: Vec<PaperFinding>,
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
    pub(super) fn claim(context: &Context<'_>) -> Result<Self, ReproduceError> {
        let path = context.reproduction.folder.to_owned();
        fs::create_dir_all(&path).map_err(FileError::new("make the folder", &path))?;
        let lock = FolderLock::claim(&path)?;
        let mut identity = Identity::of(context);
        match Identity::read(&path) {
            Ok(found) if found.is_same_reproduction(&identity) => {
                if found.data_checksum != identity.data_checksum {
                    let data = found.data;
                    return Err(ReproduceError::ChangedData { path, data });
                }
                identity.started = found.started;
            }
            Ok(found) => {
                return Err(ReproduceError::Occupied {
                    path,
                    budget: found.budget,
                    seed: found.seed,
                    task: found.task,
                });
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
