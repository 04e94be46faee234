//! Figure 5: the chosen controller on validation data, against Adam 0.001.
//!
//! The controller that the training with random starts chose on selection starts descends from held-out starts; the
//! loss on all validation data is taken every so many steps, for Adam 0.001 from the same starts, too. The paper takes a
//! good controller from late in the training; ours is chosen by the rule of the run and no other, and the caption says
//! after how many episodes it was taken.
//!
//! | finding | conditions, with intervals over the starts |
//! |---|---|
//! | (a) on validation data the controller is better than Adam 0.001 | mean paired difference below 0: of the validation loss averaged over the descent; of that at the end |
//! | (b) η rises slowly and stays high, about 0.4 | it rises: mean η of the second half above that of the first tenth, in most starts; slowly: it reaches nine tenths of the second half's mean only after the first tenth of the descent, in most starts; high: mean η of the second half between 0.3 and 0.5 |
//!
//! "Mean" over the starts is the interquartile mean with a bootstrap interval. Where a training left no controller,
//! because its learner diverged, nothing can be measured and nothing is seen.

use descender_control::Controller;
use descender_task::{StartPoint, StartPurpose};
use serde::{Deserialize, Serialize};

use super::curve::Curve;
use super::curve::{loss_or_worst, spread_steps};
use super::descent::{Hand, Record, Watch};
use super::finding::{Evidence, PaperFinding, Sample, Wanted};
use super::runs::CompleteRun;
use crate::context::Context;
use crate::error::ReproduceError;
use crate::figure_data::{FigureData, Panel};
use crate::figure_name::FigureName;
use descender_figure::{AxisScale, LineChart, Mark};
use descender_record::nullable_float;
use descender_statistics::Bootstrap;

/// The data of figure 5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fig5 {
    /// After how many episodes the controller's policy was taken; `None` if there is no controller.
    pub episodes: Option<u64>,
    /// Validation loss of the controller and of Adam 0.001 over all starts, at the number of steps made: median and
    /// quartiles. Without a controller Adam's alone.
    pub validation_loss: Vec<Curve>,
    /// η of the controller from the first start: mean, smallest and largest in groups of steps; then over all starts:
    /// median and quartiles.
    pub learning_rate: Vec<Curve>,
    /// What came of each start under the controller; empty without one.
    pub controller: Vec<ValidatedDescent>,
    /// What came of each start under Adam 0.001.
    pub adam: Vec<ValidatedDescent>,
}

/// Measures of one descent with evaluations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValidatedDescent {
    /// Validation loss, mean of the evaluations along the descent.
    #[serde(with = "nullable_float")]
    pub mean_validation_loss: f64,
    /// Validation loss at the end.
    #[serde(with = "nullable_float")]
    pub final_validation_loss: f64,
    /// Share of the validation examples classified rightly at the end.
    #[serde(with = "nullable_float")]
    pub final_accuracy: f64,
    /// Mean η of the first tenth.
    #[serde(with = "nullable_float")]
    pub early_learning_rate: f64,
    /// Mean η of the second half.
    #[serde(with = "nullable_float")]
    pub late_learning_rate: f64,
    /// The first step at which η is at least nine tenths of its mean of the second half, as a share of the descent.
    #[serde(with = "nullable_float")]
    pub risen_after: f64,
}

impl ValidatedDescent {
    fn of(record: &Record, steps: usize) -> Self {
        let late = record.mean_learning_rate(steps / 2..steps);
        let risen = record
            .learning_rates
            .iter()
            .position(|rate| f64::from(*rate) >= 0.9 * late);
        let (mut sum, mut accuracy, mut last) = (0.0, 0.0, f64::INFINITY);
        for (_, evaluation) in &record.evaluations {
            sum += f64::from(evaluation.loss);
            last = evaluation.loss.into();
            accuracy = evaluation.accuracy.into();
        }
        let mean = sum / record.evaluations.len() as f64;
        let lost = record.diverged();
        Self {
            mean_validation_loss: if lost { f64::INFINITY } else { mean },
            final_validation_loss: if lost { f64::INFINITY } else { last },
            final_accuracy: if lost { 0.0 } else { accuracy },
            early_learning_rate: record.mean_learning_rate(0..(steps / 10).max(1)),
            late_learning_rate: late,
            risen_after: risen.map_or(f64::NAN, |step| step as f64 / steps as f64),
        }
    }
}

