//! Figure 2: controllers trained from a fixed start point, on that start point.
//!
//! The policies after 10, 20 and 30 episodes descend from the start point that they were trained on; SGD 0.1 and Adam
//! 0.001 descend from it with the same batches. There is one start, as in the paper, so no interval over starts can be
//! had, and the windows of one descent are no sample: what follows one policy from one start is stated without an
//! interval, and holds for this one. How the chosen controller does on held-out starts is in the report of the run
//! folder `paper-fixed`. A *window* has 50 steps; two methods are compared window by window.
//!
//! | finding | conditions |
//! |---|---|
//! | (a) the loss gets lower with the episodes (our reading: the paper shows the curves) | mean difference of the windows' losses below 0: 20 against 10 episodes, 30 against 20 |
//! | (b) η rises to about 0.2 early, then is around 0.1, between 0.06 and 0.14 (policy after 30 episodes) | largest η of the first fifth in [0.15, 0.25]; mean η of the later windows in [0.06, 0.14]; of the later windows most have a mean η in [0.06, 0.14] |
//! | (c) lower loss than SGD 0.1 and Adam 0.001, with more fluctuation (policy after 30 episodes) | mean difference of the windows' losses below 0, and of their fluctuations above 0, against each |
//!
//! "Mean" is the interquartile mean over the windows. Minor conditions: the early peak and the share of the windows in (b),
//! the fluctuation in (c). *Fluctuation* is the mean absolute difference between
//! the losses of neighbouring steps. After a divergence losses are infinite and there is no fluctuation.

use descender_optim::Method;
use descender_task::{StartPoint, StartPurpose};
use serde::{Deserialize, Serialize};

use super::curve::Curve;
use super::curve::{fluctuation, loss_or_worst};
use super::descent::{Hand, Record, Watch};
use super::finding::{Evidence, PaperFinding, Sample, Wanted};
use super::runs::CompleteRun;
use crate::context::Context;
use crate::error::ReproduceError;
use crate::figure_data::{FigureData, Panel};
use crate::figure_name::FigureName;
use descender_figure::{AxisScale, LineChart, Mark};
use descender_record::nullable_float;

/// Steps of a window.
const WINDOW: usize = 50;
/// Steps over which the curves are averaged.
const SMOOTHING: usize = 20;

/// The data of figure 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fig2 {
    /// After how many episodes the policies were taken.
    pub episodes: Vec<u64>,
    /// Batch loss of each policy, then of SGD 0.1 and Adam 0.001: mean, smallest and largest in groups of 20 steps.
    pub loss: Vec<Curve>,
    /// η of each policy: mean, smallest and largest in groups of steps.
    pub learning_rate: Vec<Curve>,
    /// The number of steps after which each policy first asked for an η outside its bounds, if it did.
    pub left_bounds: Vec<Option<u64>>,
    /// The largest η of each policy in the first fifth of the descent.
    #[serde(with = "nullable_float::list")]
    pub early_peak: Vec<f64>,
    /// The windows of each policy, then of SGD 0.1 and Adam 0.001.
    pub windows: Vec<Windows>,
}

/// A descent in windows of 50 steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Windows {
    /// Mean batch loss of each window.
    #[serde(with = "nullable_float::list")]
    pub loss: Vec<f64>,
    /// Mean absolute difference between neighbouring batch losses in each window.
    #[serde(with = "nullable_float::list")]
    pub fluctuation: Vec<f64>,
    /// Mean η of each window.
    #[serde(with = "nullable_float::list")]
    pub learning_rate: Vec<f64>,
}

