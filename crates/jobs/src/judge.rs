//! What methods are worth over a set of jobs, with the job as the unit.
//!
//! The *regret* of a method on a job is ln(its validation loss / that of the reference), where the reference is the best
//! of a grid of learning rates of Adam with linear decay on that very job and start, picked by the validation loss itself.
//! 0 means: as good as tuning each job on its own, with the answer known. Everybody has the same cost: where a controller
//! looks at a probe, all others, the reference included, get so many more steps. Nobody sees the validation data on the way: a
//! rival that watches a validation loss is shown that of the selection data, whole and for nothing.

mod error;
mod extra;
mod figures;
mod folder;
mod portfolio;
mod result;

use std::path::Path;

use descender_compare::contender::{Contender, Entry, Steering, Tuned};
use descender_compare::shard::Shard;
use descender_env::Stop;
use descender_optim::{Method, Schedule};
use descender_task::StartPurpose;

use crate::descended::{JobOutcome, descend};
use crate::instance::JobInstance;
use crate::kept::results;
use crate::set::JobSet;
pub use error::JobsError;
use extra::Extra;
use figures::figures;
use folder::JOBS_FILE;
pub use folder::{JobsFolder, JobsFolderError, JobsRequest};
use portfolio::Portfolio;
pub use result::{FamilyFigures, JobsComparison, JobsMethod, JobsSettings, JudgedJob};

/// The learning rates of the reference.
const GRID: [f32; 8] = [1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 1e-2, 3e-2, 1e-1];
/// How often a search may go on beyond an end of its grid.
const WIDENINGS: u32 = 4;

/// What a comparison over a set is at: tuning a rival, or the jobs; jobs done, and all of them.
pub type JobsProgress<'a> = &'a (dyn Fn(Option<&str>, u64, u64) + Sync);

/// Compares `entries` over the set's jobs to report on. What is computed is kept in `folder`; `None` after a stop.
///
/// Tuned entries are tuned for the whole set, on its jobs to choose by. Negative controls that are made from descents of one
/// task are refused.
///
/// # Errors
/// [`JobsError`]
pub fn judge(
    set: &JobSet,
    entries: &[Entry],
    settings: &JobsSettings,
    folder: Option<&Path>,
    stop: &Stop,
    progress: JobsProgress<'_>,
) -> Result<Option<JobsComparison>, JobsError> {
    let judge = Judge::new(set, entries, settings, folder, stop, progress)?;
    let Some(contenders) = judge.contenders(entries)? else {
        return Ok(None);
    };
    let Some(jobs) = judge.jobs(&contenders, Shard::WHOLE)? else {
        return Ok(None);
    };
    let portfolio = Portfolio::of(&contenders).filter(|_| settings.portfolio);
    let portfolio = portfolio.map(|portfolio| {
        let members = serde_json::json!({ "members": portfolio.names() });
        ("portfolio".to_owned(), members)
    });
    let methods = (contenders.iter())
        .map(|contender| (contender.name.clone(), contender.settings()))
        .chain(portfolio)
        .enumerate()
        .map(|(place, (name, settings_of))| JobsMethod {
            name,
            settings: settings_of,
            lost: jobs.iter().filter(|job| job.outcomes[place].lost).count(),
            figures: figures(&jobs, place, settings.seed),
        })
        .collect();
    Ok(Some(JobsComparison {
        set: set.clone(),
        settings: settings.clone(),
        methods,
        jobs,
    }))
}

/// Makes the jobs of one shard of [`judge`], which are kept in `folder`; whether it came to its end. Every shard tunes.
///
/// # Errors
/// [`JobsError`]
pub fn judge_shard(
    set: &JobSet,
    entries: &[Entry],
    settings: &JobsSettings,
    shard: Shard,
    folder: &Path,
    stop: &Stop,
    progress: JobsProgress<'_>,
) -> Result<bool, JobsError> {
    let judge = Judge::new(set, entries, settings, Some(folder), stop, progress)?;
    match judge.contenders(entries)? {
        Some(contenders) => Ok(judge.jobs(&contenders, shard)?.is_some()),
        None => Ok(false),
    }
}

struct Judge<'a> {
    set: &'a JobSet,
    settings: &'a JobsSettings,
    folder: Option<&'a Path>,
    stop: &'a Stop,
    progress: JobsProgress<'a>,
    extra: Extra,
}

impl<'a> Judge<'a> {
    fn new(
        set: &'a JobSet,
        entries: &[Entry],
        settings: &'a JobsSettings,
        folder: Option<&'a Path>,
        stop: &'a Stop,
        progress: JobsProgress<'a>,
    ) -> Result<Self, JobsError> {
        set.check()?;
        Ok(Self {
            set,
            settings,
            folder,
            stop,
            progress,
            extra: Extra::of(entries),
        })
    }

