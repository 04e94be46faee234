//! The two trainings: ordinary run folders inside the folder of a reproduction.

use std::sync::Arc;

use descender_control::{Controller, Policy};

use crate::context::{Context, ReproduceEvent};
use crate::error::ReproduceError;
use descender_compare::contender::load_controller;
use descender_record::Manifest;
use descender_study::{Run, RunError, RunFolder, RunFolderError};
use descender_train::configuration::Configuration;
use descender_train::episode_record::EpisodeRecord;
use descender_train::observer::{TrainingEvent, TrainingObserver};
use descender_train::{TrainError, Trainer, TrainerState};

/// A training that is complete.
pub(super) struct CompleteRun {
    folder: RunFolder,
    configuration: Configuration,
}

/// Completes the training in the sub-folder `name`: begins it, goes on with it, or finds it complete.
///
/// A training whose learner diverged is complete, too; it has no controller. A run that was made by `train` serves as
/// well, whatever it was compared with.
///
/// # Errors
/// [`ReproduceError::OtherSettings`] if the folder holds a run with other settings; [`ReproduceError::Stopped`];
/// otherwise what failed.
pub(super) fn complete(
    context: &Context<'_>,
    name: &'static str,
    configuration: &Configuration,
) -> Result<CompleteRun, ReproduceError> {
    let reproduction = context.reproduction;
    let path = reproduction.folder.join(name);
    let (folder, _lock) = match RunFolder::open(&path) {
        Ok(folder) => {
            let lock = folder.lock()?;
            (folder, lock)
        }
        Err(RunFolderError::NoRun(_)) => {
            let command = reproduction.command.clone();
            let threads = rayon::current_num_threads();
            let manifest = Manifest::start(command, configuration.seed, threads);
            RunFolder::create(&path, configuration, &manifest)?
        }
        Err(error) => return Err(error.into()),
    };
    let mut found = folder.configuration()?;
    // What no figure depends on.
    found.comparison.clone_from(&configuration.comparison);
    found.checkpoint_seconds = configuration.checkpoint_seconds;
    if found.to_toml() != configuration.to_toml() {
        return Err(ReproduceError::OtherSettings(path));
    }
    let run = CompleteRun {
        folder: folder.clone(),
        configuration: configuration.clone(),
    };
    let mut manifest = folder.manifest()?;
    if !manifest.ended.is_empty() && folder.file("comparison.json").exists() {
        context.tell(&ReproduceEvent::TrainingKept { run: name });
        return Ok(run);
    }
    if folder.file("checkpoint/state").exists() {
        manifest.resumed += 1;
        manifest.threads = rayon::current_num_threads();
        folder.write_manifest(&manifest)?;
    }
    let watcher = Arc::clone(&reproduction.watcher);
    let observer = move |event: &TrainingEvent<'_>| {
        watcher(&ReproduceEvent::Training { run: name, event });
    };
    let mut observers: Vec<Box<dyn TrainingObserver>> = vec![Box::new(observer)];
    match Run::new(&folder, reproduction.stop, &mut observers)?.complete() {
        Ok(_) | Err(RunError::Train(TrainError::LearnerDiverged)) => Ok(run),
        Err(error) => Err(error.into()),
    }
}

impl CompleteRun {
    /// The policies after so many episodes; 0 stands for the untrained one.
    pub(super) fn policies(
        &self,
        context: &Context<'_>,
        episodes: &[u64],
    ) -> Result<Vec<Policy>, ReproduceError> {
        let state: TrainerState = self
            .folder
            .checkpoint()?
            .ok_or_else(|| RunFolderError::NoCheckpoint(self.folder.path().to_owned()))?;
        let policy = |&episodes: &u64| -> Result<Policy, ReproduceError> {
            if episodes == 0 {
                return Ok(Trainer::new(self.configuration.clone(), &context.task)?.policy());
            }
            let mut candidates = state.candidates().iter();
            candidates
                .find(|candidate| candidate.episodes == episodes)
                .map(|candidate| candidate.policy.clone())
                .ok_or_else(|| ReproduceError::NoPolicy {
                    path: self.folder.path().to_owned(),
                    episodes,
                })
        };
        episodes.iter().map(policy).collect()
    }

    /// The chosen controller; `None` if the learner diverged.
    pub(super) fn controller(&self) -> Result<Option<Controller>, ReproduceError> {
        if !self.folder.file("controller.safetensors").exists() {
            return Ok(None);
        }
        Ok(Some(
            load_controller(self.folder.path()).map_err(RunError::from)?,
        ))
    }

    /// The episodes of the training.
    pub(super) fn episodes(&self) -> Result<Vec<EpisodeRecord>, ReproduceError> {
        let mut episodes = EpisodeRecord::read_all(&self.folder.file("episodes.jsonl"))
            .map_err(RunFolderError::from)?;
        episodes.sort_by_key(|record| record.episode);
        Ok(episodes)
    }

    /// The settings of the training.
    pub(super) fn configuration(&self) -> &Configuration {
        &self.configuration
    }
}
