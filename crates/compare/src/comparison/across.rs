//! Several comparisons of one kind, such as those of several trainings: each figure over all of them.
//!
//! A run is a sample of one training. Over several runs, an interval speaks of another training from other starts: it is over
//! seeds and starts ([`descender_statistics::seeds_and_starts`]).

use super::first_hit::{first_hit_text, only_a_bound};
use super::measure::Measure;
use super::outcome::{CONTROLLER, Comparison, MethodResult, Role, StartResult};
use super::table::{Row, aligned, shown_name};
use descender_statistics::number::{
    interval_text, percent_interval_text, step_interval_text, tenths,
};
use descender_statistics::{Bootstrap, Estimate};

/// Comparisons on the same task, with the same steps, number of starts and threshold; at least two.
#[derive(Clone, Debug)]
pub struct AcrossRuns<'a> {
    comparisons: Vec<&'a Comparison>,
}

impl<'a> AcrossRuns<'a> {
    /// The comparisons side by side; `None` where they are fewer than two, or not all alike.
    #[must_use]
    pub fn of(comparisons: &[&'a Comparison]) -> Option<Self> {
        let first = comparisons.first()?;
        let kind = |comparison: &Comparison| {
            let Comparison {
                task,
                steps,
                starts,
                threshold,
                ..
            } = comparison;
            (task.clone(), *steps, *starts, threshold.to_bits())
        };
        let same = comparisons.iter().all(|other| kind(other) == kind(first));
        (comparisons.len() > 1 && same).then(|| Self {
            comparisons: comparisons.to_vec(),
        })
    }

    /// The methods that are in every comparison, each with its result in each.
    #[must_use]
    pub fn methods(&self) -> Vec<(&'a str, Vec<&'a MethodResult>)> {
        let first = &self.comparisons[0].methods;
        first
            .iter()
            .filter_map(|method| Some((method.name.as_str(), self.results(&method.name)?)))
            .collect()
    }

    fn results(&self, name: &str) -> Option<Vec<&'a MethodResult>> {
        let own = |comparison: &&'a Comparison| {
            let mut methods = comparison.methods.iter();
            methods.find(|method| method.name == name)
        };
        self.comparisons.iter().map(own).collect()
    }

    fn measured(&self, results: &[&MethodResult], measure: Measure, never: f64) -> Vec<Vec<f64>> {
        let steps = self.comparisons[0].steps;
        let value = |start: &StartResult| match measure {
            Measure::FirstHit => start.first_hit.map_or(never, |step| step as f64),
            _ => measure.of(start, steps),
        };
        let row = |result: &&MethodResult| result.by_start.iter().map(value).collect();
        results.iter().map(row).collect()
    }

    fn estimate(&self, values: &[Vec<f64>]) -> Estimate {
        let bootstrap = Bootstrap::new(self.comparisons[0].seed);
        let estimate = bootstrap.seeds_and_starts(values, 0);
        estimate.unwrap_or(Estimate::UNKNOWN)
    }

    /// Share of all descents of these results that never hit, as (never, all).
    fn never(results: &[&MethodResult]) -> (u64, u64) {
        results.iter().fold((0, 0), |(never, all), result| {
            let hit = &result.first_hit;
            (never + hit.starts - hit.reached, all + hit.starts)
        })
    }

    /// The figure over all runs, as text; `–` where the single starts are not known.
    #[must_use]
    pub fn over_all(&self, results: &[&MethodResult], measure: Measure) -> String {
        let steps = self.comparisons[0].steps as f64;
        let least = self.estimate(&self.measured(results, measure, steps));
        match measure {
            Measure::FirstHit => {
                let (never, all) = Self::never(results);
                if never == all {
                    return "never".to_owned();
                }
                if only_a_bound(never, all) {
                    return format!("≥ {} [{}, –]", tenths(least.iqm), tenths(least.ci95[0]));
                }
                let infinite = self.measured(results, measure, f64::INFINITY);
                step_interval_text(&Estimate {
                    ci95: [least.ci95[0], self.estimate(&infinite).ci95[1]],
                    ..least
                })
            }
            Measure::ValidationAccuracy => percent_interval_text(&least),
            Measure::FinalTrainLoss | Measure::FinalValidationLoss => interval_text(&least),
        }
    }

    /// The controller against the method `name` in `measure`, seed by seed and start by start (controller − method): the
    /// interquartile mean, with its 95 % interval over seeds and starts. `None` for the controller itself, where one of
    /// them is missing, where the starts are not known, and for first hits of which a quarter or more are only bounds.
    #[must_use]
    pub fn controller_against(&self, name: &str, measure: Measure) -> Option<Estimate> {
        let (own, other) = (self.results(CONTROLLER)?, self.results(name)?);
        if name == CONTROLLER {
            return None;
        }
        if measure == Measure::FirstHit {
            let bound = |results: &[&MethodResult]| {
                let (never, all) = Self::never(results);
                only_a_bound(never, all)
            };
            if bound(&own) || bound(&other) {
                return None;
            }
        }
        let steps = self.comparisons[0].steps as f64;
        let (a, b) = (
            self.measured(&own, measure, steps),
            self.measured(&other, measure, steps),
        );
        let alike = a
            .iter()
            .zip(&b)
            .all(|(a, b)| a.len() == b.len() && !a.is_empty());
        let differences: Vec<Vec<f64>> = (a.iter().zip(&b))
            .map(|(a, b)| a.iter().zip(b).map(|(a, b)| a - b).collect())
            .collect();
        alike.then(|| self.estimate(&differences))
    }

    /// The figures over all runs as a table for a terminal of this width.
    #[must_use]
    pub fn table(&self, columns: usize) -> String {
        let first = self.comparisons[0];
        let hits = self.comparisons.iter().any(|one| one.anyone_hits());
        let accuracy = self.comparisons.iter().any(|one| one.has_accuracy());
        let mut headings = vec!["method"];
        if hits {
            headings.extend(["first hit", "controller − …"]);
        }
        headings.extend(["validation loss", "controller − …"]);
        if accuracy {
            headings.push("accuracy, %");
        }
        let mut rows = Vec::new();
        let methods = self.methods();
        let is_control = |results: &[&MethodResult]| results[0].role == Role::Control;
        let (controls, others): (Vec<_>, Vec<_>) = methods
            .into_iter()
            .partition(|(_, results)| is_control(results));
        let row = |(name, results): &(&str, Vec<&MethodResult>)| {
            let mut cells = vec![shown_name(name)];
            let mut add = |measure, show: &dyn Fn(&Estimate) -> String| {
                cells.push(self.over_all(results, measure));
                let against = self.controller_against(name, measure);
                cells.push(against.map_or_else(String::new, |estimate| show(&estimate)));
            };
            if hits {
                add(Measure::FirstHit, &step_interval_text);
            }
            add(Measure::FinalValidationLoss, &interval_text);
            if accuracy {
                cells.push(self.over_all(results, Measure::ValidationAccuracy));
            }
            Row::Cells(cells)
        };
        rows.extend(others.iter().map(row));
        if !controls.is_empty() {
            rows.push(Row::Heading("negative controls:"));
            rows.extend(controls.iter().map(row));
        }
        format!(
            "{}: {} runs, {} steps from {} starts each; interquartile mean [95 % interval over seeds and starts]\n{}",
            first.task,
            self.comparisons.len(),
            first.steps,
            first.starts,
            aligned(&headings, &rows, columns)
        )
    }
}

