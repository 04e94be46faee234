//! The work of a comparison: descents that are made, or taken from the store, and counted.

use std::sync::atomic::{AtomicU64, Ordering};

use descender_task::{DescentError, Problem, StartPoint};
use serde::{Serialize, de::DeserializeOwned};

use super::plan::Plan;
use super::store::{Key, TrialStore};
use super::{CompareError, CompareSettings, Ended, Part, PartProgress};
use crate::baseline::Competitor;
use crate::trial::Trial;
use descender_env::Stop;

/// Makes descents, each once.
pub(super) struct Worker<'a> {
    pub(super) problem: &'a dyn Problem,
    pub(super) stop: &'a Stop,
    settings: &'a CompareSettings,
    progress: &'a (dyn Fn(PartProgress<'_>) + Sync),
    store: Option<&'a TrialStore>,
    /// For each part its descents, done and in all.
    parts: [(AtomicU64, u64); Part::ALL.len()],
}

impl<'a> Worker<'a> {
    /// Begins, and tells what is done already of the plan's parts.
    pub(super) fn new(
        problem: &'a dyn Problem,
        settings: &'a CompareSettings,
        stop: &'a Stop,
        progress: &'a (dyn Fn(PartProgress<'_>) + Sync),
        store: Option<&'a TrialStore>,
        plan: &Plan<'_>,
    ) -> Self {
        let parts = Part::ALL.map(|part| {
            let (done, total) = (
                store.map_or(0, |store| store.found(part)),
                plan.descents(part),
            );
            if done > 0 {
                progress(PartProgress {
                    part,
                    done,
                    total,
                    ended: None,
                });
            }
            (AtomicU64::new(done), total)
        });
        Self {
            problem,
            stop,
            settings,
            progress,
            store,
            parts,
        }
    }

    /// What came of the descent `key`: from the store, or of `work`, which returns `None` if it was stopped.
    ///
    /// # Errors
    /// [`CompareError::Stopped`] after a stop; those of `work` and of the store.
    pub(super) fn complete<T: Serialize + DeserializeOwned>(
        &self,
        key: Key,
        work: impl FnOnce() -> Result<Option<T>, CompareError>,
    ) -> Result<T, CompareError> {
        if let Some(store) = self.store
            && let Some(found) = store.get(&key)?
        {
            return Ok(found);
        }
        if self.stop.requested() {
            return Err(CompareError::Stopped);
        }
        let outcome = work()?.ok_or(CompareError::Stopped)?;
        if let Some(store) = self.store {
            store.put(&key, &outcome)?;
        }
        let (done, total) = &self.parts[key.part as usize];
        (self.progress)(PartProgress {
            part: key.part,
            done: done.fetch_add(1, Ordering::Relaxed) + 1,
            total: *total,
            ended: None,
        });
        Ok(outcome)
    }

    /// The trial `key` of a competitor.
    ///
    /// # Errors
    /// As [`Worker::complete`].
    pub(super) fn trial(
        &self,
        key: Key,
        competitor: &Competitor,
        start: StartPoint,
    ) -> Result<Trial, CompareError> {
        let CompareSettings {
            steps, threshold, ..
        } = *self.settings;
        let trial = self.complete(key, || {
            Trial::run_until(self.problem, competitor, start, steps, threshold, self.stop)
                .map_err(|source| method_error(&competitor.name, source))
        })?;
        if key.part == Part::Comparing {
            let (done, total) = &self.parts[key.part as usize];
            (self.progress)(PartProgress {
                part: key.part,
                done: done.load(Ordering::Relaxed),
                total: *total,
                ended: Some(Ended {
                    method: &competitor.name,
                    first_hit: trial.first_hit.unwrap_or(steps),
                }),
            });
        }
        Ok(trial)
    }
}

/// `name` cannot run on the task.
pub(super) fn method_error(name: &str, source: DescentError) -> CompareError {
    CompareError::Method {
        name: name.to_owned(),
        source,
    }
}
