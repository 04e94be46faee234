//! Figure 4: η over the descent, as the training with random start points goes on.
//!
//! The policies after 0 (the untrained one), 50, …, 250 episodes descend from the same start points; the picture shows
//! one start, and median and quartiles over all of them. The paper shows the curves without a sentence about them. What
//! we read out of them: η takes a course as the training goes on. Untrained, a policy takes one action whatever it sees,
//! so that η runs to a bound (or never moves); a trained one moves η inside the bounds.
//!
//! For one start, η *is at a bound* if its mean over the second half is within 10 % (one action) of the lower or the
//! upper bound, *stands still* if its largest and its smallest value of the whole descent are within 1 %, and is
//! *steered* otherwise.
//!
//! | finding | conditions, each with Wilson's interval over the starts |
//! |---|---|
//! | the course of η takes shape with the training | untrained: steered in less than half of the starts; after 250 episodes: steered in more than half |
//!
//! The other policies' shares are shown and decide nothing.

use descender_task::{StartPoint, StartPurpose};
use serde::{Deserialize, Serialize};

use super::curve::Curve;
use super::curve::spread_steps;
use super::descent::{Hand, Record, Watch};
use super::finding::{Evidence, PaperFinding, Sample, Wanted};
use super::runs::CompleteRun;
use crate::context::Context;
use crate::error::ReproduceError;
use crate::figure_data::{FigureData, Panel};
use crate::figure_name::FigureName;
use descender_figure::{AxisScale, LineChart};
use descender_record::nullable_float;

/// The data of figure 4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fig4 {
    /// After how many episodes the policies were taken.
    pub episodes: Vec<u64>,
    /// The bounds on η.
    pub bounds: [f32; 2],
    /// η of each policy from the first start: mean, smallest and largest in groups of steps.
    pub one_start: Vec<Curve>,
    /// η of each policy over all starts: median and quartiles.
    pub all_starts: Vec<Curve>,
    /// What came of each start: `by_start[policy][start]`.
    pub by_start: Vec<Vec<SteeredDescent>>,
}

/// Measures of one descent under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SteeredDescent {
    /// Mean η of the second half of the steps.
    #[serde(with = "nullable_float")]
    pub late_learning_rate: f64,
    /// The smallest η.
    pub smallest: f32,
    /// The largest η.
    pub largest: f32,
    /// The number of steps after which the policy first asked for an η outside the bounds, if it did.
    pub left_bounds: Option<u64>,
    /// Whether a loss was not finite.
    pub diverged: bool,
}

impl SteeredDescent {
    fn of(record: &Record, steps: usize) -> Self {
        let rates = record.learning_rates.iter().copied();
        Self {
            late_learning_rate: record.mean_learning_rate(steps / 2..steps),
            smallest: rates.clone().fold(f32::INFINITY, f32::min),
            largest: rates.fold(0.0, f32::max),
            left_bounds: record.left_bounds,
            diverged: record.diverged(),
        }
    }

    /// Whether η neither stands still nor is at a bound. A descent that diverged in its first half was not steered.
    fn is_steered(&self, [lower, upper]: [f32; 2]) -> bool {
        let (lower, upper) = (f64::from(lower), f64::from(upper));
        let moved = self.largest > 1.01 * self.smallest;
        moved && self.late_learning_rate > 1.1 * lower && self.late_learning_rate < upper / 1.1
    }
}

pub(super) fn make(context: &Context<'_>, run: &CompleteRun) -> Result<Fig4, ReproduceError> {
    let configuration = run.configuration();
    let control = &configuration.environment.control;
    let (sample, episodes) = (context.plan().spread, &context.plan().random_policies);
    let policies = run.policies(context, episodes)?;
    let jobs: Vec<(usize, u64)> = (0..policies.len())
        .flat_map(|policy| (0..sample.starts).map(move |start| (policy, start)))
        .collect();
    let watch = Watch {
        steps: sample.steps,
        ..Watch::default()
    };
    let records = context.side_by_side(FigureName::Fig4, &jobs, |&(policy, index)| {
        let hand = Hand::Policy {
            settings: control,
            method: configuration.optimizer,
            policy: &policies[policy],
        };
        let start = StartPoint {
            purpose: StartPurpose::Report,
            seed: configuration.seed,
            index,
        };
        Ok(Record::of(&context.task, &hand, start, watch)?)
    })?;
    let by_policy: Vec<&[Record]> = records.chunks(sample.starts as usize).collect();
    let name = |episodes: &u64| match episodes {
        0 => "untrained".to_owned(),
        episodes => format!("after {episodes} episodes"),
    };
    let group = (sample.steps as usize).div_ceil(250);
    let steps = spread_steps(sample.steps, 250);
    let rate = |record: &Record, step: u64| {
        record
            .learning_rates
            .get(step as usize)
            .map(|rate| f64::from(*rate))
    };
    Ok(Fig4 {
        episodes: episodes.clone(),
        bounds: [control.bounds.lower, control.bounds.upper],
        one_start: by_policy
            .iter()
            .zip(episodes)
            .map(|(records, episodes)| {
                Curve::of_descent(name(episodes), &records[0].learning_rates, group)
            })
            .collect(),
        all_starts: by_policy
            .iter()
            .zip(episodes)
            .map(|(records, episodes)| {
                Curve::of_descents(name(episodes), &steps, records.len(), |record, position| {
                    rate(&records[record], steps[position])
                })
            })
            .collect(),
        by_start: by_policy
            .iter()
            .map(|records| {
                records
                    .iter()
                    .map(|record| SteeredDescent::of(record, sample.steps as usize))
                    .collect()
            })
            .collect(),
    })
}

