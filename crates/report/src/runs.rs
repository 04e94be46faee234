//! Several runs side by side: one table of runs × methods for each measure, with intervals over seeds and starts.
//!
//! Runs can be put side by side if they were compared on the same task, with the same number of steps and starts and the
//! same threshold. A run is a sample of one training, so the last column has the interval over all of them: over seeds
//! and starts ([`descender_statistics::seeds_and_starts`]). Methods that are not in every run are left out.

use super::RunReport;
use descender_compare::comparison::{
    Comparison, Measure, MethodResult, StartResult, first_hit_text,
};
use descender_figure::escape;
use descender_statistics::number::{
    interval_text, percent_interval_text, step_interval_text, tenths,
};
use descender_statistics::{Bootstrap, Estimate};

/// The tables; empty where fewer than two runs can be put side by side.
pub(super) fn section(runs: &[RunReport]) -> String {
    let Some(runs) = alike(runs) else {
        return String::new();
    };
    let first = runs[0].comparison;
    let measures = [
        (Measure::FirstHit, "First hit, step"),
        (Measure::FinalValidationLoss, "Final validation loss"),
        (Measure::ValidationAccuracy, "Validation accuracy, %"),
    ];
    let mut text = format!(
        "<h2>All runs</h2>\n<p class=\"said\">{} runs on <b>{}</b>, compared over {} steps from {} starts each.</p>\n",
        runs.len(),
        escape(&first.task),
        first.steps,
        first.starts
    );
    for (measure, title) in measures {
        let shown = match measure {
            Measure::FirstHit => first.anyone_hits(),
            Measure::ValidationAccuracy => first.has_accuracy(),
            _ => true,
        };
        if shown {
            text.push_str(&table(&runs, measure, title));
        }
    }
    text.push_str(
        "<p class=\"note\">A column is a run: the interquartile mean with its 95 % interval over the starts. All runs: \
         over all of them, with a 95 % interval over seeds and starts, both resampled and stretched for few seeds. ≥: a \
         bound, since a quarter of the starts or more never reach the threshold.</p>\n",
    );
    text
}

/// A run of the page.
struct Run<'a> {
    /// Its number on the page, from 1.
    number: usize,
    name: &'a str,
    comparison: &'a Comparison,
}

/// The runs that can be put side by side; `None` where they are fewer than two, or
/// not all alike.
fn alike(runs: &[RunReport]) -> Option<Vec<Run<'_>>> {
    let compared: Vec<Run<'_>> = (runs.iter().enumerate())
        .filter_map(|(index, run)| {
            Some(Run {
                number: index + 1,
                name: if run.name.is_empty() {
                    "run"
                } else {
                    &run.name
                },
                comparison: run.comparison.as_ref()?,
            })
        })
        .collect();
    let first = compared.first()?.comparison;
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
    let same = (compared.iter()).all(|run| kind(run.comparison) == kind(first));
    (compared.len() > 1 && same).then_some(compared)
}

fn table(runs: &[Run<'_>], measure: Measure, title: &str) -> String {
    let heads: String = (runs.iter())
        .map(|Run { number, name, .. }| {
            let name = escape(name);
            format!("<th scope=\"col\"><a href=\"#run-{number}\">{name}</a></th>")
        })
        .collect();
    let mut text = format!(
        "<div class=\"table\"><table>\n<thead><tr><th scope=\"col\">{title}</th>{heads}<th scope=\"col\">All \
         runs</th></tr></thead>\n<tbody>\n"
    );
    for method in &runs[0].comparison.methods {
        let in_each: Option<Vec<&MethodResult>> = (runs.iter())
            .map(|run| (run.comparison.methods.iter()).find(|own| own.name == method.name))
            .collect();
        let Some(results) = in_each else {
            continue;
        };
        text.push_str(&format!("<tr><td>{}</td>", escape(&method.name)));
        for (run, result) in runs.iter().zip(&results) {
            text.push_str(&format!(
                "<td data-label=\"{}\">{}</td>",
                escape(run.name),
                escape(&cell(measure, result))
            ));
        }
        text.push_str(&format!(
            "<td data-label=\"All runs\"><b>{}</b></td></tr>\n",
            escape(&over_all(runs[0].comparison, &results, measure))
        ));
    }
    text.push_str("</tbody>\n</table></div>\n");
    text
}

fn cell(measure: Measure, result: &MethodResult) -> String {
    match measure {
        Measure::FirstHit => first_hit_text(&result.first_hit),
        Measure::ValidationAccuracy => percent_interval_text(&measure.estimate(result)),
        Measure::FinalTrainLoss | Measure::FinalValidationLoss => {
            interval_text(&measure.estimate(result))
        }
    }
}

/// The figure over all runs; `–` where the single starts are not known.
fn over_all(first: &Comparison, results: &[&MethodResult], measure: Measure) -> String {
    let rows = |never: f64| -> Vec<Vec<f64>> {
        (results.iter())
            .map(|result| {
                let value = |start| match measure {
                    Measure::FirstHit => first_hit_or(start, never),
                    _ => measure.of(start, first.steps),
                };
                result.by_start.iter().map(value).collect()
            })
            .collect()
    };
    let bootstrap = Bootstrap::new(first.seed);
    let estimate = |never: f64| {
        let estimate = bootstrap.seeds_and_starts(&rows(never), 0);
        estimate.unwrap_or(Estimate::UNKNOWN)
    };
    let least = estimate(first.steps as f64);
    match measure {
        Measure::FirstHit => {
            let (reached, starts) = (results.iter()).fold((0, 0), |(reached, starts), result| {
                let hit = &result.first_hit;
                (reached + hit.reached, starts + hit.starts)
            });
            if reached == 0 {
                return "never".to_owned();
            }
            // As in each run: from a quarter on, what never hits makes the mean a bound.
            if 4 * (starts - reached) >= starts {
                return format!("≥ {} [{}, –]", tenths(least.iqm), tenths(least.ci95[0]));
            }
            step_interval_text(&Estimate {
                ci95: [least.ci95[0], estimate(f64::INFINITY).ci95[1]],
                ..least
            })
        }
        Measure::ValidationAccuracy => percent_interval_text(&least),
        Measure::FinalTrainLoss | Measure::FinalValidationLoss => interval_text(&least),
    }
}

fn first_hit_or(start: &StartResult, never: f64) -> f64 {
    start.first_hit.map_or(never, |step| step as f64)
}
