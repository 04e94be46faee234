//! `descender train`: train a controller, compare it, report.

use std::path::Path;

use descender_compare::comparison::{Comparison, table_within};
use descender_compare::contender::Entry;
use descender_record::{FolderLock, Manifest};
use descender_study::Run;
use descender_study::run_folder::RunFolder;
use descender_study::{RunError, run_report};
use descender_task::Task;
use descender_tensorboard as tensorboard;
use descender_tensorboard::TensorBoard;
use descender_train::TrainError;
use descender_train::configuration::{Configuration, Resolver};
use descender_train::observer::TrainingObserver;

use super::{jobs, specialise};
use super::{on_threads, rival_cache, shell_word, storable, thread_count};
use crate::program::arguments::TrainArguments;
use crate::program::failure::Failure;
use crate::program::interrupt::stop_on_interrupt;
use crate::program::printer::Printer;
use crate::program::progress::Progress;
use crate::program::words::words;

pub(crate) fn run(arguments: &TrainArguments, printer: &Printer) -> Result<(), Failure> {
    if let Some(path) = &arguments.resume
        && let Some((set, settings)) = jobs::resumed(path)?
    {
        return jobs::complete(&set, &settings, path, arguments, printer);
    }
    if let Some(set) = jobs::set_of(arguments.task.as_deref())? {
        return jobs::train(set, arguments, printer);
    }
    if let Some(task) = specialise::is_asked_for(arguments)? {
        return specialise::run(&task, arguments, printer);
    }
    let (folder, lock) = match &arguments.resume {
        Some(path) => {
            let folder = RunFolder::open(path)?;
            let lock = folder.lock()?;
            (folder, lock)
        }
        None => {
            let configuration = prepared(configuration(arguments)?, printer)?;
            create(configuration, arguments, printer)?
        }
    };
    let resume = format!("descender train --resume {}", shell_word(folder.path()));
    let comparison = complete(&folder, &lock, arguments, &resume, printer)?;
    show(&folder, &comparison, printer)
}

/// Brings a run to its end, from wherever it stands. `resume` is the command that goes on after a stop.
pub(super) fn complete(
    folder: &RunFolder,
    _lock: &FolderLock,
    arguments: &TrainArguments,
    resume: &str,
    printer: &Printer,
) -> Result<Comparison, Failure> {
    let path = folder.path().display();
    let mut manifest = folder.manifest()?;
    if !manifest.ended.is_empty()
        && let Some(comparison) = folder.comparison()?
    {
        printer.message(format_args!("the run in {path} is complete"));
        if arguments.tensorboard {
            TensorBoard::write(folder).map_err(anyhow::Error::from)?;
        }
        return Ok(comparison);
    }
    if folder.file("checkpoint/state").exists() || arguments.resume.is_some() {
        manifest
            .differences()
            .iter()
            .for_each(|text| printer.warning(text));
        manifest.resumed += 1;
        manifest.threads = thread_count(arguments.threads);
        folder.write_manifest(&manifest)?;
    }
    let stop = stop_on_interrupt(printer)?;
    let progress = Progress::new(printer);
    let mut observers: Vec<Box<dyn TrainingObserver>> = vec![Box::new(progress.clone())];
    let mut events = tensorboard::Failure::default();
    // The command of a run is on disk before its settings are: no kill is too early.
    let asked = manifest.command.iter().any(|word| word == "--tensorboard");
    if arguments.tensorboard || asked || TensorBoard::exists(folder) {
        let tensorboard = TensorBoard::new(folder);
        events = tensorboard.failure();
        observers.push(Box::new(tensorboard));
    }
    let result = on_threads(arguments.threads, || {
        Run::new(folder, &stop, &mut observers)?
            .with_cache(rival_cache())
            .complete()
    })?;
    progress.finish();
    if let Some(failure) = events.take() {
        printer.warning(failure);
    }
    match result {
        Err(RunError::Stopped) => {
            let message = "stopped; a checkpoint was written. Continue with: ";
            Err(anyhow::anyhow!("{message}{resume}").into())
        }
        result => result.map_err(failure_of_training),
    }
}

fn show(folder: &RunFolder, comparison: &Comparison, printer: &Printer) -> Result<(), Failure> {
    printer.result(table_within(comparison, printer.columns()))?;
    let report = run_report(folder)?;
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
         descender compare --controller {path} --against panel (all strong rivals, each tuned for each objective)"
    ))
}

/// The configuration with its data where a resume finds them, once data and rivals have been seen to be usable: before
/// there is a folder, so that what cannot be used leaves nothing behind.
pub(super) fn prepared(
    mut configuration: Configuration,
    printer: &Printer,
) -> Result<Configuration, Failure> {
    if !configuration.data.is_empty() {
        // A resume may come from elsewhere.
        let data = std::path::absolute(&configuration.data).map_err(anyhow::Error::from)?;
        configuration.data = storable(&data)?.to_owned();
    }
    configuration.task = super::absolute_task(&configuration.task)?;
    configuration
        .warnings()
        .iter()
        .for_each(|text| printer.warning(text));
    let task = configuration.load_task().map_err(super::data::failure)?;
    (task.notes.iter()).for_each(|text| printer.message(text));
    task.warnings()
        .iter()
        .for_each(|text| printer.warning(text));
    let rivals = Entry::load_list(&configuration.comparison.against)?;
    Entry::check_steps(&rivals, configuration.comparison.steps)?;
    Ok(configuration)
}

/// The manifest of a run that begins now.
pub(super) fn manifest(configuration: &Configuration, arguments: &TrainArguments) -> Manifest {
    Manifest::start(words(), configuration.seed, thread_count(arguments.threads))
}

fn create(
    configuration: Configuration,
    arguments: &TrainArguments,
    printer: &Printer,
) -> Result<(RunFolder, FolderLock), Failure> {
    let manifest = manifest(&configuration, arguments);
    let made = match &arguments.out {
        Some(path) => RunFolder::create(path, &configuration, &manifest),
        None => {
            let name = Path::new("runs").join(&configuration.preset);
            RunFolder::create_numbered(&name, &configuration, &manifest)
        }
    }?;
    printer.message(format_args!("run folder: {}", made.0.path().display()));
    Ok(made)
}

pub(super) fn configuration(arguments: &TrainArguments) -> Result<Configuration, Failure> {
    let mut resolver = Resolver::new(arguments.preset.as_deref())?;
    if let Some(name) = &arguments.task {
        resolver = resolver.set_string("task", name)?;
        if Task::is_file_name(name) {
            let task = Task::by_name(name, arguments.data.as_deref());
            resolver = resolver.task_file(&task.map_err(super::data::failure)?)?;
        }
    }
    if let Some(path) = &arguments.config {
        resolver = resolver.file(path)?;
    }
    if let Some(path) = &arguments.data {
        if arguments.task.is_none() {
            resolver = resolver.set_string("task", "idx-cnn")?;
        }
        resolver = resolver.set_string("data", storable(path)?)?;
    }
    if let Some(steps) = arguments.steps {
        resolver = resolver.budget(steps)?;
    }
    if let Some(seed) = arguments.seed {
        resolver = resolver.set(&format!("seed={seed}"))?;
    }
    for assignment in &arguments.set {
        resolver = resolver.set(assignment)?;
    }
    Ok(resolver.finish()?)
}

pub(crate) fn failure_of_training(error: RunError) -> Failure {
    match error {
        RunError::RunFolder(error) => error.into(),
        RunError::Train(TrainError::Task(error)) => super::data::failure(error),
        error => anyhow::Error::from(error).into(),
    }
}
