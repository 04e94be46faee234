//! `descender train`: train a controller, compare it, report.

use std::path::{Path, PathBuf};

use descender_compare::comparison::{Comparison, table_within};
use descender_compare::contender::Entry;
use descender_record::Manifest;
use descender_study::Run;
use descender_study::run_folder::{RunFolder, RunFolderError};
use descender_study::{RunError, run_report};
use descender_tensorboard as tensorboard;
use descender_tensorboard::TensorBoard;
use descender_train::TrainError;
use descender_train::configuration::{Configuration, Resolver};
use descender_train::observer::TrainingObserver;

use super::{on_threads, shell_word, thread_count};
use crate::arguments::TrainArguments;
use crate::failure::Failure;
use crate::interrupt::stop_on_interrupt;
use crate::printer::Printer;
use crate::progress::Progress;

pub fn run(arguments: &TrainArguments, printer: &Printer) -> Result<(), Failure> {
    let folder = match &arguments.resume {
        Some(path) => RunFolder::open(path).map_err(failure)?,
        None => create(arguments, printer)?,
    };
    let _lock = folder.lock().map_err(failure)?;
    let path = folder.path().display();
    let mut manifest = folder.manifest().map_err(failure)?;
    if !manifest.ended.is_empty()
        && let Some(comparison) = folder.comparison().map_err(failure)?
    {
        printer.message(format_args!("the run in {path} is complete"));
        if arguments.tensorboard {
            TensorBoard::write(&folder).map_err(anyhow::Error::from)?;
        }
        return show(&folder, &comparison, printer);
    }
    if arguments.resume.is_some() {
        manifest
            .differences()
            .iter()
            .for_each(|text| printer.warning(text));
        manifest.resumed += 1;
        manifest.threads = thread_count(arguments.threads);
        folder.write_manifest(&manifest).map_err(failure)?;
    }
    printer.message(format_args!("run folder: {path}"));
    let stop = stop_on_interrupt(printer)?;
    let progress = Progress::new(printer);
    let mut observers: Vec<Box<dyn TrainingObserver>> = vec![Box::new(progress.clone())];
    let mut events = tensorboard::Failure::default();
    if arguments.tensorboard || TensorBoard::exists(&folder) {
        let tensorboard = TensorBoard::new(&folder);
        events = tensorboard.failure();
        observers.push(Box::new(tensorboard));
    }
    let result = on_threads(arguments.threads, || {
        Run::new(&folder, &stop, &mut observers)?.complete()
    })?;
    progress.finish();
    if let Some(failure) = events.take() {
        printer.warning(failure);
    }
    let comparison = match result {
        Err(RunError::Stopped) => {
            let resume = format!("descender train --resume {}", shell_word(folder.path()));
            let message = "stopped; a checkpoint was written. Continue with: ";
            return Err(anyhow::anyhow!("{message}{resume}").into());
        }
        result => result.map_err(failure_of_training)?,
    };
    show(&folder, &comparison, printer)
}

fn show(folder: &RunFolder, comparison: &Comparison, printer: &Printer) -> Result<(), Failure> {
    printer.result(table_within(comparison, printer.columns()))?;
    let report = run_report(folder).map_err(failure)?;
    if let Some(cost) = report.training_cost() {
        printer.result(format_args!("training:   {cost}"))?;
    }
    printer.result(format_args!(
        "controller: {}",
        folder.file("controller.safetensors").display()
    ))?;
    printer.result(format_args!(
        "report:     {}",
        folder.file("report.html").display()
    ))?;
    let path = shell_word(folder.path());
    printer.result(format_args!(
        "next:       descender inspect {path} (what it does), descender export schedule {path} (a table to use), \
         descender compare --controller {path} (other rivals)"
    ))
}

fn create(arguments: &TrainArguments, printer: &Printer) -> Result<RunFolder, Failure> {
    let mut configuration = configuration(arguments)?;
    if !configuration.data.is_empty() {
        // A resume may come from elsewhere.
        let data = std::path::absolute(&configuration.data).map_err(anyhow::Error::from)?;
        configuration.data = data.to_str().unwrap_or(&configuration.data).to_owned();
    }
    configuration
        .warnings()
        .iter()
        .for_each(|text| printer.warning(text));
    // Before there is a folder: data or rivals that cannot be used leave nothing behind.
    configuration.load_task().map_err(super::data::failure)?;
    Entry::load_list(&configuration.comparison.against)?;
    let out = match &arguments.out {
        Some(path) => path.clone(),
        None => unused_folder(&configuration.preset),
    };
    let command = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let manifest = Manifest::start(command, configuration.seed, thread_count(arguments.threads));
    RunFolder::create(&out, &configuration, &manifest).map_err(failure)
}

fn configuration(arguments: &TrainArguments) -> Result<Configuration, Failure> {
    let mut resolver = Resolver::new(arguments.preset.as_deref())?;
    if let Some(path) = &arguments.config {
        resolver = resolver.file(path)?;
    }
    if let Some(path) = &arguments.data {
        let path = path
            .to_str()
            .ok_or_else(|| Failure::usage("--data: the path is not valid UTF-8"))?;
        resolver = resolver
            .set_string("task", "idx-cnn")?
            .set_string("data", path)?;
    }
    if let Some(seed) = arguments.seed {
        resolver = resolver.set(&format!("seed={seed}"))?;
    }
    for assignment in &arguments.set {
        resolver = resolver.set(assignment)?;
    }
    Ok(resolver.finish()?)
}

/// `runs/PRESET-N` with the first N that is free.
fn unused_folder(preset: &str) -> PathBuf {
    let name = |number: u64| Path::new("runs").join(format!("{preset}-{number}"));
    let number = (1..)
        .find(|number| name(*number).symlink_metadata().is_err())
        .unwrap_or_default();
    name(number)
}

fn failure(error: RunFolderError) -> Failure {
    match error {
        RunFolderError::Occupied(_) | RunFolderError::NoRun(_) => Failure::Usage(error.into()),
        RunFolderError::Configuration { .. } => Failure::Usage(error.into()),
        error => Failure::Running(error.into()),
    }
}

pub fn failure_of_training(error: RunError) -> Failure {
    match error {
        RunError::RunFolder(error) => failure(error),
        RunError::Train(TrainError::Task(error)) => super::data::failure(error),
        error => Failure::Running(error.into()),
    }
}
