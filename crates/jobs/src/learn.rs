//! Learning a controller over a set of jobs.
//!
//! In each round the controller steers many jobs as it is, and again from the same starts in pairs of descents whose
//! outputs are moved in opposite directions. Half the difference of a pair's log losses tells the effect of the offsets,
//! with the luck of the start left out. A regression of it on the offsets and on what the controller read says which way
//! the outputs should move in which job, and they move a part of the way, a smaller one in each round. At the end a few of the
//! controllers on the way, and the average of the later ones, are tried on jobs of their own, and the best is the result.
//!
//! It is a policy-gradient method whose noise is antithetic and slow (R. Williams, "Simple statistical gradient-following
//! algorithms", 1992), over jobs instead of starts.
//!
//! The same settings give the same bytes, whatever the number of threads, and after a kill.

mod beginning;
mod error;
mod evolution;
mod generations;
mod learner;
mod perturbed;
mod regression;
mod round;
mod settings;
mod surface;

use std::path::Path;

use descender_compare::contender::Contender;
use descender_control::Controller;
use descender_env::Stop;
use descender_task::StartPurpose;
use serde::{Deserialize, Serialize};

use crate::descended::descend;
use crate::source::JobSource;
use beginning::CALIBRATION;
pub use error::LearnError;
use learner::{Candidate, Learner, OUTLIER};
pub use learner::{LearnProgress, LearnShare, LearnStage};
pub use settings::{LearnSettings, LearnSettingsError, LearnerName};

/// A controller that was judged at the end of a learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearnCandidate {
    /// What it is.
    pub name: String,
    /// The mean difference of its log loss from that of the controller at the beginning, on the jobs to choose by.
    pub score: f64,
    /// Whether it was the best, and so the result.
    pub chosen: bool,
}

/// A learned controller, and how it came about.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The controller.
    pub controller: Controller,
    /// The candidates that it was chosen from.
    pub candidates: Vec<LearnCandidate>,
    /// Descents that were made, those of a resumed learning included.
    pub descents: u64,
}

/// Learns a controller over `jobs`: from what is usual, or on from a controller that was learned before, whose readings,
/// hyper-parameters and decisions it keeps. What is computed is kept in `folder`, and a learning that was interrupted goes on from
/// there. `None` after a stop.
///
/// # Errors
/// [`LearnError`]
pub fn learn(
    jobs: &dyn JobSource,
    from: Option<&Controller>,
    settings: &LearnSettings,
    folder: Option<&Path>,
    stop: &Stop,
    progress: LearnProgress<'_>,
) -> Result<Option<Learned>, LearnError> {
    Learner {
        jobs,
        from,
        settings,
        folder,
        share: LearnShare::WHOLE,
        stop,
        progress,
    }
    .run()
}

/// As [`learn`], by several programs that work in one folder, on one machine or on many: each makes its share of the descents
/// of a stage, and has the same controller when all are there. A share that is begun again goes on from what is there; and so does
/// one of another number of shares.
///
/// `None` after a stop, and where other shares are missing and this one doesn't wait for them.
///
/// # Errors
/// [`LearnError`]
pub fn learn_share(
    jobs: &dyn JobSource,
    settings: &LearnSettings,
    share: LearnShare,
    folder: &Path,
    stop: &Stop,
    progress: LearnProgress<'_>,
) -> Result<Option<Learned>, LearnError> {
    Learner {
        jobs,
        from: None,
        settings,
        folder: Some(folder),
        share,
        stop,
        progress,
    }
    .run()
}

/// Makes the folder, or finds that it is of the same learning.
fn open(
    folder: &Path,
    jobs: &dyn JobSource,
    from: Option<&Controller>,
    settings: &LearnSettings,
) -> Result<(), LearnError> {
    let path = folder.join("learn.json");
    let refused = |source| LearnError::Folder {
        path: folder.to_owned(),
        source,
    };
    let beginning = from.map(|controller| controller.description());
    let identity = (jobs.identity(), beginning, settings);
    let text =
        serde_json::to_string_pretty(&identity).expect("settings always have a text form") + "\n";
    match std::fs::read_to_string(&path) {
        Ok(there) if there == text => Ok(()),
        Ok(_) => Err(LearnError::OtherSettings { path }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder).map_err(refused)?;
            // Whole or not at all: several programs may begin at once.
            let own = folder.join(format!("learn.{}.json", std::process::id()));
            std::fs::write(&own, &text).map_err(refused)?;
            std::fs::rename(&own, &path).or_else(|error| match std::fs::read_to_string(&path) {
                // Another program of the same number, on another machine, took it there.
                Ok(there) if there == text => Ok(()),
                _ => Err(refused(error)),
            })
        }
        Err(error) => Err(refused(error)),
    }
}

impl Learner<'_> {
    fn run(&self) -> Result<Option<Learned>, LearnError> {
        let settings = self.settings;
        settings.check()?;
        self.jobs.check()?;
        if let Some(folder) = self.folder {
            open(folder, self.jobs, self.from, settings)?;
        }
        let Some(first) = self.first()? else {
            return Ok(None);
        };
        let candidates = match settings.learner {
            LearnerName::Regression => self.regression(first)?,
            LearnerName::Evolution => self.evolution(first)?,
        };
        let Some(mut candidates) = candidates else {
            return Ok(None);
        };
        let Some(best) = self.choose(&mut candidates)? else {
            return Ok(None);
        };
        let controller = match self.from {
            None => self.with_range(&candidates[best].controller)?,
            // It has a range of its own.
            Some(_) => candidates[best].controller.clone(),
        };
        // Who goes on from a controller knows what is usual.
        let calibration = if self.from.is_some() { 0 } else { CALIBRATION };
        Ok(Some(Learned {
            controller,
            descents: calibration
                + u64::from(settings.rounds) * self.descents_of_a_round()
                + settings.judged * candidates.len() as u64,
            candidates: (candidates.into_iter().enumerate())
                .map(|(place, candidate)| LearnCandidate {
                    name: candidate.name,
                    score: candidate.score,
                    chosen: place == best,
                })
                .collect(),
        }))
    }

    /// Scores the candidates by the mean difference of their log loss from that of the first, on jobs of their own, and
    /// returns the place of the best.
    fn choose(&self, candidates: &mut [Candidate]) -> Result<Option<usize>, LearnError> {
        let count = self.settings.judged;
        let all: Vec<Contender> = (candidates.iter())
            .map(|candidate| Contender::controller(candidate.controller.clone()))
            .collect();
        let losses = self.results("choice", 0..count, LearnStage::Choosing, |number| {
            let instance = self.jobs.instance(StartPurpose::Selection, number);
            let steps = instance.job().steps;
            all.iter()
                .map(|contender| Ok(descend(&instance, contender, steps, false)?.last))
                .collect::<Result<Vec<f64>, LearnError>>()
        })?;
        let Some(losses) = losses else {
            return Ok(None);
        };
        for (place, candidate) in candidates.iter_mut().enumerate() {
            let differences = (losses.iter())
                .map(|losses| (losses[place].ln() - losses[0].ln()).clamp(-OUTLIER, OUTLIER));
            candidate.score = differences.sum::<f64>() / losses.len() as f64;
        }
        Ok((0..candidates.len())
            .min_by(|a, b| candidates[*a].score.total_cmp(&candidates[*b].score)))
    }
}