impl Windows {
    fn of(record: &Record, steps: u64) -> Self {
        let mut windows = Self::default();
        let count = (steps as usize / WINDOW).max(1);
        for number in 0..count {
            let range = number * WINDOW..((number + 1) * WINDOW).min(steps as usize);
            let whole = record.losses.get(range.clone());
            let whole = whole.filter(|losses| losses.iter().all(|loss| loss.is_finite()));
            windows.loss.push(whole.map_or(f64::INFINITY, |losses| {
                losses.iter().map(|loss| f64::from(*loss)).sum::<f64>() / losses.len() as f64
            }));
            windows
                .fluctuation
                .push(whole.map_or(f64::NAN, fluctuation));
            windows.learning_rate.push(record.mean_learning_rate(range));
        }
        windows
    }
}

pub(super) fn make(context: &Context<'_>, run: &CompleteRun) -> Result<Fig2, ReproduceError> {
    let configuration = run.configuration();
    let episodes = &context.plan().fixed_policies;
    let policies = run.policies(context, episodes)?;
    let mut hands: Vec<Hand<'_>> = policies
        .iter()
        .map(|policy| Hand::Policy {
            settings: &configuration.environment.control,
            method: configuration.optimizer,
            policy,
        })
        .collect();
    hands.push(Hand::Constant {
        method: Method::Sgd,
        learning_rate: 0.1,
    });
    hands.push(Hand::Constant {
        method: crate::rival::adam(),
        learning_rate: crate::rival::ADAM_RATE,
    });
    // What every training episode started from.
    let start = StartPoint {
        purpose: StartPurpose::Training,
        seed: configuration.seed,
        index: 0,
    };
    let steps = configuration.environment.steps;
    let watch = Watch {
        steps,
        ..Watch::default()
    };
    let records = context.side_by_side(FigureName::Fig2, &hands, |hand| {
        Ok(Record::of(&context.task, hand, start, watch)?)
    })?;
    let names: Vec<String> = episodes
        .iter()
        .map(|episodes| format!("after {episodes} episodes"))
        .chain(["SGD 0.1".to_owned(), "Adam 0.001".to_owned()])
        .collect();
    let of_policies = || records.iter().take(episodes.len());
    let early = (steps / 5) as usize;
    Ok(Fig2 {
        episodes: episodes.clone(),
        loss: names
            .iter()
            .zip(&records)
            .map(|(name, record)| Curve::of_descent(name, &record.losses, SMOOTHING))
            .collect(),
        learning_rate: names
            .iter()
            .zip(of_policies())
            .map(|(name, record)| {
                Curve::of_descent(name, &record.learning_rates, (steps as usize).div_ceil(300))
            })
            .collect(),
        left_bounds: of_policies().map(|record| record.left_bounds).collect(),
        early_peak: of_policies()
            .map(|record| {
                let early = &record.learning_rates[..early.min(record.learning_rates.len())];
                early.iter().copied().fold(f32::NAN, f32::max).into()
            })
            .collect(),
        windows: records
            .iter()
            .map(|record| Windows::of(record, steps))
            .collect(),
    })
}

impl Fig2 {
    fn episodes_in_words(&self) -> String {
        let words: Vec<String> = self.episodes.iter().map(u64::to_string).collect();
        words.join(", ")
    }
}

