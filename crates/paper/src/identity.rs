//! `reproduce.json`: which reproduction a folder holds.

use std::path::Path;

use descender_record::{JsonFile, manifest};
use descender_task::Problem;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::error::ReproduceError;
use crate::figure_name::FigureName;
use crate::plan::Budget;

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
    /// CRC-32 of what the task is with these data, hexadecimal; empty for the embedded ones.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub data_checksum: String,
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

    pub(crate) fn of(context: &Context<'_>) -> Self {
        let reproduction = context.reproduction;
        let configuration = &reproduction.plan.random;
        let checksum = || {
            format!(
                "{:08x}",
                crc32fast::hash(context.task.identity().as_bytes())
            )
        };
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: reproduction.command.clone(),
            figures: reproduction.figures.clone(),
            budget: reproduction.plan.budget,
            seed: configuration.seed,
            task: configuration.task.clone(),
            data: configuration.data.clone(),
            data_checksum: match configuration.data.is_empty() {
                true => String::new(),
                false => checksum(),
            },
            started: manifest::now(),
            ended: String::new(),
        }
    }

    pub(crate) fn is_same_reproduction(&self, other: &Self) -> bool {
        (self.budget, self.seed, &self.task, &self.data)
            == (other.budget, other.seed, &other.task, &other.data)
    }
}
