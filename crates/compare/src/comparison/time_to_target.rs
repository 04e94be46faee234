//! Time to target over the methods of a comparison: performance profiles of the first hit, and AlgoPerf's score.
//!
//! The time of a method on a start is the number of steps up to and including the first hit (the step's number, counted
//! from 0, plus 1), and ∞ for a start that never hit. The best time on a start is that of the controller and its
//! rivals: a negative control must not lower anyone's score. A negative control is measured against the same best
//! times; if it is faster, it counts as equal to the best. See [`descender_statistics::time_to_target`]. All of it is
//! derived from [`MethodResult::by_start`]; nothing is computed unless every method has it, and some method has hit from
//! some start: where nobody gets there, everyone would score 0, which says nothing of anyone. A start that never hit may
//! yet do so under a larger budget, so a score under a budget below 4 times the best time is a lower bound.

use super::{Comparison, MethodResult, Role};
use descender_statistics::time_to_target::{best_times, ratios_to};
use descender_statistics::{Better, Bootstrap, Interval, Profile};

impl Comparison {
    /// AlgoPerf's score of each method, in the order of the methods. It is the area under its performance profile for
    /// time ratios from 1 to 4, divided by 3, with its 95 % interval over the starts.
    #[must_use]
    pub fn algoperf_scores(&self) -> Option<Vec<Interval>> {
        self.of_each_ratios(|bootstrap, ratios| bootstrap.algoperf_score(&[ratios], 0))
    }

    /// The performance profile of each method, in the order of the methods, with 95 % bands: for each τ ≥ 1 of
    /// `levels`, the share of the starts on which it took at most τ times the steps of the start's best method.
    #[must_use]
    pub fn ratio_profiles(&self, levels: &[f64]) -> Option<Vec<Profile>> {
        self.of_each_ratios(|bootstrap, ratios| bootstrap.ratio_profile(&[ratios], levels, 0))
    }

    /// The share of the starts from which each method has hit by each step of `levels` (step numbers, counted from 0),
    /// in the order of the methods, with 95 % bands: rliable's run-score profile.
    #[must_use]
    pub fn first_hit_profiles(&self, levels: &[f64]) -> Option<Vec<Profile>> {
        let times = self.times()?;
        let bootstrap = Bootstrap::new(self.seed);
        // A time counts the step itself, a level doesn't.
        let steps = |times: &Vec<f64>| times.iter().map(|time| time - 1.0).collect::<Vec<f64>>();
        Some(
            times
                .iter()
                .map(|times| bootstrap.profile(&[steps(times)], levels, Better::Smaller, 0))
                .collect(),
        )
    }

    /// The probability that the controller's first hit from a random start is earlier than `method`'s from a random
    /// start, where ties count half: rliable's probability of improvement, over all pairs of starts.
    /// [`Comparison::controller_against`] has the paired probability, from the same start.
    ///
    /// `None` for the controller itself, and if the controller or the single starts are not known, or nobody ever hit.
    #[must_use]
    pub fn controller_over_all_pairs(&self, method: &MethodResult) -> Option<Interval> {
        let controller = self
            .controller()
            .filter(|controller| controller.name != method.name)?;
        let (own, other) = (self.steps_to_hit(controller), self.steps_to_hit(method));
        if own.is_empty() || other.is_empty() || !self.anyone_hits() {
            return None;
        }
        Bootstrap::new(self.seed)
            .probability_over_all_pairs(&[own], &[other], Better::Smaller, 0)
            .ok()
    }

    fn of_each_ratios<T>(&self, of: impl Fn(&Bootstrap, &Vec<f64>) -> T) -> Option<Vec<T>> {
        let times = self.times()?;
        let usable: Vec<&Vec<f64>> = self
            .methods
            .iter()
            .zip(&times)
            .filter(|(method, _)| method.role != Role::Control)
            .map(|(_, times)| times)
            .collect();
        let best = match usable.is_empty() {
            true => best_times(&times),
            false => best_times(&usable),
        };
        let bootstrap = Bootstrap::new(self.seed);
        Some(
            times
                .iter()
                .map(|times| of(&bootstrap, &ratios_to(times, &best)))
                .collect(),
        )
    }

    /// The times of every method; `None` if those of one are not known, or if nobody ever hit.
    fn times(&self) -> Option<Vec<Vec<f64>>> {
        let times: Vec<Vec<f64>> = self
            .methods
            .iter()
            .map(|method| self.steps_to_hit(method))
            .collect();
        let starts = times.first()?.len();
        (starts > 0 && self.anyone_hits() && times.iter().all(|times| times.len() == starts))
            .then_some(times)
    }

