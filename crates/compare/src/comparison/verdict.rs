//! The verdict: what a comparison says about its controller, in a few sentences that claim no more than the intervals
//! support.
//!
//! The controller is *better* than a method in a measure when the 95 % interval of the paired difference (controller −
//! method, start by start) lies below 0, *worse* when it lies above, and otherwise the two are *not told apart*. If
//! there are no pairs, the two methods' own intervals must not overlap, which is stricter. With fewer than
//! [`MINIMUM_STARTS`] starts, no two methods are told apart.
//!
//! The verdict speaks of the first hit, the final validation loss and, where the task has one, the accuracy: a controller
//! trained for one of them may be bought with another. For each it says against which rivals the controller stands
//! how, and whether it beats its negative controls ([`Role::Control`]). A start that never hits within the budget would
//! have hit later, or never. So a difference of first hits is only bounded there ([`FirstHit`](super::FirstHit)), and what
//! is said of it holds under any larger budget; where nobody hits, nothing is said but that. The intervals are not
//! corrected for multiple comparisons: among twenty methods, one may well differ by chance, while a claim about "all"
//! needs no correction.

use super::finding::{Finding, MINIMUM_STARTS, Standing, side};
use super::first_hit::{FirstHit, first_hit_text};
use super::measure::Measure;
use super::table::printable;
use super::wording::{ACCURACY, FIRST_HIT, LOSS, Words};
use super::{Comparison, MethodResult, Role};
use descender_statistics::Better;
use descender_statistics::number::{interval_text, setting};
use serde::Serialize;

/// What a comparison says about its controller.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// A few sentences of plain text, with intervals and without control characters.
    pub sentence: String,
    /// The controller's first hit against each other method's, the earliest method first.
    pub first_hit: Vec<Finding>,
    /// The controller's final validation loss against each other method's, the lowest first.
    pub final_validation_loss: Vec<Finding>,
    /// The controller's validation accuracy against each other method's, the highest first; empty where the task has
    /// none.
    pub validation_accuracy: Vec<Finding>,
}

impl Verdict {
    /// The findings about the first hit against methods in `role`.
    pub fn first_hit_against(&self, role: Role) -> impl Iterator<Item = &Finding> {
        self.first_hit
            .iter()
            .filter(move |finding| finding.role == role)
    }
}

