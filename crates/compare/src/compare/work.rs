//! The work of a comparison: planned descents become outcomes, each computed once or taken from the store, and counted.

use std::sync::atomic::{AtomicU64, Ordering};

use descender_control::Controller;
use descender_env::Stop;
use descender_task::{Problem, Split, StartPoint};
use rayon::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::cache::{CacheKey, RivalCache};
use super::error::CompareError;
use super::kept::Kept;
use super::part::{Ended, Part, PartProgress};
use super::plan::PlannedDescent;
use super::settings::CompareSettings;
use super::store::Key;
use crate::comparison::CONTROLLER;
use crate::contender::{Contender, Steering, Watched};
use crate::trial::Trial;

/// Runs each descent once.
pub(super) struct Worker<'a> {
    problem: &'a dyn Problem,
    stop: &'a Stop,
    settings: &'a CompareSettings,
    progress: &'a (dyn Fn(PartProgress<'_>) + Sync),
    kept: Kept<'a>,
    /// Identifies the problem's descents, for the cache.
    identity: Option<String>,
    /// For each part, the number of finished descents and of all descents known of.
    parts: [(AtomicU64, AtomicU64); Part::ALL.len()],
}

impl<'a> Worker<'a> {
    /// Begins, and reports how many descents of each part are already done.
    pub(super) fn new(
        problem: &'a dyn Problem,
        settings: &'a CompareSettings,
        stop: &'a Stop,
        progress: &'a (dyn Fn(PartProgress<'_>) + Sync),
        kept: Kept<'a>,
        totals: [u64; Part::ALL.len()],
    ) -> Self {
        let parts = Part::ALL.map(|part| {
            let done = kept.store.map_or(0, |store| store.found(part));
            let total = totals[part as usize];
            if done > 0 {
                progress(PartProgress {
                    part,
                    done,
                    total: total.max(done),
                    ended: None,
                });
            }
            (AtomicU64::new(done), AtomicU64::new(total))
        });
        Self {
            problem,
            stop,
            settings,
            progress,
            identity: kept.cache.map(|_| problem.identity()),
            kept,
            parts,
        }
    }

    /// Says that a part has more descents than planned.
    pub(super) fn expect_more(&self, part: Part, descents: u64) {
        let (_, total) = &self.parts[part as usize];
        total.fetch_add(descents, Ordering::Relaxed);
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
        let split = match key.part {
            Part::Tuning => Split::Selection,
            Part::Calibrating | Part::Comparing => Split::Validation,
        };
        let run = || {
            Trial::run_until(
                self.problem,
                contender,
                start,
                steps,
                threshold,
                split,
                self.stop,
            )
            .map_err(|source| CompareError::method(&contender.name, source))
        };
        let trial = self.complete(key, || match self.cached(contender, start) {
            Some((cache, key)) => match cache.get(&key) {
                Some(found) => Ok(Some(found)),
                None => {
                    let made = run()?;
                    if let Some(made) = &made {
                        // A cache that can't be written to costs time the next time, and nothing else.
                        let _ = cache.put(&key, made);
                    }
                    Ok(made)
                }
            },
            None => run(),
        })?;
        if key.part == Part::Comparing {
            let (done, total) = &self.parts[key.part as usize];
            (self.progress)(PartProgress {
                part: key.part,
                done: done.load(Ordering::Relaxed),
                total: total.load(Ordering::Relaxed),
                ended: Some(Ended {
                    method: &contender.name,
                    first_hit: trial.hit_or(steps),
                    reached: trial.first_hit.is_some(),
                }),
            });
        }
        Ok(trial)
    }

    /// Where the descent of `contender` from `start` is kept for other comparisons, if it is: that of a rival whose
    /// settings say all about it.
    fn cached(&self, contender: &Contender, start: StartPoint) -> Option<(&RivalCache, CacheKey)> {
        let (cache, identity) = (self.kept.cache?, self.identity.as_ref()?);
        let Steering::Schedule { .. } = contender.steering else {
            return None;
        };
        let CompareSettings {
            steps, threshold, ..
        } = *self.settings;
        let settings = contender.settings().to_string();
        let start = format!("{start:?} {steps} {:x}", threshold.to_bits());
        let parts = [identity.as_bytes(), settings.as_bytes(), start.as_bytes()];
        Some((cache, cache.key(&parts)))
    }

    /// The outcome of the descent `key`, from the store or from `work`, which returns `None` if it was stopped.
    fn complete<T: Serialize + DeserializeOwned>(
        &self,
        key: Key,
        work: impl FnOnce() -> Result<Option<T>, CompareError>,
    ) -> Result<T, CompareError> {
        if let Some(store) = self.kept.store
            && let Some(found) = store.get(&key)?
        {
            return Ok(found);
        }
        if self.stop.requested() {
            return Err(CompareError::Stopped);
        }
        let outcome = work()?.ok_or(CompareError::Stopped)?;
        if let Some(store) = self.kept.store {
            store.put(&key, &outcome)?;
        }
        let (done, total) = &self.parts[key.part as usize];
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(PartProgress {
            part: key.part,
            done,
            // Found descents of a search that went on may not have been counted in yet.
            total: total.load(Ordering::Relaxed).max(done),
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
