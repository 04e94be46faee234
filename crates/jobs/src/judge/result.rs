//! What comes of a comparison over a set of jobs.

use descender_statistics::{Estimate, Interval};
use descender_task::Job;
use serde::{Deserialize, Serialize};

use crate::descended::JobOutcome;
use crate::set::{DataSource, JobSet, NetworkFamily};

/// How methods are judged over a set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobsSettings {
    /// Jobs, 1 or more.
    pub jobs: u64,
    /// Jobs by which rivals are tuned for the whole set, 1 or more.
    pub tuning_jobs: u64,
    /// The seed of the intervals.
    pub seed: u64,
    /// Whether a portfolio takes part: the first controller, schedule-free AdamW, one-cycle and Prodigy, as far as they are
    /// compared, each begin a job, and the one that is ahead after a tenth of the steps goes on, all at the cost of one.
    #[serde(default)]
    pub portfolio: bool,
}

/// A job with the outcome of every method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgedJob {
    /// Where its examples come from.
    pub data: DataSource,
    /// The kind of its network.
    pub network: NetworkFamily,
    /// The job.
    pub job: Job,
    /// The best learning rate of the reference, by the loss after the last step.
    pub reference_rate: f32,
    /// The outcome of the reference: the best of each reading.
    pub reference: JobOutcome,
    /// The outcome of each method.
    pub outcomes: Vec<JobOutcome>,
}

/// The figures of a method over the jobs of a family, or over all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyFigures {
    /// The family: `all`, a source of examples, or a kind of network.
    pub family: String,
    /// Jobs of the family.
    pub jobs: usize,
    /// Mean regret after the last step.
    pub regret: Interval,
    /// Interquartile mean of it: that of the middle half of the jobs. A few jobs whose reference happens on a loss near 0 rule
    /// the mean, and not this.
    pub middle_regret: Estimate,
    /// Mean regret at the best checkpoint by the selection data.
    pub checkpoint_regret: Interval,
    /// Mean difference of the regret from that of the first method, after the last step; below 0 is better.
    pub against_first: Option<Interval>,
}

/// A method over a set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobsMethod {
    /// The item as typed.
    pub name: String,
    /// Its settings, resolved and tuned.
    pub settings: serde_json::Value,
    /// Jobs on which it was lost: no finite loss, or one worse than chance by half.
    pub lost: usize,
    /// Its figures, those of all jobs first.
    pub figures: Vec<FamilyFigures>,
}

/// Methods side by side over a set of jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobsComparison {
    /// The set.
    pub set: JobSet,
    /// How it was made.
    pub settings: JobsSettings,
    /// The methods, the controller first if there is one.
    pub methods: Vec<JobsMethod>,
    /// Every job.
    pub jobs: Vec<JudgedJob>,
}
