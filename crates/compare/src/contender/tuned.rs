//! Tuned rivals: a method with the best learning rate of a given grid.
//!
//! Each η of the grid is tried on the same few starts, which are used for nothing else
//! ([`StartPurpose::Tuning`](descender_task::StartPurpose::Tuning)). The lowest interquartile mean of the first hit
//! wins; a start that never hits counts as the number of steps. Ties, for instance when no η hits, go to the lowest
//! final training loss, then to the smallest η.
//!
//! Default grids ([`default_grid`]) are log-spaced. For the methods in the table below, whose best η on the paper's
//! task is known, they rise by factors of about √2 from well below that η to well above it. For every other method they
//! are its usual η times 1/8, 1/4, …, 16. A schedule has the grid of its optimizer.
//!
//! | method | grid | best η on the paper's task (750 steps) |
//! |---|---|---|
//! | `sgd` | 0.05 … 0.6 | 0.3 |
//! | `momentum`, `nesterov` | 0.01 … 0.15 | 0.07 (`momentum`) |
//! | `adam`, `adamw`, `amsgrad` | 0.001 … 0.012 | 0.006 (`adam`) |
//!
//! The winner of a search looks better on the tuning starts than it is. Only its results on the reported starts count.

use std::cmp::Ordering;

use descender_optim::{Method, Schedule};

use super::{Contender, Steering};
use crate::comparison::Tuning;
use descender_record::settings_text::shortest;
use descender_statistics::order;

/// The name before the colon: `tuned:sgd`.
pub const TUNED: &str = "tuned";

/// Default number of starts on which each learning rate is tried (`starts=…`).
pub const TUNING_STARTS: u64 = 8;

/// A method whose η is searched before the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuned {
    /// The item as typed.
    pub name: String,
    /// The optimizer.
    pub method: Method,
    /// Its schedule, whose peak is searched.
    pub schedule: Schedule,
    /// The learning rates in rising order; at least one.
    pub grid: Vec<f32>,
    /// Number of starts on which each is tried.
    pub starts: u64,
}

/// The scores of one learning rate on the tuning starts: interquartile means; smaller is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Score {
    /// The first hit; a start that never hits counts as the number of steps.
    pub(crate) first_hit: f64,
    /// The final training loss.
    pub(crate) final_train_loss: f64,
}

impl Tuned {
    /// Number of descents of the search.
    #[must_use]
    pub fn descents(&self) -> u64 {
        self.grid.len() as u64 * self.starts
    }

    /// The method at one learning rate of the grid.
    #[must_use]
    pub fn at(&self, learning_rate: f32) -> Contender {
        let schedule = self.schedule.clone();
        let steering = Steering::Schedule {
            schedule,
            peak: learning_rate,
        };
        Contender::rival(self.name.clone(), self.method, steering)
    }

    /// The method with its best learning rate, and the record of the search. `scores` has the score of each η of the
    /// grid; each descent had `steps` steps.
    pub(crate) fn choose(&self, scores: &[Score], steps: u64) -> (Contender, Tuning) {
        let by_score = |(_, a): &(&f32, &Score), (_, b): &(&f32, &Score)| -> Ordering {
            order(&a.first_hit, &b.first_hit)
                .then_with(|| order(&a.final_train_loss, &b.final_train_loss))
        };
        let best = self.grid.iter().zip(scores).min_by(by_score); // of equals the first
        let tuning = Tuning {
            grid: self.grid.iter().map(|rate| shortest(*rate)).collect(),
            scores: scores.iter().map(|score| score.first_hit).collect(),
            starts: self.starts,
            steps: self.descents() * steps,
        };
        let best = best.map_or(f32::NAN, |(rate, _)| *rate);
        (self.at(best), tuning)
    }
}

/// The default learning rates for `method` (`grid=…`), in rising order.
#[must_use]
pub fn default_grid(method: &Method) -> Vec<f32> {
    match method {
        Method::Sgd => vec![0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6],
        Method::Momentum(_) | Method::Nesterov(_) => {
            vec![0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15]
        }
        Method::Adam(_) | Method::AdamW(_) | Method::Amsgrad(_) => {
            vec![0.001, 0.0015, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012]
        }
        method => (-3..=4)
            .map(|power| method.usual_learning_rate() * 2_f32.powi(power))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuned() -> Tuned {
        Tuned {
            name: "tuned:sgd".to_owned(),
            method: Method::Sgd,
            schedule: Schedule::Constant,
            grid: vec![0.1, 0.2, 0.4],
            starts: 8,
        }
    }

    fn best(scores: [(f64, f64); 3]) -> f32 {
        let scores = scores.map(|(first_hit, final_train_loss)| Score {
            first_hit,
            final_train_loss,
        });
        match tuned().choose(&scores, 500).0.steering {
            Steering::Schedule { peak, .. } => peak,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_earliest_hit_wins_then_the_lowest_loss_then_the_smallest_rate() {
        assert_eq!(best([(300.0, 0.1), (200.0, 0.3), (250.0, 0.2)]), 0.2);
        assert_eq!(best([(500.0, 0.3), (500.0, 0.2), (500.0, 0.1)]), 0.4);
        assert_eq!(best([(500.0, 0.3), (500.0, 0.3), (500.0, 0.3)]), 0.1);
        // One that diverged on most starts has no loss.
        assert_eq!(
            best([(500.0, f64::NAN), (500.0, f64::INFINITY), (500.0, 9.0)]),
            0.4
        );
    }

    #[test]
    fn the_record_says_what_the_search_cost() {
        let scores = [300.0, 200.0, 250.0].map(|first_hit| Score {
            first_hit,
            final_train_loss: 0.1,
        });
        let (contender, tuning) = tuned().choose(&scores, 500);
        assert_eq!(contender.name, "tuned:sgd");
        assert_eq!(tuning.grid, [0.1, 0.2, 0.4]);
        assert_eq!(tuning.scores, [300.0, 200.0, 250.0]);
        assert_eq!((tuning.starts, tuning.steps), (8, 3 * 8 * 500));
    }

    #[test]
    fn every_method_has_a_rising_log_spaced_grid_around_its_usual_rate() {
        for known in Method::names() {
            let grid = default_grid(&known.method);
            assert_eq!(grid.len(), 8, "{}", known.name);
            let ratios = grid.windows(2).map(|pair| pair[1] / pair[0]);
            assert!(
                ratios.into_iter().all(|ratio| (1.3..2.1).contains(&ratio)),
                "{}",
                known.name
            );
            let inside = grid[0]..=grid[grid.len() - 1];
            assert!(inside.contains(&known.learning_rate), "{}", known.name);
        }
    }
}
