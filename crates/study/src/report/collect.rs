//! What a report shows of a run, gathered from the run's folder.

use super::{Facts, RunReport};
use crate::run_folder::{RunFolder, RunFolderError};

impl RunReport {
    /// Gathers what there is of the run in `folder`; a run that is not complete lacks its later parts.
    ///
    /// # Errors
    /// A file of the folder is broken.
    pub fn of(folder: &RunFolder) -> Result<Self, RunFolderError> {
        let configuration = folder.configuration()?;
        let manifest = folder.manifest()?;
        let words = |name: String| name.replace('-', " ");
        Ok(Self {
            name: folder.path().display().to_string(),
            facts: Facts {
                task: configuration.task.clone(),
                preset: configuration.preset.clone(),
                seed: configuration.seed,
                version: manifest.version,
                command: manifest.command.join(" "),
                threshold: configuration.environment.threshold.into(),
                more: vec![
                    (
                        "optimizer".to_owned(),
                        configuration.optimizer.name().to_owned(),
                    ),
                    ("agent".to_owned(), configuration.agent.name().to_owned()),
                    (
                        "reward".to_owned(),
                        configuration.environment.reward.name().to_owned(),
                    ),
                    ("started".to_owned(), manifest.started),
                ],
            },
            comparison: folder.comparison()?,
            episodes: folder.episodes()?,
            candidates: folder.selection()?,
            measure: words(configuration.selection.measure.name().to_owned()),
            behaviour: folder.behaviour()?,
            figures: Vec::new(),
        })
    }
}
