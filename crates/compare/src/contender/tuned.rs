//! Tuned rivals: a method with the best settings of a search, for the objective that is reported.
//!
//! Every η of a grid is tried on the same few starts, which are used for nothing else
//! ([`StartPurpose::Tuning`](descender_task::StartPurpose::Tuning)), under each combination of the other settings that the
//! item lists. The lowest interquartile mean of the [`Objective`] wins. For the first hit, a start that never hits counts as
//! the number of steps. Ties go to the lowest final training loss, then to what was tried first.
//!
//! The default grid ([`default_grid`]) rises by factors of 2. If the best η lies at an end of what was tried, the search goes
//! on beyond it; once the best has neighbours on both sides, the means between it and them are tried too. So the search
//! ends inside its range, at a resolution of √2. A grid that the item gives is tried as it is.
//!
//! The winner of a search looks better on the tuning starts than it is. Only its results on the reported starts count. The
//! validation loss is that of the reported data; the search uses the selection data in its place.

use std::cmp::Ordering;
use std::fmt;

use descender_optim::{Method, Schedule};

use super::{Contender, Steering};
use crate::comparison::Tuning;
use descender_record::settings_text::shortest;
use descender_statistics::order;

/// The name before the colon: `tuned:sgd`.
pub const TUNED: &str = "tuned";

/// Default number of starts on which each setting is tried (`starts=…`).
pub const TUNING_STARTS: u64 = 8;

/// How often a search goes on beyond an end of its range, each time by [`BEYOND`] values.
const WIDENINGS: usize = 4;

/// Values tried beyond an end at a time.
const BEYOND: i32 = 2;

/// What a search looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// The earliest first hit.
    #[default]
    FirstHit,
    /// The lowest loss on data that are not trained on, after the last step.
    ValidationLoss,
}

/// An optimizer under a schedule: all of a rival but its learning rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The optimizer.
    pub method: Method,
    /// The schedule, whose peak is the learning rate.
    pub schedule: Schedule,
    /// The share of the steps in which η rises to the peak.
    pub warmup: f64,
}

/// A method whose settings are searched before the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuned {
    /// The item as typed.
    pub name: String,
    /// What the search looks for.
    pub objective: Objective,
    /// What is tried beside the learning rate; at least one.
    pub setups: Vec<Setup>,
    /// The learning rates in rising order; at least one.
    pub grid: Vec<f32>,
    /// Whether the search may go on beyond the grid and between its values.
    pub open: bool,
    /// Number of starts on which each setting is tried.
    pub starts: u64,
}

/// A setting that is tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// The index in [`Tuned::setups`].
    setup: usize,
    learning_rate: f32,
}

/// The scores of a setting on the tuning starts: interquartile means; smaller is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Score {
    /// The first hit; a start that never hits counts as the number of steps.
    pub(crate) first_hit: f64,
    /// The final loss on the selection data.
    pub(crate) selection_loss: f64,
    /// The final training loss.
    pub(crate) final_train_loss: f64,
}

impl Objective {
    /// All, in the order of lists.
    pub const ALL: [Self; 2] = [Self::FirstHit, Self::ValidationLoss];

