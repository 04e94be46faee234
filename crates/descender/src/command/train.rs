//! `descender train`: train a controller, compare it, report.

use std::path::{Path, PathBuf};

use anyhow::Context;
use descender_study::comparison::table;
use descender_study::configuration::{Configuration, Resolver};
use descender_study::manifest::Manifest;
use descender_study::observer::TrainingObserver;
use descender_study::run::Run;
use descender_study::run_folder::{RunFolder, RunFolderError};
use descender_study::stop::Stop;
use descender_study::train::TrainError;

use super::{on_threads, thread_count};
use crate::arguments::TrainArguments;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::Progress;

pub fn run(arguments: &TrainArguments, printer: &Printer) -> Result<(), Failure> {
    let folder = match &arguments.resume {
        Some(path) => resume(path, arguments)?,
        None => create(arguments)?,
    };
    let path = folder.path().display().to_string();
    if let (Some(comparison), false) = (
        folder.comparison().map_err(failure)?,
        manifest(&folder)?.ended.is_empty(),
    ) {
        printer.message(format_args!("the run in {path} is complete"));
        printer.result(table(&comparison));
        return Ok(());
    }
    printer.message(format_args!("run folder: {path}"));
    let stop = stop_on_interrupt(printer)?;
    let mut observers: Vec<Box<dyn TrainingObserver>> =
        vec![Box::new(Progress::new(printer.is_terminal()))];
    let result = on_threads(arguments.threads, || {
        Run::new(&folder, &stop, &mut observers)?.complete()
    })?;
    drop(observers);
    let comparison = match result {
        Err(TrainError::Stopped) => {
            let resume = format!("descender train --resume {}", shell_word(folder.path()));
            return Err(anyhow::anyhow!(
                "stopped; a checkpoint was written. Continue with: {resume}"
            )
            .into());
        }
        result => result.map_err(failure_of_training)?,
    };
    printer.result(table(&comparison));
    printer.result(format_args!(
        "controller: {}",
        folder.file("controller.safetensors").display()
    ));
    printer.result(format_args!(
        "report:     {}",
        folder.file("report.html").display()
    ));
    Ok(())
}

fn create(arguments: &TrainArguments) -> Result<RunFolder, Failure> {
    let configuration = configuration(arguments)?;
    let out = match &arguments.out {
        Some(path) => path.clone(),
        None => unused_folder(&configuration.preset),
    };
    let command = std::env::args().collect();
    let manifest = Manifest::start(command, configuration.seed, thread_count(arguments.threads));
    RunFolder::create(&out, &configuration, &manifest).map_err(failure)
}

fn configuration(arguments: &TrainArguments) -> Result<Configuration, Failure> {
    let mut resolver = Resolver::preset(arguments.preset.as_deref().unwrap_or("quick"))?;
    if let Some(path) = &arguments.config {
        resolver = resolver.file(path)?;
    }
    for assignment in &arguments.set {
        resolver = resolver.set(assignment)?;
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
    Ok(resolver.finish()?)
}

fn resume(path: &Path, arguments: &TrainArguments) -> Result<RunFolder, Failure> {
    let folder = RunFolder::open(path).map_err(failure)?;
    let mut manifest = manifest(&folder)?;
    if manifest.ended.is_empty() {
        manifest.resumed += 1;
        manifest.threads = thread_count(arguments.threads);
        folder.write_manifest(&manifest).map_err(failure)?;
    }
    Ok(folder)
}

fn manifest(folder: &RunFolder) -> Result<Manifest, Failure> {
    folder.manifest().map_err(failure)
}

/// `runs/PRESET-N` with the first N that is free.
fn unused_folder(preset: &str) -> PathBuf {
    let name = |number: u64| Path::new("runs").join(format!("{preset}-{number}"));
    let number = (1..)
        .find(|number| !name(*number).exists())
        .unwrap_or_default();
    name(number)
}

fn stop_on_interrupt(printer: &Printer) -> Result<Stop, Failure> {
    let stop = Stop::default();
    let (handler, message) = (stop.clone(), Printer::new());
    let _ = printer;
    ctrlc::set_handler(move || {
        if handler.requested() {
            // The second time: at once. The last checkpoint is on the disk.
            std::process::exit(1);
        }
        message.message("stopping at the next safe point (once more: at once) …");
        handler.request();
    })
    .context("cannot catch Ctrl-C")?;
    Ok(stop)
}

fn failure(error: RunFolderError) -> Failure {
    match error {
        RunFolderError::Occupied(_) | RunFolderError::NoRun(_) => Failure::Usage(error.into()),
        RunFolderError::Configuration { .. } => Failure::Usage(error.into()),
        error => Failure::Running(error.into()),
    }
}

fn failure_of_training(error: TrainError) -> Failure {
    match error {
        TrainError::RunFolder(error) => failure(error),
        error => Failure::Running(error.into()),
    }
}

fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+".contains(character);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