pub(super) fn make(context: &Context<'_>, run: &CompleteRun) -> Result<Fig5, ReproduceError> {
    let controller = run.controller()?;
    let (sample, every) = (context.plan().validation, context.plan().validation_every);
    let controllers = controller.iter().map(|controller| Hand::Policy {
        settings: controller.control(),
        method: *controller.method(),
        policy: controller.policy(),
    });
    let adam = Hand::Constant {
        method: crate::rival::adam(),
        learning_rate: crate::rival::ADAM_RATE,
    };
    let hands: Vec<Hand<'_>> = controllers.chain([adam]).collect();
    let jobs: Vec<(usize, u64)> = (0..hands.len())
        .flat_map(|hand| (0..sample.starts).map(move |start| (hand, start)))
        .collect();
    let watch = Watch {
        steps: sample.steps,
        evaluate_every: every,
        ..Watch::default()
    };
    let records = context.side_by_side(FigureName::Fig5, &jobs, |&(hand, index)| {
        let start = StartPoint {
            purpose: StartPurpose::Report,
            seed: context.plan().seed(),
            index,
        };
        Ok(Record::of(&context.task, &hands[hand], start, watch)?)
    })?;
    Ok(gather(
        &controller,
        &records,
        sample.starts as usize,
        sample.steps as usize,
    ))
}

fn gather(
    controller: &Option<Controller>,
    records: &[Record],
    starts: usize,
    steps: usize,
) -> Fig5 {
    let by_method: Vec<&[Record]> = records.chunks(starts).collect();
    let names: &[&str] = if controller.is_some() {
        &["controller", "Adam 0.001"]
    } else {
        &["Adam 0.001"]
    };
    let evaluated: Vec<u64> = records
        .iter()
        .map(|record| {
            record
                .evaluations
                .iter()
                .map(|(step, _)| *step)
                .collect::<Vec<_>>()
        })
        .max_by_key(Vec::len)
        .unwrap_or_default();
    let measures = |records: &[Record]| -> Vec<ValidatedDescent> {
        records
            .iter()
            .map(|record| ValidatedDescent::of(record, steps))
            .collect()
    };
    let shown = spread_steps(steps as u64, 250);
    let rates = |records: &[Record]| {
        let rate = |record: &Record, step: u64| {
            record
                .learning_rates
                .get(step as usize)
                .map(|rate| f64::from(*rate))
        };
        vec![
            Curve::of_descent("one start", &records[0].learning_rates, steps.div_ceil(250)),
            Curve::of_descents("median", &shown, records.len(), |record, position| {
                rate(&records[record], shown[position])
            }),
        ]
    };
    let validation = |name: &str, records: &[Record]| {
        // A descent that diverged has the worst loss from there on.
        Curve::of_descents(name, &evaluated, records.len(), |record, position| {
            let evaluation = records[record].evaluations.get(position);
            Some(evaluation.map_or(f64::INFINITY, |(_, evaluation)| evaluation.loss.into()))
        })
    };
    let own = controller.as_ref().map(|_| by_method[0]);
    Fig5 {
        episodes: controller
            .as_ref()
            .map(|controller| controller.provenance().episodes),
        validation_loss: names
            .iter()
            .zip(&by_method)
            .map(|(name, records)| validation(name, records))
            .collect(),
        learning_rate: own.map(rates).unwrap_or_default(),
        controller: own.map(measures).unwrap_or_default(),
        adam: by_method
            .last()
            .map(|records| measures(records))
            .unwrap_or_default(),
    }
}

impl FigureData for Fig5 {
    fn findings(&self, seed: u64) -> Vec<PaperFinding> {
        let bootstrap = Bootstrap::new(seed);
        let values = |descents: &[ValidatedDescent],
                      of: &dyn Fn(&ValidatedDescent) -> f64|
         -> Vec<f64> { descents.iter().map(of).collect() };
        let difference = |what: &str, of: &dyn Fn(&ValidatedDescent) -> f64| {
            let of = |descent: &ValidatedDescent| loss_or_worst(of(descent));
            let (own, adam) = (values(&self.controller, &of), values(&self.adam, &of));
            Evidence::difference(what, &own, &adam, &bootstrap).wanted(Wanted::Below(0.0))
        };
        let share = |what: &str, holds: &dyn Fn(&ValidatedDescent) -> bool| {
            Evidence::share(what, self.controller.iter().map(holds)).in_most()
        };
        let late = values(&self.controller, &|descent| descent.late_learning_rate);
        let starts = Sample {
            n: self.controller.len(),
            units: "starts",
            seeds: 1,
        };
        vec![
            PaperFinding::decide(
                "fig5",
                "(a) on validation data the controller is better than Adam 0.001",
                vec![
                    difference(
                        "validation loss averaged over the descent, minus Adam's",
                        &|descent| descent.mean_validation_loss,
                    ),
                    difference("validation loss at the end, minus Adam's", &|descent| {
                        descent.final_validation_loss
                    }),
                ],
                starts,
            ),
            PaperFinding::decide(
                "fig5",
                "(b) the controller's η rises slowly and stays high, about 0.4",
                vec![
                    share(
                        "share of starts in which η is higher in the second half than in the first tenth",
                        &|descent| descent.late_learning_rate > descent.early_learning_rate,
                    ),
                    share(
                        "share of starts in which η comes near its late level only after the first tenth",
                        &|descent| descent.risen_after > 0.1,
                    ),
                    Evidence::mean("mean η of the second half", &late, &bootstrap)
                        .wanted(Wanted::Between(0.3, 0.5)),
                ],
                starts,
            ),
        ]
    }