    /// The name, as in items.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstHit => "first-hit",
            Self::ValidationLoss => "validation-loss",
        }
    }

    /// The objective with this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    fn of(self, score: &Score) -> f64 {
        match self {
            Self::FirstHit => score.first_hit,
            Self::ValidationLoss => score.selection_loss,
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Tuned {
    /// Number of settings that are tried at least.
    #[must_use]
    pub fn planned(&self) -> u64 {
        (self.setups.len() * self.grid.len()) as u64
    }

    /// Whether `other` tries the same settings on the same starts, if perhaps for another objective.
    pub(crate) fn shares_search(&self, other: &Self) -> bool {
        self.setups == other.setups && self.grid == other.grid && self.starts == other.starts
    }

    /// The settings that are tried first.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let of = |setup| {
            let rates = self.grid.iter().copied();
            rates.map(move |learning_rate| Candidate {
                setup,
                learning_rate,
            })
        };
        (0..self.setups.len()).flat_map(of).collect()
    }

    /// What to try next, after the candidates with these scores; nothing at the end of the search.
    pub(crate) fn further(&self, tried: &[Candidate], scores: &[Score]) -> Vec<Candidate> {
        let Some(best) = self.best(tried, scores).filter(|_| self.open) else {
            return Vec::new();
        };
        let Candidate {
            setup,
            learning_rate,
        } = tried[best];
        let mut rates: Vec<f32> = tried
            .iter()
            .filter(|candidate| candidate.setup == setup)
            .map(|candidate| candidate.learning_rate)
            .collect();
        rates.sort_by(f32::total_cmp);
        let place = rates.iter().position(|rate| *rate == learning_rate);
        let Some(place) = place.filter(|_| rates.len() > 1) else {
            return Vec::new();
        };
        let most = self.grid.len() + 2 * WIDENINGS * BEYOND as usize;
        let beyond = |end: f32, step: f32| -> Vec<f32> {
            (1..=BEYOND).map(|power| end * step.powi(power)).collect()
        };
        let new = if rates.len() >= most {
            Vec::new()
        } else if place == 0 {
            beyond(rates[0], rates[0] / rates[1])
        } else if place + 1 == rates.len() {
            beyond(rates[place], rates[place] / rates[place - 1])
        } else {
            // Halfway to the neighbours, unless these are as near already.
            [rates[place - 1], rates[place + 1]]
                .into_iter()
                .filter(|rate| (rate / learning_rate).ln().abs() > 0.5)
                .map(|rate| (rate * learning_rate).sqrt())
                .collect()
        };
        new.into_iter()
            .filter(|rate| rate.is_finite() && *rate > 0.0)
            .map(|learning_rate| Candidate {
                setup,
                learning_rate,
            })
            .collect()
    }

    /// The candidate with the best score.
    fn best(&self, tried: &[Candidate], scores: &[Score]) -> Option<usize> {
        let by_score = |&a: &usize, &b: &usize| -> Ordering {
            order(
                &self.objective.of(&scores[a]),
                &self.objective.of(&scores[b]),
            )
            .then_with(|| order(&scores[a].final_train_loss, &scores[b].final_train_loss))
        };
        (0..tried.len().min(scores.len())).min_by(by_score) // of equals the first
    }

    /// The method under a candidate's settings.
    pub(crate) fn at(&self, candidate: Candidate) -> Contender {
        let setup = &self.setups[candidate.setup];
        let steering = Steering::Schedule {
            schedule: setup.schedule.clone(),
            peak: candidate.learning_rate,
            warmup: setup.warmup,
        };
        Contender::rival(self.name.clone(), setup.method, steering)
    }

    /// The method under its best settings, and the record of the search, whose descents had `steps` steps each.
    pub(crate) fn choose(
        &self,
        tried: &[Candidate],
        scores: &[Score],
        steps: u64,
    ) -> (Contender, Tuning) {
        let best = self.best(tried, scores).unwrap_or(0);
        let mut own: Vec<(f32, f64)> = (tried.iter().zip(scores))
            .filter(|(candidate, _)| candidate.setup == tried[best].setup)
            .map(|(candidate, score)| (candidate.learning_rate, self.objective.of(score)))
            .collect();
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
        let tuning = Tuning {
            objective: self.objective.name().to_owned(),
            grid: own.iter().map(|(rate, _)| shortest(*rate)).collect(),
            scores: own.iter().map(|(_, score)| *score).collect(),
            tried: tried.len() as u64,
            starts: self.starts,
            steps: tried.len() as u64 * self.starts * steps,
        };
        (self.at(tried[best]), tuning)
    }
}