impl FigureData for Fig2 {
    fn findings(&self, _seed: u64) -> Vec<PaperFinding> {
        let last = self.episodes.len() - 1;
        let count = self.windows[last].loss.len();
        let losses = |position: usize| -> Vec<f64> {
            self.windows[position]
                .loss
                .iter()
                .map(|loss| loss_or_worst(*loss))
                .collect()
        };
        // Infinite in both where both diverged: no difference.
        let differences = |a: &[f64], b: &[f64]| -> Vec<f64> {
            let difference = |(a, b): (&f64, &f64)| if a == b { 0.0 } else { a - b };
            a.iter().zip(b).map(difference).collect()
        };
        let loss_difference = |what: String, a: usize, b: usize| {
            Evidence::exact_mean(what, &differences(&losses(a), &losses(b)))
                .wanted(Wanted::Below(0.0))
        };
        let more_fluctuation = |what: String, a: usize, b: usize| {
            let [a, b] = [a, b].map(|position| &self.windows[position].fluctuation);
            let known: Vec<f64> = (differences(a, b).into_iter())
                .filter(|difference| difference.is_finite())
                .collect();
            Evidence::exact_mean(what, &known)
                .wanted(Wanted::Above(0.0))
                .minor()
        };
        let improvements = self
            .episodes
            .windows(2)
            .enumerate()
            .map(|(position, pair)| {
                let what = format!(
                    "loss after {} episodes, minus that after {}",
                    pair[1], pair[0]
                );
                loss_difference(what, position + 1, position)
            });
        // The early part is the first fifth.
        let later = &self.windows[last].learning_rate[count / 5..];
        let usual = Wanted::Between(0.06, 0.14);
        let inside = |rate: &&f64| (0.06..=0.14).contains(*rate);
        let course = vec![
            Evidence::exact("largest η of the first fifth", self.early_peak[last])
                .wanted(Wanted::Between(0.15, 0.25))
                .minor(),
            Evidence::exact_mean("mean η of the later windows", later).wanted(usual),
            Evidence::exact(
                "share of the later windows with a mean η from 0.06 to 0.14",
                later.iter().filter(inside).count() as f64 / later.len() as f64,
            )
            .in_most()
            .minor(),
        ];
        let (sgd, adam) = (last + 1, last + 2);
        let against = [(sgd, "SGD 0.1"), (adam, "Adam 0.001")];
        let lower = against.map(|(rival, name)| {
            loss_difference(
                format!("the controller's loss, minus that of {name}"),
                last,
                rival,
            )
        });
        let rougher = against.map(|(rival, name)| {
            more_fluctuation(
                format!("the controller's fluctuation, minus that of {name}"),
                last,
                rival,
            )
        });
        let sample = Sample {
            n: 1,
            units: "starts",
            seeds: 1,
        };
        let finding =
            |claim: String, strength| PaperFinding::decide("fig2", claim, strength, sample);
        vec![
            finding(
                format!("(a) the controller's loss gets lower as its training goes on, after {} episodes (our reading of the curves)", self.episodes_in_words()),
                improvements.collect(),
            ),
            finding(
                "(b) η rises to about 0.2 early and is around 0.1 later, between 0.06 and 0.14".to_owned(),
                course,
            ),
            finding(
                "(c) the controller's loss is lower than SGD 0.1's and Adam 0.001's, and fluctuates more".to_owned(),
                lower.into_iter().chain(rougher).collect(),
            ),
        ]
    }

