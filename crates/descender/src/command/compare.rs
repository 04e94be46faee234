//! `descender compare`: methods side by side from the same start points.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use descender_study::baseline::{Competitor, load_controller};
use descender_study::checkpoint::replace_file;
use descender_study::compare::{CompareSettings, compare};
use descender_study::comparison::{Comparison, table};
use descender_study::observer::COMPARING;
use descender_study::report::{Facts, Report, RunReport, html};
use descender_study::stop::Stop;
use descender_task::Task;

use super::on_threads;
use crate::arguments::CompareArguments;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::Progress;

pub fn run(arguments: &CompareArguments, printer: &Printer) -> Result<(), Failure> {
    if !(arguments.threshold > 0.0 && arguments.threshold.is_finite()) {
        return Err(Failure::usage(format!(
            "--threshold {}: expected a loss above 0",
            arguments.threshold
        )));
    }
    let mut competitors = Vec::new();
    let mut task_name = "mnist-cnn".to_owned();
    if let Some(folder) = arguments
        .out
        .as_ref()
        .filter(|folder| folder.join("config.toml").exists())
    {
        let message = "holds a run, whose own comparison would be lost; choose another folder";
        return Err(Failure::usage(format!(
            "--out {}: {message}",
            folder.display()
        )));
    }
    if let Some(folder) = &arguments.out {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    if let Some(path) = &arguments.controller {
        let controller = load_controller(path).map_err(anyhow::Error::from)?;
        task_name.clone_from(&controller.provenance().task);
        competitors.push(Competitor::controller(controller));
    }
    competitors.extend(Competitor::load_list(&arguments.against)?);
    match (&arguments.task, &arguments.data) {
        (Some(name), _) => task_name.clone_from(name),
        (None, Some(_)) => "idx-cnn".clone_into(&mut task_name),
        (None, None) => {}
    }
    let task = Arc::new(
        Task::by_name(&task_name, arguments.data.as_deref()).map_err(super::data::failure)?,
    );
    let settings = CompareSettings {
        starts: arguments.starts,
        steps: arguments.steps,
        seed: arguments.seed,
        threshold: arguments.threshold,
    };
    let progress = Progress::new(printer);
    let trials = competitors.len() as u64 * settings.starts;
    progress.plan(&[(COMPARING, trials, settings.steps)]);
    let comparison = on_threads(arguments.threads, || {
        compare(
            &task,
            &competitors,
            &settings,
            &Stop::default(),
            &|done, total| progress.phase(COMPARING, done, total),
        )
    })?
    .map_err(anyhow::Error::from)?;
    progress.finish();
    // The result first: it is not lost if the files can't be written.
    if arguments.json {
        printer.json(&comparison.without_curves())?;
    } else {
        printer.result(table(&comparison))?;
    }
    match &arguments.out {
        Some(folder) => write(folder, &comparison, arguments.threshold),
        None => Ok(()),
    }
}

/// Writes `comparison.json` and `report.html`.
fn write(folder: &Path, comparison: &Comparison, threshold: f32) -> Result<(), Failure> {
    let mut json = serde_json::to_string_pretty(comparison).map_err(anyhow::Error::from)?;
    json.push('\n');
    let facts = Facts {
        task: comparison.task.clone(),
        seed: comparison.seed,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: std::env::args_os()
            .map(|word| word.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(" "),
        threshold: threshold.into(),
        ..Facts::default()
    };
    let run = RunReport {
        facts,
        comparison: Some(comparison.clone()),
        ..RunReport::default()
    };
    let title = format!("Comparison on {}", comparison.task);
    let page = html(&Report {
        title,
        runs: vec![run],
    });
    for (name, text) in [("comparison.json", json), ("report.html", page)] {
        replace_file(&folder.join(name), text.as_bytes()).map_err(anyhow::Error::from)?;
    }
    Ok(())
}
