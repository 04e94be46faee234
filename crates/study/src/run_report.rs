//! What a report shows of a run, gathered from the run's folder.

use descender_report::{Facts, RunReport, capitalised};
use descender_train::configuration::{Configuration, TrainingStarts};

use crate::run_folder::{RunFolder, RunFolderError};

/// Gathers what is known so far of the run in `folder`. If the run is not complete, its later parts are missing.
///
/// # Errors
/// A file of the folder is broken.
pub fn run_report(folder: &RunFolder) -> Result<RunReport, RunFolderError> {
    run_report_with(folder, &folder.configuration()?)
}

/// Like [`run_report`], for a run with these settings.
pub(crate) fn run_report_with(
    folder: &RunFolder,
    configuration: &Configuration,
) -> Result<RunReport, RunFolderError> {
    let manifest = folder.manifest()?;
    let episodes = folder.episodes()?;
    let measure = configuration.selection.measure;
    let mut candidates = folder.selection()?;
    for candidate in &mut candidates {
        candidate.score = measure.shown(candidate.score);
        candidate.final_score = measure.shown(candidate.final_score);
    }
    Ok(RunReport {
        name: folder.path().display().to_string(),
        facts: Facts {
            trained: if episodes.is_empty() && !folder.file("controller.safetensors").exists() {
                String::new()
            } else {
                trained(configuration, episodes.len())
            },
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
                (
                    "training starts".to_owned(),
                    starts(configuration).to_owned(),
                ),
                ("started".to_owned(), time(&manifest.started)),
                ("ended".to_owned(), time(&manifest.ended)),
                (
                    "processor".to_owned(),
                    format!(
                        "{} ({})",
                        manifest.architecture,
                        manifest.cpu_features.join(", ")
                    ),
                ),
                ("threads".to_owned(), manifest.threads.to_string()),
            ],
            configuration: configuration.to_toml(),
        },
        comparison: folder.comparison()?,
        episodes,
        candidates,
        measure: measure.words(),
        agent: configuration.agent.name().to_owned(),
        behaviour: folder.behaviour()?,
        phases: manifest.phases,
        ..RunReport::default()
    })
}

/// A time stamp with a place to break the line.
fn time(stamp: &str) -> String {
    stamp.replace('T', " ")
}

fn starts(configuration: &Configuration) -> &'static str {
    match configuration.training_starts {
        TrainingStarts::Fixed => "fixed",
        TrainingStarts::Random => "random",
    }
}

/// What was trained, as a sentence.
fn trained(configuration: &Configuration, done: usize) -> String {
    // A folder of results may come without its episodes.
    let episodes = if done == 0 || done as u64 == configuration.episodes {
        format!("{} episodes", configuration.episodes)
    } else {
        format!("{done} of {} episodes", configuration.episodes)
    };
    let learner = match configuration.learners {
        1 => String::new(),
        learners => format!(", the best policy of {learners} learners"),
    };
    format!(
        "{} learned to steer {} on {} in {episodes} of at most {} steps from {}{learner} (preset {}, seed {}).",
        capitalised(configuration.agent.words()),
        configuration.optimizer.name(),
        configuration.task,
        configuration.environment.steps,
        match configuration.training_starts {
            TrainingStarts::Fixed => "one fixed start point",
            TrainingStarts::Random => "random start points",
        },
        configuration.preset,
        configuration.seed
    )
}
