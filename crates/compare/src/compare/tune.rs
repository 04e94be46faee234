//! The searches of tuned entries: round by round, until nothing better is to be expected.

use std::collections::BTreeMap;

use descender_optim::Method;
use descender_statistics::interquartile_mean;
use descender_task::{DescentError, Problem};

use super::error::CompareError;
use super::part::Part;
use super::plan::{PlannedDescent, tuned, tuning_descents};
use super::settings::CompareSettings;
use super::work::Worker;
use crate::comparison::Tuning;
use crate::contender::{Candidate, Contender, Entry, Objective, Score, Tuned};
use crate::trial::Trial;

/// A tuned entry with what its search found.
pub(super) type Found = (Contender, Tuning);

/// What a search has tried.
type Tried = Vec<(Candidate, Score)>;

/// What a search needs from a trial.
#[derive(Clone, Copy)]
struct Outcome {
    first_hit: f64,
    selection_loss: f64,
    final_train_loss: f64,
}

/// The searches of all tuned entries, by the entry's place.
///
/// Entries that try the same settings for different objectives share the descents.
///
/// # Errors
/// [`CompareError`]; also if the validation loss is to be tuned for and there are no selection data to do it on.
pub(super) fn tune(
    problem: &dyn Problem,
    entries: &[Entry],
    settings: &CompareSettings,
    worker: &Worker<'_>,
) -> Result<BTreeMap<usize, Found>, CompareError> {
    let mut searches: Vec<(&Tuned, Tried)> = Vec::new();
    let mut found = BTreeMap::new();
    for (place, tuned) in tuned(entries) {
        if tuned.objective == Objective::ValidationLoss {
            check_selection(problem, tuned)?;
        }
        let known = searches
            .iter()
            .find(|(other, _)| other.shares_search(tuned))
            .map(|(_, known)| known.clone())
            .unwrap_or_default();
        let search = Search {
            place,
            tuned,
            settings,
            worker,
        };
        let all = search.run(&known)?;
        let (tried, scores): (Vec<Candidate>, Vec<Score>) = all.iter().copied().unzip();
        found.insert(place, tuned.choose(&tried, &scores, settings.steps));
        searches.push((tuned, all));
    }
    Ok(found)
}

fn check_selection(problem: &dyn Problem, tuned: &Tuned) -> Result<(), CompareError> {
    let method: Method = tuned.setups[0].method;
    let descent = problem
        .descent(method)
        .map_err(|source| CompareError::method(&tuned.name, source))?;
    if descent.capabilities().selection {
        return Ok(());
    }
    let message = format!(
        "`{}` has no selection data to tune for the validation loss on; expected for={}, or a problem that keeps some \
         training data aside",
        problem.name(),
        Objective::FirstHit
    );
    Err(CompareError::method(
        &tuned.name,
        DescentError::Own(message.into()),
    ))
}

/// The search of one entry.
struct Search<'a> {
    place: usize,
    tuned: &'a Tuned,
    settings: &'a CompareSettings,
    worker: &'a Worker<'a>,
}

impl Search<'_> {
    /// Everything that was tried, with its scores. What is `known` isn't run again.
    fn run(&self, known: &[(Candidate, Score)]) -> Result<Tried, CompareError> {
        let mut tried = self.tuned.candidates();
        let mut scores: Vec<Score> = Vec::new();
        loop {
            let new: Vec<usize> = (scores.len()..tried.len())
                .filter(|&index| score_of(&tried[index], known).is_none())
                .collect();
            let mut fresh = self.scores(&tried, &new)?.into_iter();
            for candidate in &tried[scores.len()..] {
                let score = score_of(candidate, known).or_else(|| fresh.next());
                scores.push(score.expect("one for each candidate that isn't known"));
            }
            let further = self.tuned.further(&tried, &scores);
            if further.is_empty() {
                return Ok(tried.into_iter().zip(scores).collect());
            }
            let unknown = further
                .iter()
                .filter(|candidate| score_of(candidate, known).is_none());
            let more = unknown.count() as u64 * self.tuned.starts;
            self.worker.expect_more(Part::Tuning, more);
            tried.extend(further);
        }
    }

    /// The scores of these candidates.
    fn scores(&self, tried: &[Candidate], new: &[usize]) -> Result<Vec<Score>, CompareError> {
        let starts = self.tuned.starts;
        let planned: Vec<PlannedDescent> = new
            .iter()
            .flat_map(|&index| {
                tuning_descents(self.place, index..index + 1, starts, self.settings.seed)
            })
            .collect();
        let outcomes = self.worker.trials(
            &planned,
            |key| self.tuned.at(tried[key.setting()]),
            |trial| Outcome::of(&trial, self.settings.steps),
        )?;
        Ok(outcomes.chunks(starts as usize).map(score).collect())
    }
}

fn score_of(candidate: &Candidate, known: &[(Candidate, Score)]) -> Option<Score> {
    let own = known.iter().find(|(other, _)| other == candidate);
    own.map(|(_, score)| *score)
}

impl Outcome {
    /// Of a trial of `steps` steps that was evaluated on the selection data.
    fn of(trial: &Trial, steps: u64) -> Self {
        Self {
            first_hit: trial.hit_or(steps) as f64,
            selection_loss: trial.evaluation.loss.into(),
            final_train_loss: trial.final_train_loss(),
        }
    }
}

fn score(outcomes: &[Outcome]) -> Score {
    let mean = |of: fn(&Outcome) -> f64| {
        interquartile_mean(&outcomes.iter().map(of).collect::<Vec<f64>>())
    };
    Score {
        first_hit: mean(|outcome| outcome.first_hit),
        selection_loss: mean(|outcome| outcome.selection_loss),
        final_train_loss: mean(|outcome| outcome.final_train_loss),
    }
}
