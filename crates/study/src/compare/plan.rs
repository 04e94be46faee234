//! The plan of a comparison: which descents it takes, part by part.

use descender_control::Controller;
use descender_task::{StartPoint, StartPurpose};
use rayon::prelude::*;

use super::store::Key;
use super::work::{Worker, method_error};
use super::{CompareError, CompareSettings, Part};
use crate::baseline::{CALIBRATION_STARTS, Calibration, Competitor, Entry, Score, Tuned, Watched};
use crate::comparison::{CONTROLLER, Tuning};
use crate::trial::Trial;
use descender_statistics::interquartile_mean;

/// The entries, and what they need.
pub(super) struct Plan<'a> {
    entries: &'a [Entry],
    settings: &'a CompareSettings,
    /// The controller, if one of its negative controls is made of what it does.
    watched: Option<&'a Controller>,
}

/// A competitor that takes part, with what its settings cost.
pub(super) struct Contestant {
    pub(super) competitor: Competitor,
    pub(super) tuning: Option<Tuning>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(entries: &'a [Entry], settings: &'a CompareSettings) -> Self {
        let calibrates = entries
            .iter()
            .any(|entry| matches!(entry, Entry::Control(control) if control.needs_calibration()));
        let controller = Entry::find_controller(entries);
        Self {
            entries,
            settings,
            watched: controller.filter(|_| calibrates),
        }
    }

    /// Descents of a part.
    pub(super) fn descents(&self, part: Part) -> u64 {
        match part {
            Part::Calibrating => self.watched.map_or(0, |_| CALIBRATION_STARTS),
            Part::Tuning => self.tuned().map(|(_, tuned)| tuned.descents()).sum(),
            Part::Comparing => self.entries.len() as u64 * self.settings.starts,
        }
    }

    /// Every entry as a competitor.
    ///
    /// # Errors
    /// [`CompareError`].
    pub(super) fn prepare(&self, worker: &Worker<'_>) -> Result<Vec<Contestant>, CompareError> {
        let calibration = self.calibrate(worker)?;
        let mut tuned = self.tune(worker)?.into_iter();
        let contestant = |entry: &Entry| {
            let (competitor, tuning) = match entry {
                Entry::Ready(competitor) => (competitor.clone(), None),
                Entry::Control(control) => {
                    let controller = Entry::find_controller(self.entries)
                        .expect("the entries were checked: a control has its controller");
                    (control.competitor(controller, &calibration), None)
                }
                Entry::Tuned(_) => {
                    let (competitor, tuning) = tuned.next().expect("every tuned entry was tuned");
                    (competitor, Some(tuning))
                }
            };
            Contestant { competitor, tuning }
        };
        Ok(self.entries.iter().map(contestant).collect())
    }

    /// The controller, watched; nothing where no control needs it.
    ///
    /// # Errors
    /// [`CompareError`].
    pub(super) fn calibrate(&self, worker: &Worker<'_>) -> Result<Calibration, CompareError> {
        let Some(controller) = self.watched else {
            return Ok(Calibration::default());
        };
        let watched = in_parallel(CALIBRATION_STARTS, |index| {
            let key = Key::new(Part::Calibrating, 0, 0, index);
            let start = self.start(StartPurpose::Calibration, index);
            worker.complete(key, || {
                let steps = self.settings.steps;
                Watched::descend(worker.problem, controller, start, steps, worker.stop)
                    .map_err(|source| method_error(CONTROLLER, source))
            })
        })?;
        Ok(Calibration::new(watched))
    }

    /// The tuned entries with their places among the entries.
    fn tuned(&self) -> impl Iterator<Item = (usize, &'a Tuned)> {
        let tuned = |(place, entry): (usize, &'a Entry)| match entry {
            Entry::Tuned(tuned) => Some((place, tuned)),
            _ => None,
        };
        self.entries.iter().enumerate().filter_map(tuned)
    }

    /// Each tuned entry at its best, in their order.
    fn tune(&self, worker: &Worker<'_>) -> Result<Vec<(Competitor, Tuning)>, CompareError> {
        // Start-major within an entry, as in the comparison.
        let descents: Vec<(usize, &Tuned, usize, u64)> = self
            .tuned()
            .flat_map(|(place, tuned)| {
                let settings = 0..tuned.grid.len();
                (0..tuned.starts).flat_map(move |start| {
                    settings
                        .clone()
                        .map(move |setting| (place, tuned, setting, start))
                })
            })
            .collect();
        let outcomes = in_parallel(descents.len() as u64, |number| {
            let (place, tuned, setting, index) = descents[number as usize];
            let key = Key::new(Part::Tuning, place, setting, index);
            let start = self.start(StartPurpose::Tuning, index);
            let trial = worker.trial(key, &tuned.at(tuned.grid[setting]), start)?;
            Ok((self.hit(&trial), trial.final_train_loss()))
        })?;
        let mut outcomes = outcomes.as_slice();
        let tuned = self.tuned().map(|(_, tuned)| {
            let (own, others) = outcomes.split_at(tuned.descents() as usize);
            outcomes = others;
            let score = |setting: usize| {
                let of_setting = || own.iter().skip(setting).step_by(tuned.grid.len());
                let hits: Vec<f64> = of_setting().map(|(hit, _)| *hit).collect();
                let losses: Vec<f64> = of_setting().map(|(_, loss)| *loss).collect();
                Score {
                    first_hit: interquartile_mean(&hits),
                    final_train_loss: interquartile_mean(&losses),
                }
            };
            let scores: Vec<Score> = (0..tuned.grid.len()).map(score).collect();
            tuned.choose(&scores, self.settings.steps)
        });
        Ok(tuned.collect())
    }

    /// The trials of all contestants from all reported starts: start-major, so that every method is equally far when
    /// time is short.
    ///
    /// # Errors
    /// [`CompareError`].
    pub(super) fn compete(
        &self,
        worker: &Worker<'_>,
        contestants: &[Contestant],
    ) -> Result<Vec<Trial>, CompareError> {
        let methods = contestants.len() as u64;
        in_parallel(methods * self.settings.starts, |number| {
            let (place, index) = ((number % methods) as usize, number / methods);
            let key = Key::new(Part::Comparing, place, 0, index);
            let start = self.start(StartPurpose::Report, index);
            worker.trial(key, &contestants[place].competitor, start)
        })
    }

    fn start(&self, purpose: StartPurpose, index: u64) -> StartPoint {
        StartPoint {
            purpose,
            seed: self.settings.seed,
            index,
        }
    }

    /// The first hit, where none counts as the number of steps.
    fn hit(&self, trial: &Trial) -> f64 {
        trial.first_hit.unwrap_or(self.settings.steps) as f64
    }
}

/// `work` for each number below `count`, on all threads, in order.
fn in_parallel<T: Send>(
    count: u64,
    work: impl Fn(u64) -> Result<T, CompareError> + Sync,
) -> Result<Vec<T>, CompareError> {
    (0..count as usize)
        .into_par_iter()
        .with_max_len(1)
        .map(|number| work(number as u64))
        .collect()
}