    /// The steps up to and including the first hit of each start; ∞ if there was none.
    fn steps_to_hit(&self, method: &MethodResult) -> Vec<f64> {
        method
            .by_start
            .iter()
            .map(|start| {
                start
                    .first_hit
                    .map_or(f64::INFINITY, |step| step as f64 + 1.0)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{sample, with_starts};
    use super::super::{CONTROLLER, Measure, Role};

    #[test]
    fn scores_and_profiles_by_hand() {
        let comparison = with_starts(&[
            (
                CONTROLLER,
                Role::Controller,
                vec![Some(99), Some(99), None, Some(0)],
                0.1,
            ),
            (
                "adam",
                Role::Rival,
                vec![Some(199), Some(49), None, Some(3)],
                0.1,
            ),
        ]);
        // Ratios 1, 2, ∞, 1 and 2, 1, ∞, 4.
        let scores = comparison.algoperf_scores().unwrap();
        assert!((scores[0].value - (1.0 + 2.0 / 3.0 + 0.0 + 1.0) / 4.0).abs() < 1e-15);
        assert!((scores[1].value - (2.0 / 3.0 + 1.0) / 4.0).abs() < 1e-15);
        let profiles = comparison.ratio_profiles(&[1.0, 2.0, 4.0]).unwrap();
        assert_eq!(profiles[0].shares, [0.5, 0.75, 0.75]);
        assert_eq!(profiles[1].shares, [0.25, 0.5, 0.75]);
        let profiles = comparison
            .first_hit_profiles(&[0.0, 98.0, 99.0, 500.0])
            .unwrap();
        assert_eq!(profiles[0].shares, [0.25, 0.25, 0.75, 0.75]);
        // Pairs won: 100 and 100 against 200 and ∞; ∞ ties with ∞; 1 against all.
        let share = comparison
            .controller_over_all_pairs(&comparison.methods[1])
            .unwrap();
        assert_eq!(share.value, (2.0 + 2.0 + 0.5 + 4.0) / 16.0);
        assert!(
            comparison
                .controller_over_all_pairs(&comparison.methods[0])
                .is_none()
        );
    }

    #[test]
    fn where_nobody_hits_nobody_has_a_score() {
        let comparison = with_starts(&[
            (CONTROLLER, Role::Controller, vec![None; 8], 0.1),
            ("adam", Role::Rival, vec![None; 8], 0.2),
        ]);
        assert_eq!(comparison.algoperf_scores(), None);
        assert_eq!(comparison.first_hit_profiles(&[1.0]), None);
        assert_eq!(
            comparison.controller_over_all_pairs(&comparison.methods[1]),
            None
        );
    }

    #[test]
    fn a_negative_control_lowers_nobodys_score() {
        let mut comparison = with_starts(&[
            (CONTROLLER, Role::Controller, vec![Some(99), None], 0.1),
            ("adam", Role::Rival, vec![Some(249), None], 0.1),
        ]);
        let alone = comparison.algoperf_scores().unwrap();
        let control = with_starts(&[("replay", Role::Control, vec![Some(49), Some(10)], 0.1)]);
        comparison.methods.extend(control.methods.clone());
        let together = comparison.algoperf_scores().unwrap();
        assert_eq!(together[..2], alone[..]);
        assert_eq!(together[2].value, 1.0);
        // Controls among themselves have only each other.
        assert_eq!(control.algoperf_scores().unwrap()[0].value, 1.0);
    }

    #[test]
    fn without_single_starts_there_is_nothing_but_the_stored_pairs() {
        let comparison = sample();
        assert_eq!(comparison.algoperf_scores(), None);
        assert_eq!(comparison.ratio_profiles(&[1.0]), None);
        assert_eq!(comparison.first_hit_profiles(&[1.0]), None);
        let adam = &comparison.methods[1];
        assert_eq!(comparison.controller_over_all_pairs(adam), None);
        assert_eq!(comparison.controller_against(adam, Measure::FirstHit), None);
        let mut uneven = with_starts(&[
            (CONTROLLER, Role::Controller, vec![Some(1), Some(2)], 0.1),
            ("adam", Role::Rival, vec![Some(1), Some(2)], 0.1),
        ]);
        uneven.methods[1].by_start.pop();
        assert_eq!(uneven.algoperf_scores(), None);
        let adam = &uneven.methods[1];
        assert_eq!(
            uneven.controller_against(adam, Measure::FinalTrainLoss),
            None
        );
    }
}