impl Comparison {
    /// What the comparison says about its controller; see the module's documentation.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let first_hit = self.findings(Measure::FirstHit);
        let final_validation_loss = self.findings(Measure::FinalValidationLoss);
        let validation_accuracy = match self.has_accuracy() {
            true => self.findings(Measure::ValidationAccuracy),
            false => Vec::new(),
        };
        let sentence = match self.controller() {
            Some(controller) => {
                let mut text = self.first_hit_sentence(controller, &first_hit);
                // Where nobody hits, the sentence before is not about the controller.
                let whose = match self.anyone_hits() {
                    true => "Its",
                    false => "The controller's",
                };
                text.push_str(&format!(" {whose}"));
                text.push_str(&level_words(controller, &LOSS, &final_validation_loss));
                if self.has_accuracy() {
                    text.push_str(" Its");
                    text.push_str(&level_words(controller, &ACCURACY, &validation_accuracy));
                }
                let paired = |finding: &Finding| finding.difference.is_some();
                if first_hit.iter().any(paired) {
                    text.push_str(&format!(
                        " In brackets: controller − method, interquartile mean [95 % interval] over {} paired starts.",
                        controller.first_hit.starts
                    ));
                }
                text
            }
            None => self.sentence_without_controller(),
        };
        Verdict {
            sentence,
            first_hit,
            final_validation_loss,
            validation_accuracy,
        }
    }

    /// The controller against every other method in a measure, the best method first.
    fn findings(&self, measure: Measure) -> Vec<Finding> {
        let Some(controller) = self.controller() else {
            return Vec::new();
        };
        let larger = measure.better() == Better::Larger;
        let sign = if larger { -1.0 } else { 1.0 };
        let turned = |[low, high]: [f64; 2]| if larger { [-high, -low] } else { [low, high] };
        let rank = |method: &MethodResult| {
            let bound = measure == Measure::FirstHit && method.first_hit.is_bound();
            (bound, sign * measure.estimate(method).iqm)
        };
        let mut others: Vec<&MethodResult> = self
            .methods
            .iter()
            .filter(|method| method.name != controller.name)
            .collect();
        others.sort_by(|a, b| {
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0)
                .then_with(|| descender_statistics::order(&a.1, &b.1))
        });
        others
            .into_iter()
            .map(|method| {
                let difference = self
                    .controller_against(method, measure)
                    .map(|paired| paired.difference);
                let enough = controller.first_hit.starts.min(method.first_hit.starts);
                let standing = if enough < MINIMUM_STARTS {
                    Standing::NotToldApart
                } else if let Some(difference) = difference {
                    side(turned(difference.ci95))
                } else {
                    let [low, high] = measure.estimate(controller).ci95;
                    let [other_low, other_high] = measure.estimate(method).ci95;
                    side(turned([low - other_high, high - other_low]))
                };
                Finding {
                    name: printable(&method.name),
                    role: method.role,
                    standing,
                    difference,
                }
            })
            .collect()
    }

    fn threshold_in_words(&self) -> String {
        if self.threshold.is_finite() {
            format!("a batch loss of {}", setting(self.threshold))
        } else {
            "the loss threshold".to_owned()
        }
    }

    fn first_hit_sentence(&self, controller: &MethodResult, findings: &[Finding]) -> String {
        let (own, level, steps) = (&controller.first_hit, self.threshold_in_words(), self.steps);
        let FirstHit {
            reached, starts, ..
        } = own;
        if !self.anyone_hits() {
            return format!("No method reaches {level} within {steps} steps.");
        }
        let lead = match *reached {
            0 => format!(
                "The controller reaches {level} within {steps} steps from none of {starts} starts"
            ),
            _ if own.is_bound() => format!(
                "The controller reaches {level} within {steps} steps from {reached} of {starts} starts only"
            ),
            _ => format!(
                "The controller first reaches {level} at step {}",
                first_hit_text(own)
            ),
        };
        format!("{lead}{}.", FIRST_HIT.against(findings))
    }

    fn sentence_without_controller(&self) -> String {
        let (level, steps) = (self.threshold_in_words(), self.steps);
        let most = self
            .methods
            .iter()
            .rev()
            .max_by_key(|method| method.first_hit.reached);
        let mut text = match (self.best_rival(), most) {
            (Some(best), _) => format!(
                "No controller was compared; the earliest method is {}, which first reaches {level} at step {}.",
                printable(&best.name),
                first_hit_text(&best.first_hit)
            ),
            (None, Some(most)) if most.first_hit.reached > 0 => format!(
                "No controller was compared, and no method reaches {level} within {steps} steps from more than three \
                 quarters of the starts; {} does from {} of {}.",
                printable(&most.name),
                most.first_hit.reached,
                most.first_hit.starts
            ),
            _ => format!(
                "No controller was compared, and no method reaches {level} within {steps} steps."
            ),
        };
        let loss = |method: &&MethodResult| method.final_validation_loss.iqm;
        let lowest = (self.methods.iter())
            .filter(|method| loss(method).is_finite())
            .min_by(|a, b| loss(a).total_cmp(&loss(b)));
        if let Some(lowest) = lowest {
            text.push_str(&format!(
                " The lowest final validation loss is that of {}, {}.",
                printable(&lowest.name),
                interval_text(&lowest.final_validation_loss)
            ));
        }
        text
    }
}

/// What is said of a measure at the end of the descents, after "Its".
fn level_words(controller: &MethodResult, words: &Words, findings: &[Finding]) -> String {
    let estimate = words.measure.estimate(controller);
    format!(
        " {} {}{}.",
        words.lead,
        (words.show)(&estimate),
        words.against(findings)
    )
}

#[cfg(test)]
mod tests {
    use super::super::CONTROLLER;
    use super::super::tests::with_starts;
    use super::*;

    /// Twelve starts whose hits spread over hundreds of steps, moved by `shift`.
    fn hits(shift: i64) -> Vec<Option<u64>> {
        (0..12)
            .map(|start| (150 + 37 * start % 200 + shift).try_into().ok())
            .collect()
    }

    /// The same, a few steps earlier from every other start and as much later from the others.
    fn mixed() -> Vec<Option<u64>> {
        hits(0)
            .iter()
            .enumerate()
            .map(|(start, hit)| hit.map(|hit| if start % 2 == 0 { hit + 4 } else { hit - 4 }))
            .collect()
    }

