//! The result of a comparison: methods on the same start points, each with its figures.
//!
//! These structures are the file `comparison.json` in a run folder, with what came of each start and each method's
//! mean curves ([`Curves`]). What follows from the starts is not stored but derived: the controller against each
//! method in every measure ([`Comparison::controller_against`]), AlgoPerf's score and the performance profiles
//! ([`Comparison::algoperf_scores`]), and the [`Verdict`]. `descender compare --json` prints the derived figures instead
//! of the starts and the curves ([`Comparison::document`]), and [`table()`] shows a comparison in a terminal.

mod curves;
mod document;
mod measure;
mod table;
mod time_to_target;
mod verdict;

pub use curves::{Band, Curves};
pub use document::Document;
pub use measure::Measure;
pub use table::table;
pub(crate) use table::{first_hit_text, score_text};
pub use verdict::{Finding, MINIMUM_STARTS, Standing, Verdict};

use descender_record::nullable_float;
use descender_statistics::{Bootstrap, Estimate, PairedComparison};
use serde::{Deserialize, Serialize};

/// The method name of the controller in every comparison.
pub const CONTROLLER: &str = "controller";

/// How several methods did on the same start points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
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
    /// What the method is to the comparison; a rival where the file doesn't say.
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
    /// The share of validation examples classified rightly after the last step, in [0, 1].
    pub validation_accuracy: Estimate,
    /// The number of starts from which the descent diverged.
    pub diverged: u64,
    /// How often a safety net stepped in, over all starts; absent from the JSON where it never did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub interventions: u64,
    /// The controller's first hits against this method's, start by start (controller − method); absent for the
    /// controller itself and where none is compared. A start that never hit counts as the length of the descent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller_against: Option<PairedComparison>,
    /// What the method's settings cost to find, for one that was tuned for the comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Tuning>,
    /// What came of each start, in the order of the starts, which is the same for all methods; absent from the JSON
    /// when unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_start: Vec<StartResult>,
    /// The mean curves over the starts; absent from the JSON when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curves: Option<Curves>,
}

/// What a method is to a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The controller that the comparison is about.
    Controller,
    /// A method that people use.
    #[default]
    Rival,
    /// A negative control: what the controller must beat if its feedback or its training are worth anything.
    Control,
}

/// The search for a method's settings, on starts of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// The learning rates that were tried, in rising order.
    pub grid: Vec<f64>,
    /// The measure of each, in their order (the interquartile mean of the first hit); smaller is better.
    #[serde(with = "nullable_float::list")]
    pub scores: Vec<f64>,
    /// The starts that each was tried on.
    pub starts: u64,
    /// All steps of all descents of the search: what it cost.
    pub steps: u64,
}

impl Tuning {
    /// Whether `learning_rate` is the smallest or the largest of several that were tried: a better one may lie beyond.
    #[must_use]
    pub fn is_edge(&self, learning_rate: f64) -> bool {
        let inside = |(low, high): (&f64, &f64)| *low < learning_rate && learning_rate < *high;
        self.grid.len() > 1 && !self.grid.first().zip(self.grid.last()).is_some_and(inside)
    }
}

/// What came of one start under one method.
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
    /// The share of validation examples classified rightly after the last step, in [0, 1].
    #[serde(with = "nullable_float")]
    pub validation_accuracy: f64,
    /// Whether the descent diverged.
    pub diverged: bool,
    /// How often a safety net stepped in; absent from the JSON where it never did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub interventions: u64,
}

/// Whether a count need not be written.
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The first step, counted from 0, at which the batch loss was at or below the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstHit {
    /// The interquartile mean over the starts; a start that never got there counts as the length of the descent.
    #[serde(with = "nullable_float")]
    pub iqm: f64,
    /// The lower and the upper bound of its 95 % interval.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
    /// The number of starts that reached the threshold.
    pub reached: u64,
    /// The number of starts.
    pub starts: u64,
}

impl FirstHit {
    /// The summary of the first hits of all starts, where `None` never reached the threshold within `steps`.
    ///
    /// `index` names the stream of the resampling; see [`Bootstrap::interquartile_mean`].
    #[must_use]
    pub fn of(hits: &[Option<u64>], steps: u64, bootstrap: &Bootstrap, index: u64) -> Self {
        let values: Vec<f64> = hits.iter().map(|hit| hit.unwrap_or(steps) as f64).collect();
        let Estimate { iqm, ci95 } = bootstrap.interquartile_mean(&values, index);
        Self {
            iqm,
            ci95,
            reached: hits.iter().flatten().count() as u64,
            starts: hits.len() as u64,
        }
    }

    /// The interquartile mean and its interval.
    #[must_use]
    pub const fn estimate(&self) -> Estimate {
        Estimate {
            iqm: self.iqm,
            ci95: self.ci95,
        }
    }
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

