//! Figure 1: SGD with a constant η of 0.5, 0.4, 0.2 and 0.01.
//!
//! All four descend from the same start points with the same batch orders; the picture shows the first start. The paper
//! shows one start. How strongly its findings hold is said by the share of the starts in which they are seen, with
//! Wilson's interval over the starts; each condition wants more than half of them. Measures, for one start:
//!
//! - *final loss*: the mean of the last 50 batch losses; *high* means above half the loss at chance, ln 10 / 2 = 1.15;
//! - *fluctuation*: the mean absolute difference between the losses of neighbouring steps in the second half;
//! - *downward share*: the losses are averaged over windows of 50 steps; of all movement from window to window, the
//!   share that goes down. *Nearly monotone* means at least nine tenths;
//! - the mean loss of the first and of the second half.
//!
//! | finding | conditions, each in most starts |
//! |---|---|
//! | η = 0.5 stays high for good | final loss high |
//! | η = 0.4 learns, but fluctuates | final loss not high; fluctuation above that of η = 0.2 |
//! | η = 0.2 is right | second half's loss below that of 0.5, of 0.4, of 0.01 |
//! | η = 0.01 is slow and nearly monotone | first half's loss above that of 0.2; downward share at least 0.9 |
//!
//! A descent that diverged has infinite losses and no fluctuation.

use descender_optim::Method;
use descender_task::{Problem, StartPoint, StartPurpose};
use serde::{Deserialize, Serialize};

use super::curve::Curve;
use super::curve::{downward_share, fluctuation, loss_or_worst, window_means};
use super::descent::{Hand, Record, Watch};
use super::finding::{Evidence, PaperFinding, Sample};
use crate::context::Context;
use crate::error::ReproduceError;
use crate::figure_data::{FigureData, Panel};
use crate::figure_name::FigureName;
use descender_figure::{AxisScale, LineChart, Reference};
use descender_record::nullable_float;
use descender_train::TrainError;

/// The constant learning rates, in the order of the paper.
const RATES: [f32; 4] = [0.5, 0.4, 0.2, 0.01];
const HALF: usize = 0;
const FOUR_TENTHS: usize = 1;
const FIFTH: usize = 2;
const HUNDREDTH: usize = 3;

/// Steps over which losses are averaged before their movement is looked at.
const WINDOW: usize = 50;

/// The data of figure 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fig1 {
    /// The learning rates.
    pub learning_rates: Vec<f32>,
    /// The loss of a network whose outputs say nothing.
    #[serde(with = "nullable_float")]
    pub chance_loss: f64,
    /// The batch losses from the first start under each η: mean, smallest and largest in each group of steps.
    pub loss: Vec<Curve>,
    /// What came of each start: `by_start[rate][start]`.
    pub by_start: Vec<Vec<ConstantDescent>>,
}

/// Measures of one descent under a constant η.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConstantDescent {
    /// Mean of the last 50 batch losses.
    #[serde(with = "nullable_float")]
    pub final_loss: f64,
    /// Mean batch loss of the first half of the steps.
    #[serde(with = "nullable_float")]
    pub first_half: f64,
    /// Mean batch loss of the second half of the steps.
    #[serde(with = "nullable_float")]
    pub second_half: f64,
    /// Mean absolute difference between neighbouring batch losses in the second half.
    #[serde(with = "nullable_float")]
    pub fluctuation: f64,
    /// The share of the movement of the averaged losses that goes down.
    #[serde(with = "nullable_float")]
    pub downward_share: f64,
    /// Whether a loss was not finite.
    pub diverged: bool,
}

impl ConstantDescent {
    fn of(record: &Record) -> Self {
        let steps = record.losses.len();
        let diverged = record.diverged();
        let unless_diverged = |value: f64| if diverged { f64::NAN } else { value };
        let losses: Vec<f64> = record.losses.iter().map(|loss| f64::from(*loss)).collect();
        Self {
            final_loss: record.final_loss(),
            first_half: record.mean_loss(0..steps / 2),
            second_half: record.mean_loss(steps / 2..steps),
            fluctuation: unless_diverged(fluctuation(&record.losses[steps / 2..])),
            downward_share: unless_diverged(downward_share(&window_means(&losses, WINDOW))),
            diverged,
        }
    }
}

