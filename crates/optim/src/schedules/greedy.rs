//! GreedyLR: up while the loss improves, down while it does not.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time};
use crate::setting::{
    Allowed::{AtLeastOne, Fraction, NonNegative, PositiveFraction},
    Setting,
    Value::{Count, Number, Steps},
};

/// GreedyLR (Subramanian, Ganapathiraman 2023; arXiv 2512.14527): η is divided by a factor after more than `patience` steps
/// in a row whose loss is a new lowest, and multiplied by it after more than `patience` steps in a row whose loss is
/// not. It is the hand-written form of the paper's actions ×0.9, 1, ÷0.9. η₀ is where η begins, and not a peak.
///
/// The loss is that of a step's batch, or its mean over the last `window` steps. Defaults are those of
/// `transformers.GreedyLR`, except that there the ends of η are the absolute numbers 0.001 and 1 (0.01 and 10 times the η₀
/// = 0.1 of its example), and that a reset after 500 attempts to fall below the lower end is left out. A loss that is not
/// finite is no improvement and stays out of the mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Greedy {
    /// What η is multiplied by to fall and divided by to rise, above 0 and at most 1 (0.95).
    pub factor: f64,
    /// Steps in a row that don't change η yet (10).
    pub patience: u64,
    /// By how much a loss must be below the lowest so far, at least 0 (1e-6).
    pub threshold: f64,
    /// Steps of the mean that is watched, at least 1 (1).
    pub window: u64,
    /// Steps after a fall that are not counted (0).
    pub cooldown: u64,
    /// Steps after a rise that are not counted (0).
    pub pause: u64,
    /// Smallest η as a share of η₀, from 0 to 1 (0.01).
    pub lowest: f64,
    /// Largest η as a multiple of η₀, at least 1 (10).
    pub highest: f64,
}

impl Default for Greedy {
    fn default() -> Self {
        Greedy {
            factor: 0.95,
            patience: 10,
            threshold: 1e-6,
            window: 1,
            cooldown: 0,
            pause: 0,
            lowest: 0.01,
            highest: 10.0,
        }
    }
}

impl Curve for Greedy {
    const DESCRIPTION: &'static str =
        "rises while the loss is a new lowest, falls while it is not; begins at the given rate";
    const WATCHES_LOSSES: bool = true;
    type State = GreedyState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("factor", Number(&mut self.factor, PositiveFraction)),
            ("patience", Steps(&mut self.patience)),
            ("threshold", Number(&mut self.threshold, NonNegative)),
            ("window", Count(&mut self.window)),
            ("cooldown", Steps(&mut self.cooldown)),
            ("pause", Steps(&mut self.pause)),
            ("lowest", Number(&mut self.lowest, Fraction)),
            ("highest", Number(&mut self.highest, AtLeastOne)),
        ]
    }

    fn start(&self, _total: u64) -> GreedyState {
        GreedyState {
            settings: *self,
            level: 1.0,
            losses: VecDeque::new(),
            best: f64::INFINITY,
            good: 0,
            bad: 0,
            uncounted: 0,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GreedyState {
    settings: Greedy,
    /// η as a multiple of η₀.
    level: f64,
    /// The last losses, at most `window`.
    losses: VecDeque<f64>,
    best: f64,
    /// Steps in a row with and without improvement.
    good: u64,
    bad: u64,
    /// Steps that are still not counted.
    uncounted: u64,
}

impl GreedyState {
    /// What is watched after a step with this loss; infinite where the loss is not finite.
    fn watched(&mut self, loss: f64) -> f64 {
        if !loss.is_finite() {
            return f64::INFINITY;
        }
        if self.losses.len() as u64 >= self.settings.window {
            self.losses.pop_front();
        }
        self.losses.push_back(loss);
        self.losses.iter().sum::<f64>() / self.losses.len() as f64
    }
}

impl CurveState for GreedyState {
    fn share(&self, _time: Time) -> f64 {
        self.level
    }

    fn advance(&mut self, loss: f64) {
        let settings = self.settings;
        let watched = self.watched(loss);
        if self.uncounted > 0 {
            self.uncounted -= 1;
            (self.good, self.bad) = (0, 0);
            return;
        }
        if watched < self.best - settings.threshold {
            self.best = watched;
            (self.good, self.bad) = (self.good + 1, 0);
        } else {
            (self.good, self.bad) = (0, self.bad + 1);
        }
        if self.good > settings.patience {
            self.level = (self.level / settings.factor).min(settings.highest);
            (self.good, self.uncounted) = (0, settings.pause);
        } else if self.bad > settings.patience {
            self.level = (self.level * settings.factor).max(settings.lowest);
            (self.bad, self.uncounted) = (0, settings.cooldown);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Schedule;

    /// η of each step while the batch losses are these.
    fn rates(settings: &[(&str, &str)], losses: &[f32]) -> Vec<f32> {
        let schedule = settings.iter().fold(
            Schedule::by_name("greedy").unwrap(),
            |schedule, (key, value)| schedule.with_setting(key, value).unwrap(),
        );
        let mut state = schedule.start(1.0, losses.len() as u64);
        let at = |loss: &f32| {
            let rate = state.learning_rate();
            state.advance(*loss);
            rate
        };
        losses.iter().map(at).collect()
    }

    #[test]
    fn it_rises_after_a_row_of_new_lows_and_falls_after_a_row_without() {
        let losses = [5.0, 4.0, 3.0, 2.0, 2.0, 2.5, 2.0, 2.0, 1.0];
        let half = [("factor", "0.5"), ("patience", "1")];
        assert_eq!(
            rates(&half, &losses),
            [1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 2.0, 2.0, 1.0]
        );
        let paused = [half.as_slice(), &[("pause", "1"), ("cooldown", "2")]].concat();
        assert_eq!(
            rates(&paused, &losses),
            [1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0]
        );
    }

    #[test]
    fn a_mean_sees_through_one_bad_batch_and_the_ends_hold() {
        let mut losses: Vec<f32> = (0..40).map(|t| 10.0 - 0.2 * t as f32).collect();
        losses[20] = 10.0;
        let plain = rates(&[("patience", "4"), ("highest", "1.1")], &losses);
        assert_eq!(plain.iter().fold(0.0, |a: f32, b| a.max(*b)), 1.1);
        let losses = vec![f32::NAN; 400];
        let lost = rates(&[("patience", "0"), ("lowest", "0.25")], &losses);
        assert_eq!(lost[399], 0.25);
    }
}