    /// Who takes part, tuned; `None` after a stop.
    fn contenders(&self, entries: &[Entry]) -> Result<Option<Vec<Contender>>, JobsError> {
        let mut contenders = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            match entry {
                Entry::Ready(contender) => contenders.push(contender.clone()),
                Entry::Tuned(tuned) => match self.tune(tuned, number)? {
                    Some(contender) => contenders.push(contender),
                    None => return Ok(None),
                },
                other => return Err(JobsError::OneTask(other.name().to_owned())),
            }
        }
        Ok(Some(contenders))
    }

    fn descend(
        &self,
        instance: &JobInstance,
        contender: &Contender,
        checkpoints: bool,
    ) -> Result<JobOutcome, JobsError> {
        let steps = self.extra.steps(contender, &instance.job());
        descend(instance, contender, steps, checkpoints).map_err(|source| JobsError::Method {
            method: contender.name.clone(),
            source,
        })
    }

    /// The best setting of a rival for the whole set: that of the least mean log loss on the jobs to choose by.
    fn tune(&self, tuned: &Tuned, number: usize) -> Result<Option<Contender>, JobsError> {
        let mut best: Option<(f64, Contender)> = None;
        for (place, setup) in tuned.setups.iter().enumerate() {
            let mut grid = tuned.grid.clone();
            let mut scores = Vec::new();
            for widening in 0.. {
                for rate in &grid[scores.len()..] {
                    let contender = Contender::rival(
                        tuned.name.clone(),
                        setup.method,
                        Steering::Schedule {
                            schedule: setup.schedule.clone(),
                            peak: *rate,
                            warmup: setup.warmup,
                        },
                    );
                    let file = format!("tuning-{number}-{place}-{rate:e}.jsonl");
                    let Some(score) = self.score(&contender, &file)? else {
                        return Ok(None);
                    };
                    scores.push(score);
                    if best.as_ref().is_none_or(|(least, _)| score < *least) {
                        best = Some((score, contender));
                    }
                }
                let least = (0..grid.len()).min_by(|a, b| scores[*a].total_cmp(&scores[*b]));
                let rate = least.map_or(0.0, |place| grid[place]);
                let ends = grid.iter().fold((f32::MAX, 0.0), |(low, high), rate| {
                    (rate.min(low), rate.max(high))
                });
                match rate {
                    _ if !tuned.open || widening >= WIDENINGS => break,
                    rate if rate == ends.0 => grid.push(rate / 2.0),
                    rate if rate == ends.1 => grid.push(rate * 2.0),
                    _ => break,
                }
            }
        }
        Ok(best.map(|(_, contender)| contender))
    }

    /// The mean log loss of a setting on the jobs to choose by.
    fn score(&self, contender: &Contender, file: &str) -> Result<Option<f64>, JobsError> {
        let file = self.folder.map(|folder| folder.join(file));
        let count = self.settings.tuning_jobs;
        let told = |done| (self.progress)(Some(&contender.name), done, count);
        let losses = results(file.as_deref(), 0..count, self.stop, &told, |number| {
            let instance = self.set.instance(StartPurpose::Selection, number);
            Ok::<_, JobsError>(self.descend(&instance, contender, false)?.last)
        })?;
        Ok(losses
            .map(|losses| losses.iter().map(|loss| loss.ln()).sum::<f64>() / losses.len() as f64))
    }

    /// Every job of the shard under the reference and every contender.
    fn jobs(
        &self,
        contenders: &[Contender],
        shard: Shard,
    ) -> Result<Option<Vec<JudgedJob>>, JobsError> {
        let file = self.folder.map(|folder| folder.join(JOBS_FILE));
        let numbers = (0..self.settings.jobs).filter(|number| shard.has(*number));
        let count = numbers.clone().count() as u64;
        let told = |done| (self.progress)(None, done, count);
        let portfolio = Portfolio::of(contenders).filter(|_| self.settings.portfolio);
        let reference = GRID.map(|peak| {
            let steering = Steering::Schedule {
                schedule: Schedule::by_name("linear").expect("there is a schedule of this name"),
                peak,
                warmup: 0.0,
            };
            let method = Method::by_name("adam").expect("there is an optimizer of this name");
            Contender::rival(format!("adam:{peak}"), method, steering)
        });
        results(file.as_deref(), numbers, self.stop, &told, |number| {
            let instance = self.set.instance(StartPurpose::Report, number);
            let grid = (reference.iter())
                .map(|contender| self.descend(&instance, contender, true))
                .collect::<Result<Vec<_>, _>>()?;
            let least = |reading: fn(&JobOutcome) -> f64| {
                let places = 0..grid.len();
                places.min_by(|a, b| reading(&grid[*a]).total_cmp(&reading(&grid[*b])))
            };
            let last = least(|outcome| outcome.last).unwrap_or(0);
            let best = least(|outcome| outcome.best).unwrap_or(0);
            let chosen = portfolio
                .as_ref()
                .map(|all| all.descend(&instance, &self.extra));
            let outcomes = (contenders.iter())
                .map(|contender| self.descend(&instance, contender, true))
                .chain(chosen)
                .collect::<Result<_, _>>()?;
            Ok(JudgedJob {
                data: instance.data,
                network: instance.network,
                job: instance.job(),
                reference_rate: GRID[last],
                reference: JobOutcome {
                    best: grid[best].best,
                    ..grid[last]
                },
                outcomes,
            })
        })
    }
}