pub(super) fn make(context: &Context<'_>) -> Result<Fig1, ReproduceError> {
    let sample = context.plan().constant;
    let jobs: Vec<(f32, u64)> = RATES
        .iter()
        .flat_map(|rate| (0..sample.starts).map(move |start| (*rate, start)))
        .collect();
    let watch = Watch {
        steps: sample.steps,
        ..Watch::default()
    };
    let records = context.side_by_side(FigureName::Fig1, &jobs, |&(learning_rate, index)| {
        let hand = Hand::Constant {
            method: Method::Sgd,
            learning_rate,
        };
        let start = StartPoint {
            purpose: StartPurpose::Report,
            seed: context.plan().seed(),
            index,
        };
        Ok(Record::of(&*context.task, &hand, start, watch)?)
    })?;
    let by_rate: Vec<&[Record]> = records.chunks(sample.starts as usize).collect();
    let group = (sample.steps as usize).div_ceil(250);
    let descent = context
        .task
        .descent(Method::Sgd)
        .map_err(TrainError::from)?;
    Ok(Fig1 {
        learning_rates: RATES.to_vec(),
        chance_loss: descent.chance_loss().into(),
        loss: by_rate
            .iter()
            .zip(RATES)
            .map(|(records, rate)| {
                Curve::of_descent(format!("η = {rate}"), &records[0].losses, group)
            })
            .collect(),
        by_start: by_rate
            .iter()
            .map(|records| records.iter().map(ConstantDescent::of).collect())
            .collect(),
    })
}

impl FigureData for Fig1 {
    fn findings(&self, _seed: u64) -> Vec<PaperFinding> {
        let starts = self.by_start.first().map_or(0, Vec::len);
        let share = |what: &str, rate: usize, holds: &dyn Fn(&ConstantDescent) -> bool| {
            Evidence::share(what, self.by_start[rate].iter().map(holds)).in_most()
        };
        let pairs =
            |what: &str,
             a: usize,
             b: usize,
             holds: &dyn Fn(&ConstantDescent, &ConstantDescent) -> bool| {
                let pairs = self.by_start[a].iter().zip(&self.by_start[b]);
                Evidence::share(what, pairs.map(|(a, b)| holds(a, b))).in_most()
            };
        let high =
            |descent: &ConstantDescent| loss_or_worst(descent.final_loss) > self.chance_loss / 2.0;
        let lower_than = |rate: usize| {
            let what = format!(
                "share of starts with a lower second half's loss than η = {}",
                RATES[rate]
            );
            pairs(&what, FIFTH, rate, &|a, b| {
                loss_or_worst(a.second_half) < loss_or_worst(b.second_half)
            })
        };
        let sample = Sample {
            n: starts,
            units: "starts",
            seeds: 0,
        };
        let finding = |claim: &str, strength| PaperFinding::decide("fig1", claim, strength, sample);
        vec![
            finding(
                "η = 0.5: the loss stays high for good",
                vec![share(
                    "share of starts whose final loss is above half the loss at chance",
                    HALF,
                    &high,
                )],
            ),
            finding(
                "η = 0.4: the loss falls, but fluctuates",
                vec![
                    share(
                        "share of starts whose final loss is below half the loss at chance",
                        FOUR_TENTHS,
                        &|descent| !high(descent),
                    ),
                    pairs(
                        "share of starts that fluctuate more than under η = 0.2",
                        FOUR_TENTHS,
                        FIFTH,
                        &|a, b| a.fluctuation > b.fluctuation,
                    ),
                ],
            ),
            finding(
                "η = 0.2 is right: lower in the end than the other three",
                vec![
                    lower_than(HALF),
                    lower_than(FOUR_TENTHS),
                    lower_than(HUNDREDTH),
                ],
            ),
            finding(
                "η = 0.01: slow and nearly monotone",
                vec![
                    pairs(
                        "share of starts with a higher first half's loss than η = 0.2",
                        HUNDREDTH,
                        FIFTH,
                        &|a, b| loss_or_worst(a.first_half) > loss_or_worst(b.first_half),
                    ),
                    share(
                        "share of starts in which nine tenths of the averaged loss's movement go down",
                        HUNDREDTH,
                        &|descent| descent.downward_share >= 0.9,
                    ),
                ],
            ),
        ]
    }