    #[test]
    fn what_is_told_apart_is_said_and_what_is_not_is_not_claimed() {
        let comparison = with_starts(&[
            (CONTROLLER, Role::Controller, hits(0), 0.13),
            ("adam:0.001", Role::Rival, hits(100), 0.13),
            ("sgd:0.1", Role::Rival, hits(50), 0.12),
            ("sgd:0.25", Role::Rival, mixed(), 0.11),
            ("momentum:0.05", Role::Rival, hits(-30), 0.14),
            ("replay", Role::Control, mixed(), 0.13),
            ("random", Role::Control, hits(-2), 0.13),
            ("untrained", Role::Control, vec![None; 12], 2.3),
        ]);
        let verdict = comparison.verdict();
        assert_eq!(
            verdict.sentence,
            "The controller first reaches a batch loss of 0.02 at step 235.0 [188.2, 281.9], later than momentum:0.05 \
             (30.0 [30.0, 30.0] steps), not told apart from sgd:0.25 (0.0 [−4.0, 4.0] steps), earlier than sgd:0.1 \
             (−50.0 [−50.0, −50.0] steps) and 1 other rival; it does not beat random actions (2.0 [2.0, 2.0] steps) or \
             its own mean schedule replayed (0.0 [−4.0, 4.0] steps). Its final validation loss is 0.130 [0.130, 0.130], \
             higher than that of sgd:0.25 (0.0200 [0.0200, 0.0200]) and 1 other rival, not told apart from adam:0.001 \
             (0 [0, 0]), lower than that of momentum:0.05 (−0.0100 [−0.0100, −0.0100]); it does not beat its own mean \
             schedule replayed (0 [0, 0]) or random actions (0 [0, 0]). Its validation accuracy in % is 96.9 [96.5, \
             97.3], not told apart from any of 4 rivals, the highest being adam:0.001 (0.0 [0.0, 0.0]); it does not \
             beat its own mean schedule replayed (0.0 [0.0, 0.0]), random actions (0.0 [0.0, 0.0]) or an untrained \
             policy (0.0 [0.0, 0.0]). In brackets: controller − method, interquartile mean [95 % interval] over 12 \
             paired starts."
        );
        let names = |standing| -> Vec<&str> {
            verdict
                .first_hit
                .iter()
                .filter(|finding| finding.standing == standing)
                .map(|finding| finding.name.as_str())
                .collect()
        };
        assert_eq!(names(Standing::Worse), ["momentum:0.05", "random"]);
        assert_eq!(names(Standing::NotToldApart), ["sgd:0.25", "replay"]);
        assert_eq!(
            names(Standing::Better),
            ["sgd:0.1", "adam:0.001", "untrained"]
        );
        assert_eq!(verdict.first_hit_against(Role::Control).count(), 3);
    }

    #[test]
    fn all_rivals_and_controls_may_be_beaten() {
        let comparison = with_starts(&[
            (CONTROLLER, Role::Controller, hits(0), 0.1),
            ("adam:0.001", Role::Rival, hits(100), 0.13),
            ("sgd:0.1", Role::Rival, hits(50), 0.12),
            ("replay", Role::Control, hits(5), 0.1),
        ]);
        let sentence = comparison.verdict().sentence;
        assert!(
            sentence.contains(
                ", earlier than all 2 rivals, the earliest being sgd:0.1 (−50.0 [−50.0, −50.0] steps); it beats its own \
                 mean schedule replayed (−5.0 [−5.0, −5.0] steps). Its final validation loss is 0.100 [0.100, 0.100], \
                 lower than that of all 2 rivals, the lowest being sgd:0.1 (−0.0200 [−0.0200, −0.0200]);"
            ),
            "{sentence}"
        );
    }

    #[test]
    fn too_few_starts_tell_nothing_apart() {
        for (starts, standing) in [(5, Standing::NotToldApart), (6, Standing::Better)] {
            let of = |hit| vec![Some(hit); starts];
            let comparison = with_starts(&[
                (CONTROLLER, Role::Controller, of(100), 0.1),
                ("adam", Role::Rival, of(300), 0.2),
            ]);
            let verdict = comparison.verdict();
            assert_eq!(verdict.first_hit[0].standing, standing, "{starts} starts");
            assert_eq!(verdict.final_validation_loss[0].standing, standing);
        }
    }

    #[test]
    fn equal_methods_are_rarely_told_apart() {
        use descender_random::{ChaCha8Rng, below};
        use rand::SeedableRng;
        let mut generator = ChaCha8Rng::seed_from_u64(12);
        let mut draw = || -> Vec<Option<u64>> {
            (0..24)
                .map(|_| Some(100 + below(&mut generator, 200) as u64))
                .collect()
        };
        let rounds = 100;
        let apart = (0..rounds)
            .filter(|_| {
                let comparison = with_starts(&[
                    (CONTROLLER, Role::Controller, draw(), 0.1),
                    ("sgd", Role::Rival, draw(), 0.1),
                ]);
                comparison.verdict().first_hit[0].standing != Standing::NotToldApart
            })
            .count();
        // 5 are expected, a few more because the percentile interval of 24 starts is a little too narrow.
        assert!((1..=14).contains(&apart), "{apart} of {rounds}");
    }

