//! How the verdict speaks of a measure: against which rivals the controller stands how, and whether it beats its negative
//! controls.

use super::Role;
use super::finding::{Finding, Standing};
use super::measure::Measure;
use descender_statistics::Estimate;
use descender_statistics::number::{interval_text, percent_interval_text, step_interval_text};

fn steps(difference: &Estimate) -> String {
    format!("{} steps", step_interval_text(difference))
}

/// How a measure is spoken of.
pub(super) struct Words {
    pub(super) measure: Measure,
    /// The beginning of a sentence, after "Its"; empty where there is more than one.
    pub(super) lead: &'static str,
    worse: &'static str,
    better: &'static str,
    /// What the best of several methods is called.
    best: &'static str,
    /// A difference or a value.
    pub(super) show: fn(&Estimate) -> String,
}

pub(super) const FIRST_HIT: Words = Words {
    measure: Measure::FirstHit,
    lead: "",
    worse: ", later than",
    better: ", earlier than",
    best: "earliest",
    show: steps,
};
pub(super) const LOSS: Words = Words {
    measure: Measure::FinalValidationLoss,
    lead: "final validation loss is",
    worse: ", higher than that of",
    better: ", lower than that of",
    best: "lowest",
    show: interval_text,
};
pub(super) const ACCURACY: Words = Words {
    measure: Measure::ValidationAccuracy,
    lead: "validation accuracy in % is",
    worse: ", lower than that of",
    better: ", higher than that of",
    best: "highest",
    show: percent_interval_text,
};

impl Words {
    /// The controller against its rivals and its negative controls.
    pub(super) fn against(&self, findings: &[Finding]) -> String {
        let of_role = |role| -> Vec<&Finding> {
            findings
                .iter()
                .filter(|finding| finding.role == role)
                .collect()
        };
        let (rivals, controls) = (of_role(Role::Rival), of_role(Role::Control));
        let mut text = String::new();
        for (standing, words) in [
            (Standing::Worse, self.worse),
            (Standing::NotToldApart, ", not told apart from"),
            (Standing::Better, self.better),
        ] {
            text.push_str(&self.clause(words, standing, &rivals));
        }
        text.push_str(&self.control_clause(&controls));
        text
    }

    /// A method with the controller's difference to it, as far as that is known.
    fn shown(&self, name: &str, finding: &Finding) -> String {
        let known = |difference: &&Estimate| {
            [difference.iqm, difference.ci95[0], difference.ci95[1]]
                .iter()
                .any(|value| value.is_finite())
        };
        match finding.difference.as_ref().filter(known) {
            Some(difference) => format!("{name} ({})", (self.show)(difference)),
            None => name.to_owned(),
        }
    }

    /// Which negative controls the controller does not beat, or that it beats them all.
    fn control_clause(&self, controls: &[&Finding]) -> String {
        let shown = |finding: &Finding| self.shown(control_words(&finding.name), finding);
        let unbeaten: Vec<String> = controls
            .iter()
            .filter(|finding| finding.standing != Standing::Better)
            .map(|finding| shown(finding))
            .collect();
        match (unbeaten.split_last(), controls) {
            (None, []) => String::new(),
            (None, [only]) => format!("; it beats {}", shown(only)),
            (None, [first, ..]) => format!(
                "; it beats all {} negative controls, the {} being {}",
                controls.len(),
                self.best,
                shown(first)
            ),
            (Some((last, [])), _) => format!("; it does not beat {last}"),
            (Some((last, others)), _) => {
                format!("; it does not beat {} or {last}", others.join(", "))
            }
        }
    }

    /// `words A (difference) and 2 other rivals`, or `words all 3 rivals, the earliest being A (difference)`; empty when
    /// no finding has the standing.
    fn clause(&self, words: &str, standing: Standing, findings: &[&Finding]) -> String {
        let matching: Vec<&&Finding> = findings
            .iter()
            .filter(|finding| finding.standing == standing)
            .collect();
        let Some(first) = matching.first() else {
            return String::new();
        };
        let shown = self.shown(&first.name, first);
        match (matching.len(), findings.len()) {
            (1, _) => format!("{words} {shown}"),
            (count, all) if count == all => {
                let every = match standing {
                    Standing::NotToldApart => "any of",
                    Standing::Better | Standing::Worse => "all",
                };
                format!(
                    "{words} {every} {all} rivals, the {} being {shown}",
                    self.best
                )
            }
            (2, _) => format!("{words} {shown} and 1 other rival"),
            (count, _) => format!("{words} {shown} and {} other rivals", count - 1),
        }
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