    /// The result of the method that reached the threshold earliest (interquartile mean of the first hit) among
    /// those other than the controller and its negative controls. Methods that never reached it don't count.
    #[must_use]
    pub fn best_rival(&self) -> Option<&MethodResult> {
        self.methods
            .iter()
            .filter(|method| {
                method.name != CONTROLLER
                    && method.role != Role::Control
                    && method.first_hit.reached > 0
                    && method.first_hit.iqm.is_finite()
            })
            .min_by(|a, b| a.first_hit.iqm.total_cmp(&b.first_hit.iqm))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A comparison with a good method, one that never reached the threshold, and one that diverged.
    pub(crate) fn sample() -> Comparison {
        let estimate = |iqm: f64, spread: f64| Estimate {
            iqm,
            ci95: [iqm - spread, iqm + spread],
        };
        let method = |name: &str, iqm: f64, reached: u64| MethodResult {
            name: name.to_owned(),
            role: if name == CONTROLLER {
                Role::Controller
            } else {
                Role::Rival
            },
            settings: serde_json::json!({"learning_rate": 0.25}),
            first_hit: FirstHit {
                iqm,
                ci95: [iqm - 10.0, iqm + 12.5],
                reached,
                starts: 24,
            },
            final_train_loss: estimate(0.0625, 0.015_625),
            final_validation_loss: estimate(0.125, 0.007_812_5),
            validation_accuracy: estimate(0.968_75, 0.003_906_25),
            diverged: 0,
            interventions: 0,
            controller_against: None,
            tuning: None,
            by_start: Vec::new(),
            curves: None,
        };
        let mut never = method("sgd:0.01", 500.0, 0);
        never.first_hit.ci95 = [500.0, 500.0];
        let mut dead = method("sgd:<5>", 500.0, 0);
        dead.first_hit.ci95 = [500.0, 500.0];
        dead.final_train_loss = Estimate::UNKNOWN;
        dead.final_validation_loss = Estimate::UNKNOWN;
        dead.diverged = 24;
        Comparison {
            task: "mnist".to_owned(),
            metric: "first_hit".to_owned(),
            steps: 500,
            starts: 24,
            seed: 7,
            threshold: 0.02,
            methods: vec![
                method(CONTROLLER, 184.5, 24),
                method("adam:0.001", 338.0625, 23),
                never,
                dead,
            ],
        }
    }

    /// A comparison of methods whose single starts are known: first hits within 500 steps, one final loss for all.
    pub(crate) fn with_starts(methods: &[(&str, Role, Vec<Option<u64>>, f64)]) -> Comparison {
        let bootstrap = Bootstrap::new(7);
        let mut comparison = sample();
        let template = comparison.methods[0].clone();
        comparison.starts = methods.first().map_or(0, |method| method.2.len() as u64);
        comparison.methods = methods
            .iter()
            .map(|(name, role, hits, loss)| MethodResult {
                name: (*name).to_owned(),
                role: *role,
                first_hit: FirstHit::of(hits, 500, &bootstrap, 0),
                final_train_loss: bootstrap.interquartile_mean(&vec![*loss; hits.len()], 0),
                final_validation_loss: bootstrap.interquartile_mean(&vec![*loss; hits.len()], 0),
                by_start: hits
                    .iter()
                    .map(|&first_hit| StartResult {
                        first_hit,
                        final_train_loss: *loss,
                        final_validation_loss: *loss,
                        validation_accuracy: 0.96,
                        diverged: false,
                        interventions: 0,
                    })
                    .collect(),
                ..template.clone()
            })
            .collect();
        comparison
    }

    #[test]
    fn the_json_is_the_contract() {
        let mut comparison = sample();
        comparison.methods.truncate(1);
        let json = serde_json::to_string(&comparison).unwrap();
        let expected = concat!(
            r#"{"task":"mnist","metric":"first_hit","steps":500,"starts":24,"seed":7,"threshold":0.02,"methods":["#,
            r#"{"name":"controller","role":"controller","settings":{"learning_rate":0.25},"#,
            r#""first_hit":{"iqm":184.5,"ci95":[174.5,197.0],"reached":24,"starts":24},"#,
            r#""final_train_loss":{"iqm":0.0625,"ci95":[0.046875,0.078125]},"#,
            r#""final_validation_loss":{"iqm":0.125,"ci95":[0.1171875,0.1328125]},"#,
            r#""validation_accuracy":{"iqm":0.96875,"ci95":[0.96484375,0.97265625]},"diverged":0}]}"#,
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn a_comparison_comes_back_from_json_with_its_curves_and_its_nan() {
        let mut comparison = sample();
        comparison.methods.truncate(2);
        comparison.methods[0].curves = Some(Curves::of(
            &[vec![2.0, 1.0], vec![3.0, 0.5]],
            &[vec![0.1, 0.2], vec![0.1, 0.1]],
            1,
            10,
        ));
        let json = serde_json::to_string(&comparison).unwrap();
        let back: Comparison = serde_json::from_str(&json).unwrap();
        assert_eq!(back, comparison);
        assert_eq!(back.without_curves().methods[0].curves, None);
        assert_eq!(
            serde_json::to_string(&back.without_curves())
                .unwrap()
                .find("curves"),
            None
        );

        let json = serde_json::to_string(&sample()).unwrap();
        assert!(json.contains(r#""final_train_loss":{"iqm":null,"ci95":[null,null]}"#));
        let back: Comparison = serde_json::from_str(&json).unwrap();
        assert!(back.methods[3].final_train_loss.iqm.is_nan());
        assert_eq!(back.methods[..3], sample().methods[..3]);
    }

    #[test]
    fn a_start_that_never_hits_counts_as_the_whole_descent() {
        let hits = [
            Some(100),
            None,
            Some(120),
            Some(140),
            None,
            None,
            Some(80),
            Some(90),
        ];
        let first_hit = FirstHit::of(&hits, 500, &Bootstrap::new(1), 0);
        assert_eq!(first_hit.iqm, (100.0 + 120.0 + 140.0 + 500.0) / 4.0);
        assert_eq!((first_hit.reached, first_hit.starts), (5, 8));
    }

    #[test]
    fn the_best_rival_is_the_earliest_that_ever_got_there() {
        let comparison = sample();
        assert_eq!(comparison.controller().unwrap().name, CONTROLLER);
        assert_eq!(comparison.best_rival().unwrap().name, "adam:0.001");
    }
}
