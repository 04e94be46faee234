//! The verdict: what a comparison says about its controller, in one sentence that claims no more than its intervals
//! support.
//!
//! The controller is *better* than a method in a measure when the 95 % interval of the paired difference (controller −
//! method, start by start) lies below 0, *worse* when it lies above, and otherwise the two are *not told apart*. If
//! there are no pairs, the two methods' own intervals must not overlap, which is stricter. With fewer than
//! [`MINIMUM_STARTS`] starts, no two methods are told apart.
//!
//! The first hit comes first. The sentence also names every method whose final validation loss is lower than the
//! controller's, and every negative control ([`Role::Control`]) that the controller does not beat. The intervals are
//! not corrected for multiple comparisons: among twenty methods, one may well differ by chance, while a claim about
//! "all" needs no correction.

use super::measure::Measure;
use super::table::printable;
use super::{Comparison, MethodResult, Role};
use descender_statistics::Estimate;
use descender_statistics::number::{interval_text, setting, step_interval_text};
use serde::Serialize;

/// With fewer starts, no method is told apart from another. Five starts of equal methods all go the same way by chance
/// with probability 1/16 (sign test), which is above 5 %; six do with probability 1/32.
pub const MINIMUM_STARTS: u64 = 6;

/// What a comparison says about its controller.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// One sentence of plain text, with intervals and without control characters.
    pub sentence: String,
    /// The controller's first hit against each other method's, the earliest method first.
    pub first_hit: Vec<Finding>,
    /// The controller's final validation loss against each other method's, the lowest first.
    pub final_validation_loss: Vec<Finding>,
}

/// The controller against one method in one measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The method.
    pub name: String,
    /// Its role in the comparison.
    pub role: Role,
    /// How the controller compares with it.
    pub standing: Standing,
    /// Controller − method, start by start; `None` if no pairs are known.
    pub difference: Option<Estimate>,
}

