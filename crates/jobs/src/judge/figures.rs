//! The figures of a method over jobs, and the table of all.

use std::fmt;

use descender_statistics::bootstrap::draw_counts;
use descender_statistics::{Bootstrap, Estimate, Interval};

use super::result::{FamilyFigures, JobsComparison, JudgedJob};
use crate::set::name_of;

/// No regret counts as less or more, so that one job doesn't rule.
const OUTLIER: f64 = 3.0;

/// The family of all jobs.
const ALL: &str = "all";

/// The figures of the method at `place`: over all jobs, and over each family of more than one.
pub(super) fn figures(jobs: &[JudgedJob], place: usize, seed: u64) -> Vec<FamilyFigures> {
    let families = |of: &dyn Fn(&JudgedJob) -> String| {
        let mut names: Vec<String> = jobs.iter().map(of).collect();
        names.sort();
        names.dedup();
        match names.len() {
            0 | 1 => Vec::new(),
            _ => names,
        }
    };
    let data = |job: &JudgedJob| name_of(&job.data);
    let network = |job: &JudgedJob| name_of(&job.network);
    let names = std::iter::once(ALL.to_owned())
        .chain(families(&data))
        .chain(families(&network));
    names
        .map(|family| {
            let chosen: Vec<&JudgedJob> = (jobs.iter())
                .filter(|job| family == ALL || family == data(job) || family == network(job))
                .collect();
            let of = |value: &dyn Fn(&JudgedJob) -> f64| {
                let values: Vec<f64> = chosen.iter().map(|job| value(job)).collect();
                mean(&values, seed)
            };
            let last = |job: &JudgedJob, place: usize| {
                (job.outcomes[place].last / job.reference.last)
                    .ln()
                    .clamp(-OUTLIER, OUTLIER)
            };
            let regrets: Vec<f64> = chosen.iter().map(|job| last(job, place)).collect();
            FamilyFigures {
                jobs: chosen.len(),
                regret: mean(&regrets, seed),
                middle_regret: Bootstrap::new(seed).interquartile_mean(&regrets, 0),
                checkpoint_regret: of(&|job| {
                    (job.outcomes[place].best / job.reference.best)
                        .ln()
                        .clamp(-OUTLIER, OUTLIER)
                }),
                against_first: (place > 0).then(|| of(&|job| last(job, place) - last(job, 0))),
                family,
            }
        })
        .collect()
}

/// The mean, and the 95 % percentile interval of the bootstrap over jobs.
fn mean(values: &[f64], seed: u64) -> Interval {
    let bootstrap = Bootstrap::new(seed);
    let mut counts = vec![0; values.len()];
    let ci95 = bootstrap.percentile_interval(0, |generator| {
        draw_counts(generator, &mut counts);
        let sum: f64 = values.iter().zip(&counts).map(|(x, n)| x * *n as f64).sum();
        sum / values.len() as f64
    });
    Interval {
        value: values.iter().sum::<f64>() / values.len() as f64,
        ci95,
    }
}

fn interval(interval: &Interval) -> String {
    text(interval.value, interval.ci95)
}

fn middle(estimate: &Estimate) -> String {
    text(estimate.iqm, estimate.ci95)
}

fn text(value: f64, [low, high]: [f64; 2]) -> String {
    format!("{value:+.3} [{low:+.3}, {high:+.3}]")
}

/// The table: a line a method, and of every family under it.
impl fmt::Display for JobsComparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            set,
            settings,
            methods,
            ..
        } = self;
        writeln!(
            formatter,
            "{} jobs of {}: {}",
            settings.jobs, set.name, set.about
        )?;
        writeln!(
            formatter,
            "regret: ln(validation loss / that of the best η of a grid tuned for each job); below 0 is better than that"
        )?;
        let width = methods
            .iter()
            .map(|method| method.name.chars().count())
            .max()
            .unwrap_or(6)
            .max(6);
        let heads = [
            "last step",
            "its middle half",
            "best checkpoint",
            "against the first",
        ]
        .map(|head| format!("{head:24}"))
        .join("  ");
        writeln!(formatter, "\n{:width$}  {heads}  lost", "method")?;
        for method in methods {
            if let Some(figures) = method.figures.first() {
                writeln!(
                    formatter,
                    "{:width$}  {:24}  {:24}  {:24}  {:24}  {:>4}",
                    method.name,
                    interval(&figures.regret),
                    middle(&figures.middle_regret),
                    interval(&figures.checkpoint_regret),
                    figures
                        .against_first
                        .as_ref()
                        .map_or(String::new(), interval),
                    method.lost
                )?;
            }
        }
        let Some(first) = methods.first().filter(|first| first.figures.len() > 1) else {
            return Ok(());
        };
        let width = first
            .figures
            .iter()
            .map(|family| family.family.len())
            .max()
            .unwrap_or(0);
        writeln!(formatter, "\n{} by family", first.name)?;
        for figures in &first.figures[1..] {
            writeln!(
                formatter,
                "{:width$}  {:24}  {:24}  {:24}  {:>4} jobs",
                figures.family,
                interval(&figures.regret),
                middle(&figures.middle_regret),
                interval(&figures.checkpoint_regret),
                figures.jobs
            )?;
        }
        Ok(())
    }
}