    #[test]
    fn a_controller_that_never_gets_there_and_a_diverged_rival() {
        let mut comparison = with_starts(&[
            (CONTROLLER, Role::Controller, vec![None; 8], 0.3),
            ("sgd:0.01", Role::Rival, vec![None; 8], 0.3),
            ("sgd:5", Role::Rival, vec![None; 8], f64::NAN),
        ]);
        assert_eq!(
            comparison.verdict().sentence,
            "No method reaches a batch loss of 0.02 within 500 steps. The controller's final validation loss is 0.300 \
             [0.300, 0.300], not told apart from sgd:0.01 (0 [0, 0]), lower than that of sgd:5. Its validation accuracy \
             in % is 96.9 [96.5, 97.3], not told apart from any of 2 rivals, the highest being sgd:0.01 (0.0 [0.0, \
             0.0]). In brackets: controller − method, interquartile mean [95 % interval] over 8 paired starts."
        );
        comparison.methods.remove(0);
        let verdict = comparison.verdict();
        assert_eq!(
            verdict.sentence,
            "No controller was compared, and no method reaches a batch loss of 0.02 within 500 steps. The lowest final \
             validation loss is that of sgd:0.01, 0.300 [0.300, 0.300]."
        );
        assert!(verdict.first_hit.is_empty());
    }

    #[test]
    fn without_pairs_the_intervals_must_lie_apart() {
        // An earlier version's file: no single starts.
        let comparison = super::super::tests::sample();
        let sentence = comparison.verdict().sentence;
        assert!(
            sentence.starts_with(
                "The controller first reaches a batch loss of 0.02 at step 184.5 [174.5, 197.0], earlier than all 3 \
                 rivals, the earliest being adam:0.001. Its final validation loss is 0.125 [0.117, 0.133], not told \
                 apart from any of 3 rivals"
            ),
            "{sentence}"
        );
        assert!(!sentence.contains("In brackets"), "{sentence}");
    }

    #[test]
    fn a_first_hit_that_is_only_a_bound_is_no_figure_of_the_verdict() {
        // The controller gets there from five of twelve starts; whether one rival would have been later is not known.
        let seldom: Vec<Option<u64>> = (0..12).map(|start| (start < 5).then_some(300)).collect();
        let later: Vec<Option<u64>> = (0..12).map(|start| (start < 5).then_some(400)).collect();
        let comparison = with_starts(&[
            (CONTROLLER, Role::Controller, seldom.clone(), 0.1),
            ("prodigy", Role::Rival, later, 0.1),
            ("adam:0.001", Role::Rival, hits(0), 0.1),
        ]);
        let verdict = comparison.verdict();
        assert!(
            verdict.sentence.starts_with(
                "The controller reaches a batch loss of 0.02 within 500 steps from 5 of 12 starts only, later than \
                 adam:0.001 ("
            ),
            "{}",
            verdict.sentence
        );
        assert!(
            verdict
                .sentence
                .contains(", not told apart from prodigy. Its final")
        );
        let standing: Vec<Standing> = (verdict.first_hit.iter())
            .map(|finding| finding.standing)
            .collect();
        assert_eq!(standing, [Standing::Worse, Standing::NotToldApart]);
        let alone = with_starts(&[("prodigy", Role::Rival, seldom, 0.1)]).verdict();
        assert!(
            alone.sentence.starts_with(
                "No controller was compared, and no method reaches a batch loss of 0.02 within 500 steps from more than \
                 three quarters of the starts; prodigy does from 5 of 12."
            ),
            "{}",
            alone.sentence
        );
    }

    #[test]
    fn a_higher_accuracy_is_better() {
        let mut comparison = with_starts(&[
            (CONTROLLER, Role::Controller, hits(0), 0.1),
            ("adam:0.001", Role::Rival, hits(0), 0.1),
        ]);
        for (start, result) in comparison.methods[1].by_start.iter_mut().enumerate() {
            result.validation_accuracy = 0.94 + 0.001 * start as f64;
        }
        let verdict = comparison.verdict();
        assert_eq!(verdict.validation_accuracy[0].standing, Standing::Better);
        assert!(
            verdict
                .sentence
                .contains(", higher than that of adam:0.001 (1."),
            "{}",
            verdict.sentence
        );
        for method in &mut comparison.methods {
            method.validation_accuracy = descender_statistics::Estimate::UNKNOWN;
        }
        let verdict = comparison.verdict();
        assert!(verdict.validation_accuracy.is_empty() && !verdict.sentence.contains("accuracy"));
    }
}
