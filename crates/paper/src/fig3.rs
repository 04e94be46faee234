//! Figure 3: the training from random start points.
//!
//! (a) The mean η of each training episode. (b) The first step with a batch loss of at most 0.02 in each training
//! episode (with its exploration, and ended where η left its bounds), and in a descent with Adam 0.001 from the same
//! start point with the same batches. An episode that never got there counts as the full length. Both are averaged over
//! 50 neighbouring episodes.
//!
//! The paper says that the controller's best in each cycle beats Adam, and not what a cycle is. Ours: 50 consecutive
//! episodes, the width of the average; a shorter one at the end is left out. "Best" has two readings, and the finding
//! asks for both, in more than half of the cycles (Wilson's interval over the cycles):
//!
//! - of the averaged curve: in the cycle's episode where the controller's averaged curve is lowest, it is below Adam's;
//! - of single episodes: the controller's earliest hit in the cycle is earlier than *Adam's earliest*. (Against Adam's
//!   average the best of 50 would win by luck.)
//!
//! What a typical episode does is shown beside it and decides nothing: the share of the episodes that hit earlier than
//! Adam from the same start, and the difference in those episodes that hit at all (which flatters the controller).

use descender_compare::comparison::counted_hit;
use descender_env::EndReason;
use descender_task::{StartPoint, StartPurpose};
use serde::{Deserialize, Serialize};

use super::descent::{Hand, Record, Watch};
use super::finding::{Evidence, PaperFinding, Sample};
use super::rival::{ADAM_RATE, adam};
use super::runs::CompleteRun;
use crate::context::Context;
use crate::error::ReproduceError;
use crate::figure_data::{FigureData, Panel};
use crate::figure_name::FigureName;
use descender_figure::{LineChart, Mark, Series};
use descender_record::nullable_float;
use descender_statistics::{Bootstrap, mean, moving_average};

/// The data of figure 3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fig3 {
    /// The length of an episode in steps; a first hit that is missing counts as so many.
    pub steps: u64,
    /// The batch loss that counts as a hit.
    pub threshold: f32,
    /// Neighbouring episodes over which is averaged, and episodes of a cycle.
    pub neighbours: usize,
    /// Mean η of each episode.
    #[serde(with = "nullable_float::list")]
    pub learning_rate: Vec<f32>,
    /// Steps of each episode.
    pub length: Vec<u64>,
    /// Episodes that ended because η left its bounds.
    pub left_bounds: u64,
    /// First hit in each episode.
    pub first_hit: Vec<Option<u64>>,
    /// First hit of Adam 0.001 from the same start point.
    pub adam_first_hit: Vec<Option<u64>>,
}

/// Adam's first hit from the start point of each episode.
pub(super) struct Rivals(Vec<Option<u64>>);

/// Descends with Adam from the start points of the training, which are known before it.
pub(super) fn rivals(context: &Context<'_>) -> Result<Rivals, ReproduceError> {
    let configuration = &context.plan().random;
    let threshold = configuration.environment.threshold;
    let watch = Watch {
        steps: configuration.environment.steps,
        until: Some(threshold),
        ..Watch::default()
    };
    let starts: Vec<u64> = (0..configuration.episodes).collect();
    let hits = context.side_by_side(FigureName::Fig3, &starts, |&index| {
        let start = StartPoint {
            purpose: StartPurpose::Training,
            seed: configuration.seed,
            index,
        };
        let hand = Hand::Constant {
            method: adam(),
            learning_rate: ADAM_RATE,
        };
        Ok(Record::of(&context.task, &hand, start, watch)?.first_hit(threshold))
    })?;
    Ok(Rivals(hits))
}

pub(super) fn make(
    context: &Context<'_>,
    run: &CompleteRun,
    Rivals(rivals): Rivals,
) -> Result<Fig3, ReproduceError> {
    let episodes = run.episodes()?;
    let environment = &run.configuration().environment;
    Ok(Fig3 {
        steps: environment.steps,
        threshold: environment.threshold,
        neighbours: context.plan().neighbours,
        learning_rate: episodes
            .iter()
            .map(|record| record.mean_learning_rate)
            .collect(),
        length: episodes.iter().map(|record| record.steps).collect(),
        left_bounds: episodes
            .iter()
            .filter(|record| record.end == EndReason::Bounds.name())
            .count() as u64,
        first_hit: episodes.iter().map(|record| record.first_hit).collect(),
        adam_first_hit: episodes
            .iter()
            .map(|record| rivals.get(record.start as usize).copied().flatten())
            .collect(),
    })
}

