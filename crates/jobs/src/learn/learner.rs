//! A learning at work: what every learner has and does, whatever finds the weights.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use descender_compare::shard::Shard;
use descender_control::{AT_A_POINT, Controller, Policy, Provenance};
use descender_env::Stop;
use descender_task::Problem;
use serde::{Serialize, de::DeserializeOwned};

use super::error::LearnError;
use super::evolution::Separable;
use super::perturbed::Perturbed;
use super::settings::{LearnSettings, LearnerName};
use super::surface::SHARES;
use crate::descended::outcome;
use crate::instance::JobInstance;
use crate::kept::{results, results_of_all};
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

/// The share of a learning's descents that one program makes, of several that work in one folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnShare {
    /// Of each stage every n-th job.
    pub shard: Shard,
    /// Whether it waits for the other shares of a stage, and goes on to the next stage; or ends with its own.
    pub waits: bool,
}

impl LearnShare {
    /// One program makes everything.
    pub const WHOLE: Self = Self {
        shard: Shard::WHOLE,
        waits: false,
    };
}

/// How often a program looks for what the others have made.
const LOOK: Duration = Duration::from_millis(500);

/// A learning at work: what the learners share.
pub(super) struct Learner<'a> {
    pub(super) jobs: &'a dyn JobSource,
    pub(super) from: Option<&'a Controller>,
    pub(super) settings: &'a LearnSettings,
    pub(super) folder: Option<&'a Path>,
    pub(super) share: LearnShare,
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

    /// The results of these jobs, computed by `compute`, of a stage whose results are kept under `name`. `None` after a stop,
    /// and where other shares of the stage are missing and this one doesn't wait for them.
    pub(super) fn results<T: Serialize + DeserializeOwned + Send>(
        &self,
        name: &str,
        numbers: Range<u64>,
        stage: LearnStage,
        compute: impl Fn(u64) -> Result<T, LearnError> + Sync,
    ) -> Result<Option<Vec<T>>, LearnError> {
        let count = numbers.end - numbers.start;
        let LearnShare { shard, waits } = self.share;
        let Some(folder) = self.folder else {
            let told = |done| (self.progress)(stage, done, count);
            return results(None, numbers, self.stop, &told, compute);
        };
        let file = match shard {
            Shard::WHOLE => format!("{name}.jsonl"),
            shard => format!("{name}.{}-of-{}.jsonl", shard.number(), shard.count()),
        };
        // What is there needn't be made again, whoever made it.
        let there = results_of_all::<T>(folder, name)?;
        let mine =
            (numbers.clone()).filter(|number| shard.has(*number) && !there.contains_key(number));
        let before = numbers.clone().filter(|number| there.contains_key(number));
        let before = before.count() as u64;
        let told = |done| (self.progress)(stage, before + done, count);
        if results(Some(&folder.join(file)), mine, self.stop, &told, compute)?.is_none() {
            return Ok(None);
        }
        loop {
            let mut all = results_of_all(folder, name)?;
            all.retain(|number, _| numbers.contains(number));
            let found = all.len() as u64;
            (self.progress)(stage, found, count);
            if found == count {
                return Ok(Some(all.into_values().collect()));
            }
            if !waits || self.stop.requested() {
                return Ok(None);
            }
            std::thread::sleep(LOOK);
        }
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