    fn panels(&self) -> Vec<Panel> {
        let series = self
            .loss
            .iter()
            .enumerate()
            .map(|(style, curve)| curve.series_with_band(style));
        let diverged: usize = self
            .by_start
            .iter()
            .flatten()
            .filter(|descent| descent.diverged)
            .count();
        let starts = self.by_start.first().map_or(0, Vec::len);
        vec![Panel {
            chart: LineChart {
                title: "Batch loss under a constant η, one start point".to_owned(),
                x_label: "step".to_owned(),
                y_label: "batch loss".to_owned(),
                y_scale: AxisScale::Logarithmic,
                series: series.collect(),
                references: vec![Reference {
                    value: self.chance_loss,
                    label: "chance".to_owned(),
                }],
                ..LineChart::default()
            },
            caption: format!(
                "SGD from the first of {starts} start points, with the same batches for each η. Line: mean over a few \
                 steps; band: smallest and largest batch loss in them. Of all {} descents {diverged} diverged.",
                starts * self.by_start.len()
            ),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seen;

    fn descent(loss: f64, fluctuation: f64, downward_share: f64) -> ConstantDescent {
        ConstantDescent {
            final_loss: loss,
            first_half: loss * 2.0,
            second_half: loss,
            fluctuation,
            downward_share,
            diverged: loss.is_nan(),
        }
    }

    /// The four learning rates as the paper has them, on 30 starts.
    fn as_in_the_paper() -> Fig1 {
        Fig1 {
            learning_rates: RATES.to_vec(),
            chance_loss: 10.0_f64.ln(),
            loss: vec![Curve::default(); 4],
            by_start: [
                descent(2.3, 0.02, 0.5),
                descent(0.1, 0.09, 0.7),
                descent(0.05, 0.04, 0.8),
                descent(0.3, 0.07, 0.97),
            ]
            .map(|descent| vec![descent; 30])
            .to_vec(),
        }
    }

    fn seen(figure: &Fig1) -> Vec<Seen> {
        figure
            .findings(1)
            .iter()
            .map(|finding| finding.seen)
            .collect()
    }

    #[test]
    fn the_papers_figure_is_seen() {
        assert_eq!(seen(&as_in_the_paper()), [Seen::Yes; 4]);
    }

    #[test]
    fn the_opposite_is_contradicted() {
        let mut figure = as_in_the_paper();
        // 0.5 learns as well as 0.2 ever did, 0.4 is stuck, 0.01 is best and jumps.
        figure.by_start[HALF] = vec![descent(0.01, 0.01, 0.9); 30];
        figure.by_start[FOUR_TENTHS] = vec![descent(2.3, 0.02, 0.5); 30];
        figure.by_start[HUNDREDTH] = vec![descent(0.02, 0.1, 0.6); 30];
        assert_eq!(seen(&figure), [Seen::Contradicted; 4]);
        let text = &figure.findings(1)[0].text;
        assert!(
            text.starts_with("Contradicted: share of starts whose final loss"),
            "{text}"
        );
    }

    #[test]
    fn half_of_the_starts_are_not_most() {
        let mut figure = as_in_the_paper();
        figure.by_start[HALF][..12].fill(descent(0.04, 0.01, 0.9));
        assert_eq!(seen(&figure)[0], Seen::No, "18 of 30 stay high");
        figure.by_start[HALF][..4].fill(descent(2.3, 0.01, 0.9));
        assert_eq!(seen(&figure)[0], Seen::Yes, "22 of 30 do");
    }

    #[test]
    fn divergence_counts_as_high_and_never_as_fluctuation() {
        let mut figure = as_in_the_paper();
        let dead = ConstantDescent {
            final_loss: f64::NAN,
            first_half: f64::NAN,
            second_half: f64::INFINITY,
            ..descent(f64::NAN, f64::NAN, f64::NAN)
        };
        figure.by_start[HALF] = vec![dead; 30];
        figure.by_start[FOUR_TENTHS] = vec![dead; 30];
        assert_eq!(
            seen(&figure),
            [Seen::Yes, Seen::Contradicted, Seen::Yes, Seen::Yes]
        );
        assert!(figure.panels()[0].caption.contains("60 diverged"));
    }
}