impl Fig3 {
    fn values(&self, hits: &[Option<u64>]) -> Vec<f64> {
        hits.iter()
            .map(|hit| counted_hit(*hit, self.steps) as f64)
            .collect()
    }
}

impl FigureData for Fig3 {
    fn findings(&self, seed: u64) -> Vec<PaperFinding> {
        let (own, adam) = (
            self.values(&self.first_hit),
            self.values(&self.adam_first_hit),
        );
        let averaged = [&own, &adam].map(|values| moving_average(values, self.neighbours));
        let cycle = self.neighbours.max(1);
        let cycles = own.len() / cycle;
        let ranges = || (0..cycles).map(|number| number * cycle..(number + 1) * cycle);
        let lowest = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
        let averaged_best = ranges().map(|range| {
            let best = range.min_by(|&a, &b| averaged[0][a].total_cmp(&averaged[0][b]));
            best.is_some_and(|episode| averaged[0][episode] < averaged[1][episode])
        });
        let single_best = ranges().map(|range| lowest(&own[range.clone()]) < lowest(&adam[range]));
        let hits = self
            .first_hit
            .iter()
            .zip(&adam)
            .filter_map(|(hit, adam)| Some(((*hit)? as f64, *adam)));
        let (own_hits, adam_there): (Vec<f64>, Vec<f64>) = hits.unzip();
        let strength = vec![
            Evidence::share(
                "share of the cycles in which the averaged curve's best is below Adam's curve",
                averaged_best.collect::<Vec<_>>().into_iter(),
            )
            .in_most(),
            Evidence::share(
                "share of the cycles whose earliest hit is earlier than Adam's earliest",
                single_best.collect::<Vec<_>>().into_iter(),
            )
            .in_most(),
            Evidence::share(
                "share of all episodes that hit earlier than Adam from the same start",
                own.iter().zip(&adam).map(|(own, adam)| own < adam),
            ),
            Evidence::share(
                "share of all episodes that hit at all",
                self.first_hit.iter().map(Option::is_some),
            ),
            Evidence::difference(
                "first hit in the episodes that hit, minus Adam's from the same starts",
                &own_hits,
                &adam_there,
                &Bootstrap::new(seed),
            ),
        ];
        let units = format!("cycles of {cycle} episodes");
        let sample = Sample {
            n: cycles,
            units: &units,
            seeds: 1,
        };
        vec![PaperFinding::decide(
            "fig3",
            "(b) the controller's best in each cycle reaches the threshold before Adam 0.001",
            strength,
            sample,
        )]
    }