/// The default learning rates for `method` (`grid=…`), in rising order, by factors of 2: around the best known on the
/// paper's task, or around the usual one.
#[must_use]
pub fn default_grid(method: &Method) -> Vec<f32> {
    let (lowest, count) = match method {
        Method::Sgd => (0.05, 5),
        Method::Momentum(_) | Method::Nesterov(_) => (0.01, 5),
        Method::Adam(_) | Method::AdamW(_) | Method::NAdamW(_) | Method::Amsgrad(_) => (0.001, 6),
        method => (method.usual_learning_rate() / 4.0, 6),
    };
    (0..count).map(|power| lowest * 2_f32.powi(power)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuned(objective: Objective, setups: usize) -> Tuned {
        let setup = |index: usize| Setup {
            method: Method::Sgd,
            schedule: Schedule::Constant,
            warmup: index as f64 / 10.0,
        };
        Tuned {
            name: "tuned:sgd".to_owned(),
            objective,
            setups: (0..setups).map(setup).collect(),
            grid: vec![0.1, 0.2, 0.4],
            open: true,
            starts: 8,
        }
    }

    fn score(first_hit: f64, selection_loss: f64, final_train_loss: f64) -> Score {
        Score {
            first_hit,
            selection_loss,
            final_train_loss,
        }
    }

    fn peak(contender: &Contender) -> (f32, f64) {
        match contender.steering {
            Steering::Schedule { peak, warmup, .. } => (peak, warmup),
            ref other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_objective_decides_then_the_training_loss_then_the_order() {
        let best = |objective, scores: [(f64, f64, f64); 3]| {
            let tuned = tuned(objective, 1);
            let scores = scores.map(|(hit, selection, train)| score(hit, selection, train));
            peak(&tuned.choose(&tuned.candidates(), &scores, 500).0).0
        };
        let scores = [(300.0, 0.2, 0.1), (200.0, 0.3, 0.3), (250.0, 0.1, 0.2)];
        assert_eq!(best(Objective::FirstHit, scores), 0.2);
        assert_eq!(best(Objective::ValidationLoss, scores), 0.4);
        let never = |train: [f64; 3]| train.map(|train| (500.0, f64::NAN, train));
        for objective in Objective::ALL {
            assert_eq!(best(objective, never([0.3, 0.2, 0.1])), 0.4);
            assert_eq!(best(objective, never([0.3, 0.3, 0.3])), 0.1);
            // One that diverged on most starts has no loss.
            assert_eq!(best(objective, never([f64::NAN, f64::INFINITY, 9.0])), 0.4);
        }
    }

    /// Searches until nothing is left to try; the score of a rate is its distance from `wanted` in ln η, and from the
    /// second setup.
    fn search(tuned: &Tuned, wanted: f32) -> (Vec<Candidate>, Vec<Score>) {
        let (mut tried, mut scores) = (tuned.candidates(), Vec::new());
        loop {
            for candidate in &tried[scores.len()..] {
                let away = (candidate.learning_rate / wanted).ln().abs();
                let away = f64::from(away) + if candidate.setup == 1 { 0.0 } else { 0.2 };
                scores.push(score(away, away, away));
            }
            let further = tuned.further(&tried, &scores);
            if further.is_empty() {
                return (tried, scores);
            }
            tried.extend(further);
        }
    }

    #[test]
    fn the_search_goes_beyond_its_ends_and_between_its_values() {
        for (wanted, nearest) in [(0.2, 0.2), (0.28, 0.283), (3.2, 3.2), (0.004, 0.0044)] {
            let tuned = tuned(Objective::FirstHit, 2);
            let (tried, scores) = search(&tuned, wanted);
            let (contender, tuning) = tuned.choose(&tried, &scores, 500);
            let (found, warmup) = peak(&contender);
            assert!((found / nearest - 1.0).abs() < 0.02, "{wanted}: {found}");
            assert_eq!(warmup, 0.1, "the better setup");
            assert!(!tuning.is_edge(shortest(found)), "{tuning:?}");
            assert!(tuning.grid.is_sorted() && tuning.grid.len() == tuning.scores.len());
            assert_eq!(tuning.tried, tried.len() as u64);
            assert_eq!(tuning.steps, tried.len() as u64 * 8 * 500);
        }
        // There is an end to it.
        let (tried, _) = search(&tuned(Objective::FirstHit, 2), 1e30);
        assert!(tried.len() < 30);
        let closed = Tuned {
            open: false,
            ..tuned(Objective::FirstHit, 2)
        };
        assert_eq!(search(&closed, 3.2).0, closed.candidates());
    }

    #[test]
    fn every_method_has_a_rising_grid_around_its_usual_rate() {
        for known in Method::names() {
            let grid = default_grid(&known.method);
            assert!(grid.len() >= 5, "{}", known.name);
            let mut ratios = grid.windows(2).map(|pair| pair[1] / pair[0]);
            assert!(
                ratios.all(|ratio| (1.9..2.1).contains(&ratio)),
                "{}",
                known.name
            );
            let inside = grid[0]..=grid[grid.len() - 1];
            assert!(inside.contains(&known.learning_rate), "{}", known.name);
        }
    }
}
