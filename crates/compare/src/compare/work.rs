//! The work of a comparison: planned descents become outcomes, each computed once or taken from the store, and counted.

use std::sync::atomic::{AtomicU64, Ordering};

use descender_control::Controller;
use descender_env::Stop;
use descender_task::Problem;
use rayon::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::error::CompareError;
use super::part::{Ended, Part, PartProgress};
use super::plan::PlannedDescent;
use super::settings::CompareSettings;
use super::store::{Key, TrialStore};
use crate::comparison::CONTROLLER;
use crate::contender::{Contender, Watched};
use crate::trial::Trial;

/// Runs each descent once.
pub(super) struct Worker<'a> {
    problem: &'a dyn Problem,
    stop: &'a Stop,
    settings: &'a CompareSettings,
    progress: &'a (dyn Fn(PartProgress<'_>) + Sync),
    store: Option<&'a TrialStore>,
    /// For each part, the number of finished descents and of all descents.
    parts: [(AtomicU64, u64); Part::ALL.len()],
}

impl<'a> Worker<'a> {
    /// Begins, and reports how many descents of each part are already done.
    pub(super) fn new(
        problem: &'a dyn Problem,
        settings: &'a CompareSettings,
        stop: &'a Stop,
        progress: &'a (dyn Fn(PartProgress<'_>) + Sync),
        store: Option<&'a TrialStore>,
        totals: [u64; Part::ALL.len()],
    ) -> Self {
        let parts = Part::ALL.map(|part| {
            let done = store.map_or(0, |store| store.found(part));
            let total = totals[part as usize];
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

    /// What the controller did in each of the descents.
    ///
    /// # Errors
    /// [`CompareError`].
    pub(super) fn watch(
        &self,
        controller: &Controller,
        descents: &[PlannedDescent],
    ) -> Result<Vec<Watched>, CompareError> {
        in_parallel(descents, |descent| {
            self.complete(descent.key, || {
                let (start, steps) = (descent.start, self.settings.steps);
                Watched::descend(self.problem, controller, start, steps, self.stop)
                    .map_err(|source| CompareError::method(CONTROLLER, source))
            })
        })
    }

    /// `keep` of the trial of each descent; `contender` says whose descent it is.
    ///
    /// # Errors
    /// [`CompareError`].
    pub(super) fn trials<'c, C: std::borrow::Borrow<Contender> + 'c, T: Send>(
        &self,
        descents: &[PlannedDescent],
        contender: impl Fn(&Key) -> C + Sync,
        keep: impl Fn(Trial) -> T + Sync,
    ) -> Result<Vec<T>, CompareError> {
        in_parallel(descents, |descent| {
            let contender = contender(&descent.key);
            self.trial(descent, contender.borrow()).map(&keep)
        })
    }

    fn trial(
        &self,
        descent: &PlannedDescent,
        contender: &Contender,
    ) -> Result<Trial, CompareError> {
        let PlannedDescent { key, start } = *descent;
        let CompareSettings {
            steps, threshold, ..
        } = *self.settings;
        let trial = self.complete(key, || {
            Trial::run_until(self.problem, contender, start, steps, threshold, self.stop)
                .map_err(|source| CompareError::method(&contender.name, source))
        })?;
        if key.part == Part::Comparing {
            let (done, total) = &self.parts[key.part as usize];
            (self.progress)(PartProgress {
                part: key.part,
                done: done.load(Ordering::Relaxed),
                total: *total,
                ended: Some(Ended {
                    method: &contender.name,
                    first_hit: trial.hit_or(steps),
                    reached: trial.first_hit.is_some(),
                }),
            });
        }
        Ok(trial)
    }

    /// The outcome of the descent `key`, from the store or from `work`, which returns `None` if it was stopped.
    fn complete<T: Serialize + DeserializeOwned>(
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
}

/// `work` for each descent, on all threads, in order.
fn in_parallel<T: Send>(
    descents: &[PlannedDescent],
    work: impl Fn(&PlannedDescent) -> Result<T, CompareError> + Sync,
) -> Result<Vec<T>, CompareError> {
    descents.par_iter().with_max_len(1).map(&work).collect()
}
