//! The outcome of a comparison: its methods, each with its figures and its starts.

use descender_record::nullable_float;
use descender_statistics::{Estimate, PairedComparison};
use descender_task::Metric;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::curves::Curves;
use super::first_hit::FirstHit;
use super::schema_version::SchemaVersion;

/// The method name of the controller in every comparison.
pub const CONTROLLER: &str = "controller";

/// How several methods did on the same start points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The version of the form of this document.
    pub version: SchemaVersion,
    /// The name of the task.
    pub task: String,
    /// The measure that the comparison is about, such as `first_hit`.
    pub metric: String,
    /// The length of every descent, in steps.
    pub steps: u64,
    /// The number of start points.
    pub starts: u64,
    /// The seed that the start points come from.
    pub seed: u64,
    /// The batch loss that counts as a hit; NaN (`null`) if it is not known.
    #[serde(with = "nullable_float", default = "nullable_float::nan")]
    pub threshold: f64,
    /// The methods, in the order in which they are shown.
    pub methods: Vec<MethodResult>,
}

/// How one method did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodResult {
    /// The item as typed in `--against`, or [`CONTROLLER`].
    pub name: String,
    /// The method's role in the comparison; a rival if the file doesn't say.
    #[serde(default)]
    pub role: Role,
    /// The method's resolved settings.
    pub settings: serde_json::Value,
    /// The first step at which the batch loss reached the threshold.
    pub first_hit: FirstHit,
    /// The mean of the last 50 batch losses.
    pub final_train_loss: Estimate,
    /// The validation loss after the last step.
    pub final_validation_loss: Estimate,
    /// The share of validation examples classified correctly after the last step, in [0, 1].
    pub validation_accuracy: Estimate,
    /// The task's other metrics on the validation data after the last step; absent from the JSON if it has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub validation_metrics: BTreeMap<Metric, Estimate>,
    /// The number of starts from which the descent diverged.
    pub diverged: u64,
    /// How often a safety net stepped in, over all starts; absent from the JSON if it never did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub interventions: u64,
    /// The controller's first hits against this method's, start by start (controller − method); absent for the
    /// controller itself and without a controller. Where one of them never hit, the difference is only bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller_against: Option<PairedComparison>,
    /// What the search for the method's settings cost, if it was tuned for the comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Tuning>,
    /// The outcome of each start. The order of the starts is the same for all methods. Absent from the JSON if unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_start: Vec<StartResult>,
    /// The mean curves over the starts; absent from the JSON if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curves: Option<Curves>,
}

/// The role of a method in a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The controller that the comparison is about.
    Controller,
    /// A contender that is not a controller.
    #[default]
    Rival,
    /// A negative control: a contender that the controller must beat if its feedback or its training is worth anything.
    Control,
}

/// The search for a method's settings, on separate starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// What was searched for: `first-hit` or `validation-loss`.
    pub objective: String,
    /// The learning rates that were tried under the other settings that won, in rising order.
    pub grid: Vec<f64>,
    /// The measure of each, in the same order (an interquartile mean); smaller is better.
    #[serde(with = "nullable_float::list")]
    pub scores: Vec<f64>,
    /// The number of all settings that were tried.
    pub tried: u64,
    /// The number of starts on which each was tried.
    pub starts: u64,
    /// The cost of the search: all steps of all its descents.
    pub steps: u64,
}

impl Tuning {
    /// Whether `learning_rate` is the smallest or the largest of several that were tried, so that a better one may lie
    /// beyond.
    #[must_use]
    pub fn is_edge(&self, learning_rate: f64) -> bool {
        let inside = |(low, high): (&f64, &f64)| *low < learning_rate && learning_rate < *high;
        self.grid.len() > 1 && !self.grid.first().zip(self.grid.last()).is_some_and(inside)
    }
}

/// The outcome of one start under one method.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartResult {
    /// The first step with a batch loss at or below the threshold; `None` if there was none.
    pub first_hit: Option<u64>,
    /// The mean of the last 50 batch losses; infinite (`null` in JSON, read as NaN) for a descent that diverged.
    #[serde(with = "nullable_float")]
    pub final_train_loss: f64,
    /// The validation loss after the last step.
    #[serde(with = "nullable_float")]
    pub final_validation_loss: f64,
    /// The share of validation examples classified correctly after the last step, in [0, 1].
    #[serde(with = "nullable_float")]
    pub validation_accuracy: f64,
    /// Whether the descent diverged.
    pub diverged: bool,
    /// How often a safety net stepped in; absent from the JSON if it never did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub interventions: u64,
}

/// Whether a count can be left out.
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Comparison {
    /// The same comparison without the curves and the single starts.
    #[must_use]
    pub fn without_curves(&self) -> Self {
        let methods = self
            .methods
            .iter()
            .map(|method| MethodResult {
                curves: None,
                by_start: Vec::new(),
                ..method.clone()
            })
            .collect();
        Self {
            methods,
            ..self.clone()
        }
    }

    /// The controller's result, if a controller was compared.
    #[must_use]
    pub fn controller(&self) -> Option<&MethodResult> {
        self.methods.iter().find(|method| method.name == CONTROLLER)
    }

    /// The result of the method that reached the threshold earliest (interquartile mean of the first hit), apart from
    /// the controller and its negative controls. Methods that miss it from a quarter of the starts or more don't count.
    #[must_use]
    pub fn best_rival(&self) -> Option<&MethodResult> {
        self.methods
            .iter()
            .filter(|method| {
                method.name != CONTROLLER
                    && method.role != Role::Control
                    && method.first_hit.figure().is_finite()
            })
            .min_by(|a, b| a.first_hit.iqm.total_cmp(&b.first_hit.iqm))
    }

    /// The metrics beside the accuracy that some method has, in the order of their columns.
    #[must_use]
    pub fn other_metrics(&self) -> Vec<Metric> {
        let mut metrics: Vec<Metric> = (self.methods.iter())
            .flat_map(|method| method.validation_metrics.keys().copied())
            .collect();
        metrics.sort_unstable();
        metrics.dedup();
        metrics
    }
}

impl MethodResult {
    /// A metric beside the accuracy on the validation data; unknown where the method doesn't have it.
    #[must_use]
    pub fn other_metric(&self, metric: Metric) -> Estimate {
        let known = self.validation_metrics.get(&metric);
        known.copied().unwrap_or(Estimate::UNKNOWN)
    }
}