    fn panels(&self) -> Vec<Panel> {
        let points = |values: &[f64]| -> Vec<(f64, f64)> {
            values
                .iter()
                .enumerate()
                .map(|(episode, value)| (episode as f64, *value))
                .collect()
        };
        let rates: Vec<f64> = self
            .learning_rate
            .iter()
            .map(|rate| f64::from(*rate))
            .collect();
        let (own, adam) = (
            self.values(&self.first_hit),
            self.values(&self.adam_first_hit),
        );
        let average = |values: &[f64]| points(&moving_average(values, self.neighbours));
        let single: Vec<(f64, f64)> = self
            .first_hit
            .iter()
            .enumerate()
            .filter_map(|(episode, hit)| Some((episode as f64, (*hit)? as f64)))
            .collect();
        let count = rates.len();
        let ends = |values: &[f64]| {
            let width = self.neighbours.min(values.len());
            (
                mean(&values[..width]),
                mean(&values[values.len() - width..]),
            )
        };
        let (first, last) = ends(&rates);
        let number = |value| descender_statistics::number::significant(value, 3);
        let reached = self.first_hit.iter().flatten().count();
        let chart = |title: &str, y_label: &str| LineChart {
            title: title.to_owned(),
            x_label: "training episode".to_owned(),
            y_label: y_label.to_owned(),
            ..LineChart::default()
        };
        vec![
            Panel {
                chart: LineChart {
                    series: vec![
                        Series::line(
                            format!("average of {}", self.neighbours),
                            average(&rates),
                            0,
                        )
                        .with_mark(Mark::BoldLine),
                        Series::line("episode", points(&rates), 0).with_mark(Mark::Dots),
                    ],
                    ..chart("(a) Mean η of each training episode", "mean η")
                },
                caption: format!(
                    "{} in the first {n} episodes, {} in the last {n}.",
                    number(first),
                    number(last),
                    n = self.neighbours.min(count)
                ),
            },
            Panel {
                chart: LineChart {
                    series: vec![
                        Series::line("controller", average(&own), 0).with_mark(Mark::BoldLine),
                        Series::line("Adam 0.001", average(&adam), 1),
                        Series::line("controller, single episodes that hit", single, 0)
                            .with_mark(Mark::Dots),
                    ],
                    ..chart(
                        "(b) First hit in each training episode",
                        "first step at the threshold",
                    )
                },
                caption: format!(
                    "First step with a batch loss of at most {}, averaged over {} neighbouring episodes; without a hit the \
                     full {} steps count. {reached} of {count} episodes hit; {} ended because η \
                     left its bounds.",
                    descender_statistics::number::setting(self.threshold.into()),
                    self.neighbours,
                    self.steps,
                    self.left_bounds
                ),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seen;

    fn figure(first_hit: Vec<Option<u64>>, adam_first_hit: Vec<Option<u64>>) -> Fig3 {
        Fig3 {
            steps: 750,
            threshold: 0.02,
            neighbours: 10,
            learning_rate: vec![0.1; first_hit.len()],
            length: vec![750; first_hit.len()],
            left_bounds: 0,
            first_hit,
            adam_first_hit,
        }
    }

    fn verdict(figure: &Fig3) -> (Seen, u64) {
        let finding = figure.findings(1).remove(0);
        (finding.seen, finding.n)
    }

    #[test]
    fn a_controller_that_is_always_earlier_is_seen_and_one_that_never_hits_contradicts() {
        let adam = vec![Some(340); 105];
        assert_eq!(
            verdict(&figure(vec![Some(200); 105], adam.clone())),
            (Seen::Yes, 10)
        );
        for own in [None, Some(400)] {
            let figure = figure(vec![own; 105], adam.clone());
            assert_eq!(verdict(&figure).0, Seen::Contradicted);
        }
    }

    #[test]
    fn a_few_lucky_episodes_among_many_that_never_hit_don_t_save_the_claim() {
        let lucky = (0..100)
            .map(|episode| (episode % 10 == 3).then_some(150))
            .collect();
        let figure = figure(lucky, vec![Some(340); 100]);
        assert_eq!(verdict(&figure).0, Seen::Contradicted);
        let finding = &figure.findings(1)[0];
        assert!(
            finding
                .text
                .contains("Holds: share of the cycles whose earliest hit"),
            "{}",
            finding.text
        );
        // What decides nothing is told all the same.
        assert!(
            (finding.strength[3].value - 0.1).abs() < 1e-12 && finding.strength[3].holds.is_none()
        );
        assert_eq!(finding.strength[4].value, -190.0);
    }

    #[test]
    fn the_best_of_a_cycle_is_not_held_against_adams_average() {
        // Both hit anywhere between 200 and 400, in another order: neither is better.
        let wave = |shift: usize| -> Vec<Option<u64>> {
            (0..100)
                .map(|episode| Some(200 + (((episode + shift) * 37) % 10 * 20) as u64))
                .collect()
        };
        let seen = verdict(&figure(wave(0), wave(3))).0;
        assert!(matches!(seen, Seen::No | Seen::Contradicted), "{seen:?}");
    }

    #[test]
    fn too_few_cycles_decide_nothing() {
        assert_eq!(
            verdict(&figure(vec![Some(200); 25], vec![Some(340); 25])),
            (Seen::No, 2)
        );
        assert_eq!(verdict(&figure(vec![], vec![])), (Seen::No, 0));
        assert_eq!(figure(vec![], vec![]).panels().len(), 2);
    }
}
