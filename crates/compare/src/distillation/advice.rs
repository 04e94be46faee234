//! Advice on whether to use a controller or its table, from their comparison on unseen starts.
//!
//! The table is simpler, so the burden of proof is on the controller. It is recommended only for a measure in which the
//! 95 % interval of the paired difference (controller − schedule, start by start) lies below 0.

use serde::Serialize;

use super::distilled::SCHEDULE;
use crate::comparison::{Comparison, Finding, MINIMUM_STARTS, Standing};
use descender_statistics::number::{interval_text, step_interval_text};

/// What is recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// The table.
    Schedule,
    /// The controller, at least for one of the measures.
    Controller,
}

/// Which of the two to use.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProductAdvice {
    /// What is recommended.
    #[serde(rename = "use")]
    pub product: Product,
    /// One sentence, with the paired differences and their intervals.
    pub sentence: String,
}

impl ProductAdvice {
    /// The advice from a comparison of a controller with its table; `None` if one of them is missing.
    #[must_use]
    pub fn of(comparison: &Comparison) -> Option<Self> {
        let verdict = comparison.verdict();
        let find = |findings: &[Finding]| findings.iter().find(|own| own.name == SCHEDULE).cloned();
        let first_hit = find(&verdict.first_hit)?;
        let validation_loss = find(&verdict.final_validation_loss)?;
        let difference = |finding: &Finding, show: &dyn Fn(&_) -> String| {
            let shown = finding.difference.as_ref().map(show);
            shown.unwrap_or_else(|| "difference unknown".to_owned())
        };
        let measures = [
            (
                "the first hit",
                first_hit.standing,
                difference(&first_hit, &|steps| {
                    format!("{} steps", step_interval_text(steps))
                }),
            ),
            (
                "the final validation loss",
                validation_loss.standing,
                difference(&validation_loss, &interval_text),
            ),
        ];
        let better: Vec<&str> = (measures.iter())
            .filter(|(_, standing, _)| *standing == Standing::Better)
            .map(|(measure, ..)| *measure)
            .collect();
        let product = match better.is_empty() {
            true => Product::Schedule,
            false => Product::Controller,
        };
        let starts = comparison.starts;
        let order = match better[..] {
            [] => "Use the schedule".to_owned(),
            [measure] => {
                format!("Use the controller if {measure} is what counts, otherwise the schedule")
            }
            _ => "Use the controller".to_owned(),
        };
        let facts = measures.map(|(measure, standing, difference)| {
            let words = match standing {
                Standing::Better => "better than its schedule in",
                Standing::NotToldApart => "not told apart from it in",
                Standing::Worse => "worse than its schedule in",
            };
            format!("{words} {measure} ({difference})")
        });
        let few = match starts < MINIMUM_STARTS {
            true => format!("; fewer than {MINIMUM_STARTS} starts tell nothing apart"),
            false => String::new(),
        };
        let sentence = format!(
            "{order}: from {starts} unseen starts of {} steps the controller is {}, and {} (controller − schedule, \
             interquartile mean [95 % interval]{few}).",
            comparison.steps,
            facts[0].replacen("from it", "from its schedule", 1),
            facts[1]
        );
        Some(Self { product, sentence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::with_starts;
    use crate::comparison::{CONTROLLER, Role};

    fn advice(hits: [u64; 2], losses: [f64; 2], starts: usize) -> ProductAdvice {
        let hits = hits.map(|hit| (0..starts as u64).map(|start| Some(hit + start)).collect());
        let [own, other] = hits;
        let mut comparison = with_starts(&[
            (CONTROLLER, Role::Controller, own, losses[0]),
            (SCHEDULE, Role::Control, other, losses[1]),
        ]);
        comparison.starts = starts as u64;
        ProductAdvice::of(&comparison).unwrap()
    }

    #[test]
    fn the_schedule_is_advised_unless_the_controller_is_shown_to_be_better() {
        for (hits, losses, product, words) in [
            (
                [100, 100],
                [0.1, 0.1],
                Product::Schedule,
                "Use the schedule: ",
            ),
            (
                [120, 100],
                [0.2, 0.1],
                Product::Schedule,
                "Use the schedule: ",
            ),
            (
                [80, 100],
                [0.1, 0.2],
                Product::Controller,
                "Use the controller: ",
            ),
            (
                [80, 100],
                [0.2, 0.1],
                Product::Controller,
                "Use the controller if the first hit is what counts, otherwise the schedule: ",
            ),
            (
                [100, 100],
                [0.1, 0.2],
                Product::Controller,
                "Use the controller if the final validation loss is what counts, otherwise the schedule: ",
            ),
        ] {
            let advice = advice(hits, losses, 8);
            assert_eq!(advice.product, product, "{advice:?}");
            assert!(advice.sentence.starts_with(words), "{advice:?}");
        }
        assert_eq!(
            advice([80, 100], [0.2, 0.1], 8).sentence,
            "Use the controller if the first hit is what counts, otherwise the schedule: from 8 unseen starts of 500 \
             steps the controller is better than its schedule in the first hit (−20.0 [−20.0, −20.0] steps), and worse \
             than its schedule in the final validation loss (0.100 [0.100, 0.100]) (controller − schedule, interquartile \
             mean [95 % interval])."
        );
        assert!(
            advice([100, 100], [0.1, 0.1], 8)
                .sentence
                .contains("is not told apart from its schedule in the first hit (0.0 [0.0, 0.0] steps), and not told apart from it in")
        );
    }

    #[test]
    fn few_starts_tell_nothing_apart() {
        let advice = advice([50, 100], [0.1, 0.2], 5);
        assert_eq!(advice.product, Product::Schedule);
        assert!(
            advice.sentence.contains("fewer than 6 starts"),
            "{advice:?}"
        );
    }

    #[test]
    fn without_one_of_the_two_there_is_no_advice() {
        let comparison = with_starts(&[(CONTROLLER, Role::Controller, vec![Some(9); 8], 0.1)]);
        assert_eq!(ProductAdvice::of(&comparison), None);
    }
}