/// The figure of one run, as text.
#[must_use]
pub fn figure_text(result: &MethodResult, measure: Measure) -> String {
    match measure {
        Measure::FirstHit => first_hit_text(&result.first_hit),
        Measure::ValidationAccuracy => percent_interval_text(&measure.estimate(result)),
        Measure::FinalTrainLoss | Measure::FinalValidationLoss => {
            interval_text(&measure.estimate(result))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::with_starts;
    use super::*;

    /// Three trainings whose controllers hit at 100, 110 and 150 and more, beside a rival at 200.
    fn runs() -> Vec<Comparison> {
        [100, 110, 150]
            .map(|hit| {
                let hits = |hit: u64| (0..8).map(|start| Some(hit + start)).collect();
                with_starts(&[
                    (CONTROLLER, Role::Controller, hits(hit), 0.1),
                    ("sgd:0.1", Role::Rival, hits(200), 0.2),
                    ("never", Role::Rival, vec![None; 8], 0.3),
                ])
            })
            .into()
    }

    #[test]
    fn the_interval_is_over_seeds_too() {
        let runs = runs();
        let across = AcrossRuns::of(&runs.iter().collect::<Vec<_>>()).unwrap();
        let estimate = across
            .controller_against("sgd:0.1", Measure::FirstHit)
            .unwrap();
        assert!((-90.0..-70.0).contains(&estimate.iqm), "{estimate:?}");
        let width = estimate.ci95[1] - estimate.ci95[0];
        assert!(width > 40.0, "three trainings say little: {estimate:?}");
        let loss = across.controller_against("sgd:0.1", Measure::FinalValidationLoss);
        assert!((loss.unwrap().iqm + 0.1).abs() < 1e-12);
        assert_eq!(across.controller_against("never", Measure::FirstHit), None);
        assert_eq!(
            across.controller_against(CONTROLLER, Measure::FirstHit),
            None
        );
        let text = across.table(1000);
        for part in ["3 runs", "sgd:0.1", "never", "over seeds and starts"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn what_is_not_alike_is_not_put_side_by_side() {
        let mut runs = runs();
        assert!(AcrossRuns::of(&[&runs[0]]).is_none());
        runs[1].steps += 1;
        assert!(AcrossRuns::of(&runs.iter().collect::<Vec<_>>()).is_none());
    }
}
