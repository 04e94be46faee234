//! A learning at work: what every learner has and does, whatever finds the weights.

use std::path::{Path, PathBuf};

use descender_control::{AT_A_POINT, Controller, Policy, Provenance};
use descender_env::Stop;
use descender_task::Problem;

use super::error::LearnError;
use super::evolution::Separable;
use super::perturbed::Perturbed;
use super::settings::{LearnSettings, LearnerName};
use super::surface::SHARES;
use crate::descended::outcome;
use crate::instance::JobInstance;
use crate::source::JobSource;

/// What a learning is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LearnStage {
    /// Finding out what is usual.
    Calibrating,
    /// Making the perturbed descents of a round.
    Perturbing {
        /// The round, from 1.
        round: u32,
    },
    /// Choosing the best of a few controllers.
    Choosing,
}

/// Who is told how far a learning is: the stage, jobs done, and all of its jobs.
pub type LearnProgress<'a> = &'a (dyn Fn(LearnStage, u64, u64) + Sync);

/// A learning at work: what the learners share.
pub(super) struct Learner<'a> {
    pub(super) jobs: &'a dyn JobSource,
    pub(super) from: Option<&'a Controller>,
    pub(super) settings: &'a LearnSettings,
    pub(super) folder: Option<&'a Path>,
    pub(super) stop: &'a Stop,
    pub(super) progress: LearnProgress<'a>,
}

impl Learner<'_> {
    pub(super) fn descents_of_a_round(&self) -> u64 {
        let of_a_job = match self.settings.learner {
            LearnerName::Regression => 1 + 2 * self.settings.pairs,
            LearnerName::Evolution => Separable::population(self.free().len()) as u64,
        };
        self.settings.instances * of_a_job
    }

    /// The places of the weights that an evolution moves.
    pub(super) fn free(&self) -> Vec<usize> {
        let dimensions = self.dimensions();
        let features = self.settings.features();
        (0..SHARES.len())
            .flat_map(|point| {
                features
                    .iter()
                    .map(move |feature| point * AT_A_POINT + feature)
            })
            .flat_map(|feature| (0..dimensions).map(move |d| feature * dimensions + d))
            .collect()
    }

    pub(super) fn dimensions(&self) -> usize {
        match self.from {
            Some(from) => from.policy().network().output_count(),
            None => self.settings.dimensions().len(),
        }
    }

    /// The file of what is computed under this name.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        self.folder
            .map(|folder| folder.join(format!("{name}.jsonl")))
    }

    /// The controller with other weights.
    pub(super) fn with_weights(
        &self,
        controller: &Controller,
        weights: Vec<f32>,
        round: u32,
    ) -> Result<Controller, LearnError> {
        let policy = controller.policy();
        let policy = Policy::with_head(policy.head(), policy.specification().clone(), weights)?;
        let (control, method) = (controller.control().clone(), *controller.method());
        Ok(Controller::new(
            policy,
            control,
            method,
            self.provenance(round),
        )?)
    }

    pub(super) fn provenance(&self, round: u32) -> Provenance {
        let settings = self.settings;
        Provenance {
            task: self.jobs.name().to_owned(),
            agent: format!("{} over jobs", settings.learner),
            reward: "final validation loss".to_owned(),
            seed: settings.seed,
            episodes: u64::from(round) * self.descents_of_a_round(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// The loss of a descent with these offsets, and what the policy saw.
    pub(super) fn descent(
        &self,
        controller: &Controller,
        instance: &JobInstance,
        offsets: &[f64],
    ) -> Result<(f64, Vec<f64>), LearnError> {
        let mut descent = instance.task.descent(*controller.method())?;
        descent.reset(instance.start);
        let job = instance.job();
        let mut steering = Perturbed::new(controller, &*descent, &job, offsets)?;
        let outcome = outcome(&mut *descent, &mut steering, job.steps, false);
        Ok((outcome.last, steering.seen().means()))
    }

    /// The averages of the later half of the rounds, whose weights these are, and of its later half.
    pub(super) fn averages(
        &self,
        controller: &Controller,
        later: &[Vec<f32>],
    ) -> Result<Vec<Candidate>, LearnError> {
        let last = &later[later.len() / 2..];
        [("half", later), ("quarter", last)]
            .into_iter()
            .map(|(part, weights)| {
                let average = mean_of(weights);
                let average = self.with_weights(controller, average, self.settings.rounds)?;
                Ok(Candidate::new(
                    &format!("average of the last {part}"),
                    &average,
                ))
            })
            .collect()
    }
}

/// No difference of log losses counts as more when candidates are judged.
pub(super) const OUTLIER: f64 = 1.0;

/// A controller that may be the one.
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) controller: Controller,
    pub(super) score: f64,
}

impl Candidate {
    pub(super) fn new(name: &str, controller: &Controller) -> Self {
        Self {
            name: name.to_owned(),
            controller: controller.clone(),
            score: 0.0,
        }
    }
}

/// The mean of lists of one length; there is at least one.
fn mean_of(lists: &[Vec<f32>]) -> Vec<f32> {
    (0..lists[0].len())
        .map(|place| {
            let sum: f64 = lists.iter().map(|list| f64::from(list[place])).sum();
            (sum / lists.len() as f64) as f32
        })
        .collect()
}
