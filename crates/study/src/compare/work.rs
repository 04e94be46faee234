//! The work of a comparison: descents that are made, or taken from the store, and counted.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use descender_task::{DescentError, StartPoint, Task};
use serde::{Serialize, de::DeserializeOwned};

use super::plan::Plan;
use super::store::{Key, TrialStore};
use super::{CompareError, CompareProgress, CompareSettings, Part};
use crate::baseline::Competitor;
use crate::stop::Stop;
use crate::trial::{Trial, Watch};

/// Makes descents, each once.
pub(super) struct Worker<'a> {
    pub(super) task: &'a Arc<Task>,
    pub(super) settings: &'a CompareSettings,
    stop: &'a Stop,
    progress: &'a (dyn Fn(&CompareProgress) + Sync),
    store: Option<&'a TrialStore>,
    /// Descents and steps, done and in all.
    done: AtomicU64,
    total: u64,
    steps_done: AtomicU64,
    steps_total: u64,
}

impl<'a> Worker<'a> {
    /// Begins, and tells how much of the plan is done already.
    pub(super) fn new(
        task: &'a Arc<Task>,
        settings: &'a CompareSettings,
        stop: &'a Stop,
        progress: &'a (dyn Fn(&CompareProgress) + Sync),
        store: Option<&'a TrialStore>,
        plan: &Plan<'_>,
    ) -> Self {
        let (total, found) = (plan.descents(), store.map_or(0, TrialStore::len));
        let worker = Self {
            task,
            settings,
            stop,
            progress,
            store,
            done: AtomicU64::new(found),
            total,
            steps_done: AtomicU64::new(found * settings.steps),
            steps_total: total * settings.steps,
        };
        worker.tell(plan.first_part());
        worker
    }

    /// What came of the descent `key`: from the store, or of `work`, which gives up when its watch says so.
    ///
    /// # Errors
    /// [`CompareError::Stopped`] after a stop; those of `work` and of the store.
    pub(super) fn complete<T: Serialize + DeserializeOwned>(
        &self,
        key: Key,
        work: impl FnOnce(Watch<'_>) -> Result<Option<T>, CompareError>,
    ) -> Result<T, CompareError> {
        if let Some(store) = self.store
            && let Some(found) = store.get(&key)?
        {
            return Ok(found);
        }
        if self.stop.requested() {
            return Err(CompareError::Stopped);
        }
        let watch = |steps| {
            self.steps_done.fetch_add(steps, Ordering::Relaxed);
            self.tell(key.part);
            match self.stop.requested() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let outcome = work(&watch)?.ok_or(CompareError::Stopped)?;
        if let Some(store) = self.store {
            store.put(&key, &outcome)?;
        }
        self.done.fetch_add(1, Ordering::Relaxed);
        self.tell(key.part);
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
        self.complete(key, |watch| {
            Trial::run_watched(self.task, competitor, start, steps, threshold, watch)
                .map_err(|source| method_error(&competitor.name, source))
        })
    }

    fn tell(&self, part: Part) {
        (self.progress)(&CompareProgress {
            part,
            done: self.done.load(Ordering::Relaxed),
            total: self.total,
            steps_done: self.steps_done.load(Ordering::Relaxed),
            steps_total: self.steps_total,
        });
    }
}

/// `name` cannot run on the task.
pub(super) fn method_error(name: &str, source: DescentError) -> CompareError {
    CompareError::Method {
        name: name.to_owned(),
        source,
    }
}