    fn panels(&self) -> Vec<Panel> {
        let policies = self.episodes.len();
        let left: Vec<String> = self
            .episodes
            .iter()
            .zip(&self.left_bounds)
            .filter_map(|(episodes, left)| {
                left.map(|step| format!("that after {episodes} episodes first asks for an η outside its bounds after {step} steps"))
            })
            .collect();
        let left = match left.is_empty() {
            true => "No policy asks for an η outside its bounds".to_owned(),
            false => format!(
                "Of the policies {} (η is held at the bound; in training the episode would end there)",
                left.join(", ")
            ),
        };
        let chart = |title: &str, y_label: &str, y_scale| LineChart {
            title: title.to_owned(),
            x_label: "step".to_owned(),
            y_label: y_label.to_owned(),
            y_scale,
            ..LineChart::default()
        };
        let series_of = |curves: &[Curve], first: usize| -> Vec<_> {
            curves
                .iter()
                .enumerate()
                .map(|(style, curve)| curve.series(first + style))
                .collect()
        };
        let mut against: Vec<_> = series_of(&self.loss[policies..], policies);
        against.insert(
            0,
            self.loss[policies - 1]
                .series_with_band(policies - 1)
                .with_mark(Mark::BoldLine),
        );
        vec![
            Panel {
                chart: LineChart {
                    series: series_of(&self.loss[..policies], 0),
                    ..chart(
                        &format!(
                            "(a) Loss of the controller after {} episodes",
                            self.episodes_in_words()
                        ),
                        "batch loss",
                        AxisScale::Logarithmic,
                    )
                },
                caption: format!(
                    "Mean over {SMOOTHING} steps, from the start point of the training. {left}."
                ),
            },
            Panel {
                chart: LineChart {
                    series: series_of(&self.learning_rate, 0),
                    ..chart(
                        "(b) Learning rate that the controllers set",
                        "η",
                        AxisScale::Logarithmic,
                    )
                },
                caption: "Mean over a few steps.".to_owned(),
            },
            Panel {
                chart: LineChart {
                    series: against,
                    ..chart(
                        "(c) Against constant learning rates",
                        "batch loss",
                        AxisScale::Logarithmic,
                    )
                },
                caption: format!(
                    "Mean over {SMOOTHING} steps; band: smallest and largest batch loss of the controller in them."
                ),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seen;

    fn windows(loss: f64, fluctuation: f64, rate: f64) -> Windows {
        // A little movement, so that the intervals have a length.
        let series = |value: f64| {
            (0..50)
                .map(|window| value * (1.0 + 0.01 * f64::from(window % 5)))
                .collect()
        };
        Windows {
            loss: series(loss),
            fluctuation: series(fluctuation),
            learning_rate: series(rate),
        }
    }

    fn as_in_the_paper() -> Fig2 {
        Fig2 {
            episodes: vec![10, 20, 30],
            loss: vec![Curve::default(); 5],
            learning_rate: vec![Curve::default(); 3],
            left_bounds: vec![Some(17), None, None],
            early_peak: vec![0.5, 0.3, 0.21],
            windows: vec![
                windows(0.3, 0.1, 0.3),
                windows(0.2, 0.1, 0.2),
                windows(0.1, 0.08, 0.1),
                windows(0.2, 0.05, 0.1),
                windows(0.25, 0.04, 0.001),
            ],
        }
    }

    fn seen(figure: &Fig2) -> Vec<Seen> {
        figure
            .findings(1)
            .iter()
            .map(|finding| finding.seen)
            .collect()
    }

    #[test]
    fn the_papers_figure_is_seen() {
        assert_eq!(seen(&as_in_the_paper()), [Seen::Yes; 3]);
        let panels = as_in_the_paper().panels();
        assert!(
            panels[0].caption.contains(
                "after 10 episodes first asks for an η outside its bounds after 17 steps"
            )
        );
    }

    #[test]
    fn a_lower_loss_of_any_rival_or_of_less_training_contradicts_and_a_detail_does_not() {
        let mut figure = as_in_the_paper();
        figure.windows[3].fluctuation = vec![0.2; 50];
        figure.early_peak[2] = 0.4;
        assert_eq!(seen(&figure), [Seen::Yes, Seen::Partly, Seen::Partly]);
        figure.windows[3] = windows(0.05, 0.05, 0.1);
        figure.windows[1] = windows(0.05, 0.1, 0.2);
        figure.windows[2].learning_rate = vec![0.3; 50];
        assert_eq!(seen(&figure), [Seen::Contradicted; 3]);
    }

    #[test]
    fn one_descent_gives_no_interval() {
        for finding in as_in_the_paper().findings(1) {
            assert_eq!(finding.sample(), "1 start, 1 training seed");
            for evidence in finding.strength {
                assert_eq!(evidence.ci95, [evidence.value; 2], "{}", evidence.what);
            }
        }
    }

    #[test]
    fn a_controller_that_diverged_has_neither_lower_loss_nor_more_fluctuation() {
        let mut figure = as_in_the_paper();
        figure.windows[2] = Windows {
            loss: vec![f64::NAN; 50],
            fluctuation: vec![f64::NAN; 50],
            learning_rate: vec![f64::NAN; 50],
        };
        figure.early_peak[2] = f64::NAN;
        assert_eq!(
            seen(&figure),
            [Seen::Contradicted, Seen::No, Seen::Contradicted]
        );
    }
}
