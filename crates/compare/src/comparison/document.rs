//! What `descender compare --json` prints: the comparison without its bulky parts, and with the figures derived from
//! it.
//!
//! `comparison.json` holds what cannot be derived (every start's results and the curves). Readers of the command's
//! output should not have to resample. So it leaves out the starts and the curves. It adds, for each method, AlgoPerf's
//! score and the controller's paired differences in every measure, and the verdict.

use super::{Comparison, Measure, MethodResult, SchemaVersion, Verdict};
use descender_record::nullable_float;
use descender_statistics::{Interval, PairedComparison};
use serde::Serialize;

/// A comparison with its derived figures, for output as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    version: SchemaVersion,
    task: String,
    metric: String,
    steps: u64,
    starts: u64,
    seed: u64,
    #[serde(with = "nullable_float")]
    threshold: f64,
    methods: Vec<Method>,
    verdict: Verdict,
}

#[derive(Clone, Debug, Serialize)]
struct Method {
    #[serde(flatten)]
    result: MethodResult,
    /// See [`Comparison::algoperf_scores`].
    #[serde(skip_serializing_if = "Option::is_none")]
    algoperf_score: Option<Interval>,
    #[serde(skip_serializing_if = "Option::is_none")]
    controller_against_final_train_loss: Option<PairedComparison>,
    #[serde(skip_serializing_if = "Option::is_none")]
    controller_against_final_validation_loss: Option<PairedComparison>,
    #[serde(skip_serializing_if = "Option::is_none")]
    controller_against_validation_accuracy: Option<PairedComparison>,
    /// See [`Comparison::controller_over_all_pairs`].
    #[serde(skip_serializing_if = "Option::is_none")]
    controller_over_all_pairs: Option<Interval>,
}

impl Comparison {
    /// The comparison without curves and single starts, but with the figures derived from them.
    #[must_use]
    pub fn document(&self) -> Document {
        let scores = self.algoperf_scores();
        let without_curves = self.without_curves();
        let methods = self
            .methods
            .iter()
            .zip(without_curves.methods)
            .enumerate()
            .map(|(position, (method, result))| Method {
                result,
                algoperf_score: scores.as_ref().map(|scores| scores[position]),
                controller_against_final_train_loss: self
                    .controller_against(method, Measure::FinalTrainLoss),
                controller_against_final_validation_loss: self
                    .controller_against(method, Measure::FinalValidationLoss),
                controller_against_validation_accuracy: self
                    .controller_against(method, Measure::ValidationAccuracy)
                    .filter(|_| self.has_accuracy()),
                controller_over_all_pairs: self.controller_over_all_pairs(method),
            })
            .collect();
        Document {
            version: SchemaVersion,
            task: without_curves.task,
            metric: without_curves.metric,
            steps: without_curves.steps,
            starts: without_curves.starts,
            seed: without_curves.seed,
            threshold: without_curves.threshold,
            methods,
            verdict: self.verdict(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{sample, with_starts};
    use super::super::{CONTROLLER, Comparison, Role};

    #[test]
    fn the_document_is_the_contract_with_what_follows_from_the_starts() {
        let comparison = with_starts(&[
            (CONTROLLER, Role::Controller, vec![Some(99); 8], 0.125),
            ("adam:0.001", Role::Rival, vec![Some(249); 8], 0.25),
        ]);
        let json = serde_json::to_value(comparison.document()).unwrap();
        let contract = serde_json::to_value(comparison.without_curves()).unwrap();
        for (key, value) in contract.as_object().unwrap() {
            if key != "methods" {
                assert_eq!(json[key], *value, "{key}");
            }
        }
        let adam = &json["methods"][1];
        for (key, value) in contract["methods"][1].as_object().unwrap() {
            assert_eq!(adam[key], *value, "{key}");
        }
        assert_eq!(adam["algoperf_score"]["ci95"][1], 0.5);
        let difference = &adam["controller_against_final_validation_loss"]["difference"];
        assert_eq!(difference["iqm"], -0.125);
        assert_eq!(adam["controller_over_all_pairs"]["value"], 1.0);
        assert!(
            adam.get("by_start").is_none()
                && json["methods"][0]
                    .get("controller_over_all_pairs")
                    .is_none()
        );
        assert_eq!(json["verdict"]["first_hit"][0]["standing"], "better");
        assert_eq!(json["verdict"]["sentence"], comparison.verdict().sentence);
    }

    #[test]
    fn a_document_names_its_version_and_another_one_is_refused() {
        let comparison = sample();
        let json = serde_json::to_value(comparison.document()).unwrap();
        assert_eq!(json["version"], 1);
        let mut file = serde_json::to_value(&comparison).unwrap();
        assert_eq!(file["version"], 1);
        file["version"] = 2.into();
        let error = serde_json::from_value::<Comparison>(file)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("version 2") && error.contains("version 1"),
            "{error}"
        );
    }

    #[test]
    fn a_comparison_without_single_starts_has_a_document() {
        let comparison = sample();
        let mut json = serde_json::to_value(comparison.document()).unwrap();
        json.as_object_mut().unwrap().remove("verdict");
        assert_eq!(json, serde_json::to_value(&comparison).unwrap());
    }
}
