//! Where a controller on the command line comes from: its file, and the run that it was trained in.

use std::path::{Path, PathBuf};

use descender_compare::contender::load_controller;
use descender_compare::distillation::trained_steps;
use descender_control::Controller;
use descender_study::run_folder::{RunFolder, RunFolderError};
use descender_train::configuration::{Configuration, MOST_STEPS};

use crate::program::failure::Failure;

/// A controller with what is known of its training.
pub(crate) struct Origin {
    pub(crate) controller: Controller,
    /// The settings of its run, if it lies in a run folder.
    run: Option<Configuration>,
}

/// A task on the command line.
pub(crate) struct TaskChoice {
    pub(crate) name: String,
    /// The folder of its data.
    pub(crate) data: Option<PathBuf>,
}

impl Origin {
    /// The controller of a file or of a run folder.
    pub(crate) fn load(path: &Path) -> Result<Self, Failure> {
        let controller = load_controller(path).map_err(anyhow::Error::from)?;
        let folder = match path.is_dir() {
            true => path,
            false => path.parent().unwrap_or(path),
        };
        let run = match RunFolder::open(folder) {
            Ok(run) => Some(
                run.configuration()
                    .map_err(|error| Failure::Usage(error.into()))?,
            ),
            Err(RunFolderError::NoRun(_)) => None,
            Err(error) => return Err(anyhow::Error::from(error).into()),
        };
        Ok(Self { controller, run })
    }

    /// The length of the descents that it was trained on, as its run says, or else the controller itself; `None` if it
    /// steers descents of any length.
    pub(crate) fn steps(&self) -> Option<u64> {
        match &self.run {
            Some(run) => Some(run.environment.steps),
            None if self.controller.control().is_relative() => None,
            None => Some(trained_steps(&self.controller).min(MOST_STEPS)),
        }
    }
}

/// The task that the arguments name, or else that of the controller, with the data that it was trained on.
pub(crate) fn task_of(
    task: Option<&str>,
    data: Option<&Path>,
    origin: Option<&Origin>,
) -> TaskChoice {
    let run = origin.and_then(|origin| origin.run.as_ref());
    // A run knows the file of its task, a controller alone only its name; a relative one was trained on a set of jobs.
    let provenance = origin
        .filter(|origin| !origin.controller.control().is_relative())
        .map(|origin| origin.controller.provenance().task.as_str());
    let own = run.map(|run| run.task.as_str()).or(provenance);
    let name = match (task, data, own) {
        (Some(name), ..) => name,
        (None, Some(_), Some(own)) if run.is_some_and(|run| !run.data.is_empty()) => own,
        (None, Some(_), _) => "idx-cnn",
        (None, None, Some(own)) => own,
        (None, None, None) => "mnist-cnn",
    };
    // Changes of a task (`;batch=16`) leave it its data.
    let base = |name: &str| name.split(';').next().unwrap_or_default().trim().to_owned();
    let of_run = run
        .filter(|run| !run.data.is_empty() && base(&run.task) == base(name))
        .map(|run| PathBuf::from(&run.data));
    TaskChoice {
        name: name.to_owned(),
        data: data.map(Path::to_owned).or(of_run),
    }
}
