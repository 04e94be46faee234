//! `descender compare`: methods side by side from the same start points.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use descender_control::Controller;
use descender_study::baseline::Competitor;
use descender_study::checkpoint::replace_file;
use descender_study::compare::{CompareSettings, compare};
use descender_study::comparison::table;
use descender_study::observer::{TrainingEvent, TrainingObserver};
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
    if let Some(path) = &arguments.controller {
        let path: PathBuf = if path.is_dir() {
            path.join("controller.safetensors")
        } else {
            path.clone()
        };
        let controller = Controller::load(&path).map_err(anyhow::Error::from)?;
        task_name.clone_from(&controller.provenance().task);
        competitors.push(Competitor::controller(controller));
    }
    competitors.extend(Competitor::parse_list(&arguments.against)?);
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
    let progress = Mutex::new(Progress::new(printer.is_terminal()));
    let notify = |event: &TrainingEvent<'_>| {
        progress
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .notify(event);
    };
    let comparison = on_threads(arguments.threads, || {
        compare(
            &task,
            &competitors,
            &settings,
            &Stop::default(),
            &|done, total| {
                notify(&TrainingEvent::Trials {
                    purpose: "comparing",
                    done,
                    total,
                });
            },
        )
    })?
    .map_err(anyhow::Error::from)?;
    notify(&TrainingEvent::Compared(&comparison));
    if let Some(folder) = &arguments.out {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let mut text = serde_json::to_string_pretty(&comparison).map_err(anyhow::Error::from)?;
        text.push('\n');
        replace_file(&folder.join("comparison.json"), text.as_bytes())
            .map_err(anyhow::Error::from)?;
    }
    if arguments.json {
        printer.json(&comparison.without_curves())
    } else {
        printer.result(table(&comparison));
        Ok(())
    }
}