    fn panels(&self) -> Vec<Panel> {
        let chart = |title: &str, x_label: &str, y_label: &str, y_scale, series| LineChart {
            title: title.to_owned(),
            x_label: x_label.to_owned(),
            y_label: y_label.to_owned(),
            y_scale,
            series,
            ..LineChart::default()
        };
        let which = self.episodes.map_or_else(
            || "The training left no controller: its learner diverged.".to_owned(),
            |episodes| format!("The controller is the policy after {episodes} episodes, chosen on selection starts."),
        );
        let first_style = usize::from(self.episodes.is_none());
        let losses = self
            .validation_loss
            .iter()
            .enumerate()
            .map(|(style, curve)| curve.series_with_band(first_style + style));
        let rates = self
            .learning_rate
            .iter()
            .enumerate()
            .map(|(position, curve)| match position {
                0 => curve.series(1),
                _ => curve.series_with_band(0).with_mark(Mark::BoldLine),
            });
        vec![
            Panel {
                chart: chart(
                    "(a) Validation loss",
                    "steps made",
                    "validation loss",
                    AxisScale::Logarithmic,
                    losses.collect(),
                ),
                caption: format!(
                    "{which} Median and quartiles over {} held-out start points.",
                    self.adam.len()
                ),
            },
            Panel {
                chart: chart(
                    "(b) Learning rate of the controller",
                    "step",
                    "η",
                    AxisScale::Logarithmic,
                    rates.rev().collect(),
                ),
                caption: "Median and quartiles over the start points, and the first of them."
                    .to_owned(),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seen;

    fn descents(loss: f64, early: f64, late: f64, risen_after: f64) -> Vec<ValidatedDescent> {
        (0..30)
            .map(|start| ValidatedDescent {
                mean_validation_loss: loss * 2.0 + 0.001 * f64::from(start % 7),
                final_validation_loss: loss + 0.001 * f64::from(start % 5),
                final_accuracy: 0.97,
                early_learning_rate: early,
                late_learning_rate: late + 0.001 * f64::from(start % 3),
                risen_after,
            })
            .collect()
    }

    fn seen(controller: Vec<ValidatedDescent>) -> [Seen; 2] {
        let figure = Fig5 {
            episodes: (!controller.is_empty()).then_some(500),
            validation_loss: Vec::new(),
            learning_rate: Vec::new(),
            controller,
            adam: descents(0.1, 0.001, 0.001, 0.0),
        };
        assert_eq!(figure.panels().len(), 2);
        let findings = figure.findings(1);
        [findings[0].seen, findings[1].seen]
    }

    #[test]
    fn yes_partly_and_contradicted() {
        assert_eq!(seen(descents(0.05, 0.15, 0.4, 0.3)), [Seen::Yes, Seen::Yes]);
        let mut mixed = descents(0.05, 0.15, 0.4, 0.3);
        for (descent, adam) in mixed.iter_mut().zip(descents(0.1, 0.001, 0.001, 0.0)) {
            descent.final_validation_loss = adam.final_validation_loss;
        }
        for descent in &mut mixed[..15] {
            descent.risen_after = 0.0;
        }
        assert_eq!(seen(mixed), [Seen::Partly, Seen::Partly]);
        let low = descents(0.05, 0.15, 0.2, 0.3);
        assert_eq!(seen(low), [Seen::Yes, Seen::Contradicted]);
        assert_eq!(seen(descents(0.2, 0.2, 0.1, 0.0)), [Seen::Contradicted; 2]);
    }

    #[test]
    fn without_a_controller_or_with_one_that_diverged_nothing_is_seen() {
        assert_eq!(seen(Vec::new()), [Seen::No, Seen::No]);
        let nan = f64::NAN;
        let mut lost = descents(0.05, nan, nan, nan);
        lost.iter_mut().for_each(|descent| {
            (descent.mean_validation_loss, descent.final_validation_loss) = (nan, f64::INFINITY);
        });
        assert_eq!(seen(lost), [Seen::Contradicted; 2]);
    }
}