/// How the controller compares with a method in a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The interval lies on the controller's side.
    Better,
    /// The interval contains 0, is not known, or rests on too few starts.
    NotToldApart,
    /// The interval lies on the method's side.
    Worse,
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
        let sentence = match self.controller() {
            Some(controller) => {
                self.controller_sentence(controller, &first_hit, &final_validation_loss)
            }
            None => self.sentence_without_controller(),
        };
        Verdict {
            sentence,
            first_hit,
            final_validation_loss,
        }
    }

    /// The controller against every other method in a measure, the best method first.
    fn findings(&self, measure: Measure) -> Vec<Finding> {
        let Some(controller) = self.controller() else {
            return Vec::new();
        };
        let mut others: Vec<&MethodResult> = self
            .methods
            .iter()
            .filter(|method| method.name != controller.name)
            .collect();
        others.sort_by(|a, b| {
            descender_statistics::order(&measure.estimate(a).iqm, &measure.estimate(b).iqm)
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
                    side(difference.ci95)
                } else {
                    let [low, high] = measure.estimate(controller).ci95;
                    let [other_low, other_high] = measure.estimate(method).ci95;
                    side([low - other_high, high - other_low])
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

    fn level(&self) -> String {
        if self.threshold.is_finite() {
            format!("a batch loss of {}", setting(self.threshold))
        } else {
            "the loss threshold".to_owned()
        }
    }

    fn controller_sentence(
        &self,
        controller: &MethodResult,
        first_hit: &[Finding],
        validation_loss: &[Finding],
    ) -> String {
        let own = &controller.first_hit;
        let mut sentence = if own.reached == 0 {
            format!(
                "The controller reaches {} from none of {} starts",
                self.level(),
                own.starts
            )
        } else {
            format!(
                "The controller first reaches {} at step {}",
                self.level(),
                step_interval_text(&own.estimate())
            )
        };
        let of_role = |role| -> Vec<&Finding> {
            first_hit
                .iter()
                .filter(|finding| finding.role == role)
                .collect()
        };
        let (rivals, controls) = (of_role(Role::Rival), of_role(Role::Control));
        for (standing, words) in [
            (Standing::Worse, ", later than"),
            (Standing::NotToldApart, ", not told apart from"),
            (Standing::Better, ", earlier than"),
        ] {
            sentence.push_str(&clause(words, standing, &rivals, RIVALS, steps));
        }
        sentence.push_str(&control_clause(&controls));
        let all: Vec<&Finding> = validation_loss.iter().collect();
        sentence.push_str(&clause(
            "; it ends with a higher validation loss than",
            Standing::Worse,
            &all,
            OTHERS,
            loss,
        ));
        if first_hit.iter().any(|finding| finding.difference.is_some()) {
            sentence.push_str(&format!(
                " (differences: controller − method, interquartile mean [95 % interval] over {} paired starts)",
                own.starts
            ));
        }
        sentence.push('.');
        sentence
    }

    fn sentence_without_controller(&self) -> String {
        match self.best_rival() {
            Some(best) => format!(
                "No controller was compared; the earliest method is {}, which first reaches {} at step {}.",
                printable(&best.name),
                self.level(),
                step_interval_text(&best.first_hit.estimate())
            ),
            None => format!(
                "No controller was compared, and no method reaches {}.",
                self.level()
            ),
        }
    }
}

/// The side of 0 on which an interval of controller − method lies.
fn side([low, high]: [f64; 2]) -> Standing {
    if high < 0.0 {
        Standing::Better
    } else if low > 0.0 {
        Standing::Worse
    } else {
        Standing::NotToldApart
    }
}

fn steps(difference: &Estimate) -> String {
    format!("{} steps", step_interval_text(difference))
}

fn loss(difference: &Estimate) -> String {
    interval_text(difference)
}

/// Which negative controls the controller does not beat, or that it beats them all.
fn control_clause(controls: &[&Finding]) -> String {
    let shown = |finding: &Finding| {
        let words = control_words(&finding.name);
        match &finding.difference {
            Some(difference) => format!("{words} ({})", steps(difference)),
            None => words.to_owned(),
        }
    };
    let unbeaten: Vec<String> = controls
        .iter()
        .filter(|finding| finding.standing != Standing::Better)
        .map(|finding| shown(finding))
        .collect();
    match (unbeaten.split_last(), controls) {
        (None, []) => String::new(),
        (None, [only]) => format!("; it beats {}", shown(only)),
        (None, [first, ..]) => format!(
            "; it beats all {} negative controls, the earliest being {}",
            controls.len(),
            shown(first)
        ),
        (Some((last, [])), _) => format!("; it does not beat {last}"),
        (Some((last, others)), _) => format!("; it does not beat {} or {last}", others.join(", ")),
    }
}

/// A negative control in words.
fn control_words(name: &str) -> &str {
    match name {
        "replay" | "schedule" => "its own mean schedule replayed",
        "blind" => "itself without feedback",
        "untrained" => "an untrained policy",
        "random" => "random actions",
        other => other,
    }
}

/// What a clause calls the methods of a list, one and all of them, and the first of the list.
#[derive(Clone, Copy)]
struct Kind {
    one: &'static str,
    all: &'static str,
    first: &'static str,
}

const RIVALS: Kind = Kind {
    one: "rival",
    all: "rivals",
    first: "earliest",
};
const OTHERS: Kind = Kind {
    one: "method",
    all: "other methods",
    first: "lowest",
};

/// `words A (difference) and 2 other rivals`, or `words all 3 rivals, the earliest being A (difference)`; empty when no
/// finding has the standing.
fn clause(
    words: &str,
    standing: Standing,
    findings: &[&Finding],
    kind: Kind,
    show: impl Fn(&Estimate) -> String,
) -> String {
    let matching: Vec<&&Finding> = findings
        .iter()
        .filter(|finding| finding.standing == standing)
        .collect();
    let Some(first) = matching.first() else {
        return String::new();
    };
    let shown = match &first.difference {
        Some(difference) => format!("{} ({})", first.name, show(difference)),
        None => first.name.clone(),
    };
    match (matching.len(), findings.len()) {
        (1, _) => format!("{words} {shown}"),
        (count, all) if count == all => {
            let every = match standing {
                Standing::NotToldApart => "any of",
                Standing::Better | Standing::Worse => "all",
            };
            format!(
                "{words} {every} {all} {}, the {} being {shown}",
                kind.all, kind.first
            )
        }
        (2, _) => format!("{words} {shown} and 1 other {}", kind.one),
        (count, _) => format!("{words} {shown} and {} other {}s", count - 1, kind.one),
    }
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
             its own mean schedule replayed (0.0 [−4.0, 4.0] steps); it ends with a higher validation loss than \
             sgd:0.25 (0.0200 [0.0200, 0.0200]) and 1 other method (differences: controller − method, interquartile \
             mean [95 % interval] over 12 paired starts)."
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
                 mean schedule replayed (−5.0 [−5.0, −5.0] steps) (differences"
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
            "The controller reaches a batch loss of 0.02 from none of 8 starts, not told apart from any of 2 rivals, the \
             earliest being sgd:0.01 (0.0 [0.0, 0.0] steps) (differences: controller − method, interquartile mean \
             [95 % interval] over 8 paired starts)."
        );
        comparison.methods.remove(0);
        let verdict = comparison.verdict();
        assert_eq!(
            verdict.sentence,
            "No controller was compared, and no method reaches a batch loss of 0.02."
        );
        assert!(verdict.first_hit.is_empty());
    }

    #[test]
    fn without_pairs_the_intervals_must_lie_apart() {
        // An earlier version's file: no single starts.
        let comparison = super::super::tests::sample();
        let sentence = comparison.verdict().sentence;
        assert_eq!(
            sentence,
            "The controller first reaches a batch loss of 0.02 at step 184.5 [174.5, 197.0], earlier than all 3 rivals, \
             the earliest being adam:0.001."
        );
    }
}