impl FigureData for Fig4 {
    fn findings(&self, _seed: u64) -> Vec<PaperFinding> {
        let starts = self.by_start.first().map_or(0, Vec::len);
        let last = self.episodes.len().saturating_sub(1);
        let strength = self.episodes.iter().zip(&self.by_start).enumerate().map(
            |(position, (episodes, descents))| {
                let policy = match episodes {
                    0 => "the untrained policy".to_owned(),
                    episodes => format!("the policy after {episodes} episodes"),
                };
                let what = format!("share of starts in which {policy} steers η inside its bounds");
                let share = Evidence::share(
                    what,
                    descents
                        .iter()
                        .map(|descent| descent.is_steered(self.bounds)),
                );
                match position {
                    0 => share.wanted(Wanted::Below(0.5)),
                    position if position == last => share.in_most(),
                    _ => share,
                }
            },
        );
        let claim = format!(
            "the course of η takes shape with the training: an untrained policy runs η to a bound or leaves it alone, \
             one after {} episodes moves it inside the bounds (our reading of the curves)",
            self.episodes.get(last).copied().unwrap_or_default()
        );
        vec![PaperFinding::decide(
            "fig4",
            claim,
            strength.collect(),
            Sample {
                n: starts,
                units: "starts",
                seeds: 1,
            },
        )]
    }

    fn panels(&self) -> Vec<Panel> {
        let starts = self.by_start.first().map_or(0, Vec::len);
        let left: Vec<String> = self
            .episodes
            .iter()
            .zip(&self.by_start)
            .map(|(episodes, descents)| {
                let left = descents
                    .iter()
                    .filter(|descent| descent.left_bounds.is_some())
                    .count();
                format!("{left} after {episodes}")
            })
            .collect();
        let chart = |title: &str, series| LineChart {
            title: title.to_owned(),
            x_label: "step".to_owned(),
            y_label: "η".to_owned(),
            y_scale: AxisScale::Logarithmic,
            series,
            ..LineChart::default()
        };
        let numbered = |curves: &[Curve]| -> Vec<_> {
            curves
                .iter()
                .enumerate()
                .map(|(style, curve)| curve.series(style))
                .collect()
        };
        vec![
            Panel {
                chart: chart("η from one start point", numbered(&self.one_start)),
                caption: "The learning rate that the policy after so many episodes sets; mean over a few steps.".to_owned(),
            },
            Panel {
                chart: chart("η, median over the start points", numbered(&self.all_starts)),
                caption: format!(
                    "From {starts} held-out start points. η is held inside its bounds; descents in which the policy asked \
                     for more: {} episodes.",
                    left.join(", ")
                ),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seen;

    fn descent(smallest: f32, largest: f32, late: f64) -> SteeredDescent {
        SteeredDescent {
            late_learning_rate: late,
            smallest,
            largest,
            left_bounds: None,
            diverged: false,
        }
    }
    const AT_BOUND: (f32, f32, f64) = (0.1, 0.5, 0.5);
    const STILL: (f32, f32, f64) = (0.1, 0.1, 0.1);
    const STEERED: (f32, f32, f64) = (0.08, 0.3, 0.2);

    fn seen(untrained: (f32, f32, f64), trained: (f32, f32, f64)) -> Seen {
        let descents = |(a, b, c)| vec![descent(a, b, c); 30];
        let figure = Fig4 {
            episodes: vec![0, 50, 250],
            bounds: [0.001, 0.5],
            one_start: vec![Curve::default(); 3],
            all_starts: vec![Curve::default(); 3],
            by_start: vec![descents(untrained), descents(STILL), descents(trained)],
        };
        let finding = figure.findings(1).remove(0);
        assert_eq!(finding.strength.len(), 3);
        assert_eq!(finding.strength[1].holds, None);
        finding.seen
    }

    #[test]
    fn yes_and_contradicted() {
        assert_eq!(seen(AT_BOUND, STEERED), Seen::Yes);
        assert_eq!(seen(STILL, STEERED), Seen::Yes);
        assert_eq!(seen(STEERED, STEERED), Seen::Contradicted);
        assert_eq!(seen(AT_BOUND, AT_BOUND), Seen::Contradicted);
        assert_eq!(seen(STEERED, (0.001, 0.1, 0.001)), Seen::Contradicted);
        assert_eq!(
            seen(STEERED, (0.1, 0.3, f64::NAN)),
            Seen::Contradicted,
            "diverged early"
        );
    }
}
