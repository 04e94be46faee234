//! `descender inspect`: explain a controller file, a run folder or the folder of a comparison.

use std::path::Path;

use descender_compare::behaviour::Behaviour;
use descender_compare::comparison::{Comparison, table_within};
use descender_compare::contender::{Entry, load_controller, shipped};
use descender_compare::explanation::Explanation;
use descender_control::Controller;
use descender_record::PhaseTime;
use descender_study::comparison_report;
use descender_study::run_folder::RunFolder;
use descender_task::{Job, Problem, StartPoint, StartPurpose, Task};
use serde_json::json;

use super::origin::Origin;
use super::shell_word;
use crate::program::arguments::InspectArguments;
use crate::program::failure::Failure;
use crate::program::printer::Printer;

pub(crate) fn run(arguments: &InspectArguments, printer: &Printer) -> Result<(), Failure> {
    if let Some(task) = &arguments.task {
        explained(task, arguments, printer)
    } else if arguments.path.join("compare.json").is_file() {
        comparison_folder(arguments, printer)
    } else if arguments.path.is_dir() {
        run_folder(arguments, printer)
    } else {
        controller(&arguments.path, arguments, printer)
    }
}

/// What moved the learning rate in a descent of the task.
fn explained(task: &str, arguments: &InspectArguments, printer: &Printer) -> Result<(), Failure> {
    let origin = Origin::load(&arguments.path)?;
    let task = Task::by_name(task, None).map_err(super::data::failure)?;
    let steps = (arguments.steps.or(origin.steps())).unwrap_or(task.steps);
    let controller = origin.controller;
    Entry::check_steps(&[Entry::controller(controller.clone())], steps)?;
    let job = Job {
        steps,
        ..task.job()
    };
    for text in controller.control().outside(&job) {
        printer.warning(format_args!("outside of what it was trained for: {text}"));
    }
    let start = StartPoint {
        purpose: StartPurpose::Report,
        seed: arguments.seed,
        index: 0,
    };
    let explanation = Explanation::of(&controller, &task, start, steps).map_err(Failure::usage)?;
    if arguments.json {
        return printer.json(&explanation);
    }
    printer.result(format_args!(
        "{}, {steps} steps: η after each decision, and by which factor a reading moved it\n{explanation}",
        task.name
    ))
}

fn controller(path: &Path, arguments: &InspectArguments, printer: &Printer) -> Result<(), Failure> {
    let controller = load_controller(path).map_err(anyhow::Error::from)?;
    if arguments.json {
        printer.json(&controller.description())
    } else {
        printer.result(&controller)?;
        match shipped(path) {
            Some(shipped) => printer.result(format_args!("\n{}", shipped.card.trim_end())),
            None => Ok(()),
        }
    }
}

/// A folder that `descender compare --out` made.
fn comparison_folder(arguments: &InspectArguments, printer: &Printer) -> Result<(), Failure> {
    let path = &arguments.path;
    let found = comparison_report(path)?;
    let (facts, comparison) = (found.facts, found.comparison);
    // The end is written last.
    let complete = (facts.more.iter()).any(|(what, value)| what == "ended" && !value.is_empty());
    if arguments.json {
        return printer.json(&json!({
            "path": path,
            "complete": complete,
            "command": facts.command,
            "comparison": comparison.as_ref().map(Comparison::document),
        }));
    }
    printer.result(format_args!("comparison  {}", path.display()))?;
    if !complete {
        printer.result(format_args!(
            "state       not complete; continue with: descender compare --resume {}",
            shell_word(path)
        ))?;
    }
    for (what, value) in &facts.more {
        if !value.is_empty() {
            printer.result(format_args!("{what:<12}{value}"))?;
        }
    }
    printer.result(format_args!("command     {}", facts.command))?;
    match comparison {
        Some(comparison) => printer.result(format_args!(
            "\n{}",
            table_within(&comparison, printer.columns())
        )),
        None => Ok(()),
    }
}

fn run_folder(arguments: &InspectArguments, printer: &Printer) -> Result<(), Failure> {
    let folder = RunFolder::open(&arguments.path)?;
    let configuration = folder.configuration()?;
    let manifest = folder.manifest()?;
    let episodes = folder.episodes()?;
    let comparison = folder.comparison()?;
    let behaviour = folder.behaviour()?;
    let controller_file = folder.file("controller.safetensors");
    let controller = match controller_file.exists() {
        true => Some(Controller::load(&controller_file).map_err(anyhow::Error::from)?),
        false => None,
    };
    if arguments.json {
        return printer.json(&json!({
            "path": folder.path(),
            "manifest": manifest,
            "configuration": configuration,
            "episodes_ended": episodes.len(),
            "complete": !manifest.ended.is_empty(),
            "controller": controller.as_ref().map(Controller::description),
            "behaviour": behaviour.as_ref().map(Behaviour::without_decisions),
            "comparison": comparison.as_ref().map(|comparison| comparison.document()),
        }));
    }
    let state = match manifest.ended.as_str() {
        "" => format!(
            "not complete; continue with: descender train --resume {}",
            shell_word(folder.path())
        ),
        ended => format!("complete since {ended}"),
    };
    printer.result(format_args!("run folder  {}", folder.path().display()))?;
    printer.result(format_args!("state       {state}"))?;
    printer.result(format_args!(
        "started     {} (version {}, resumed {} times)",
        manifest.started, manifest.version, manifest.resumed
    ))?;
    printer.result(format_args!(
        "settings    preset {}, task {}, seed {}",
        configuration.preset, configuration.task, configuration.seed
    ))?;
    printer.result(format_args!(
        "episodes    {} of {}",
        episodes.len(),
        configuration.episodes
    ))?;
    if !manifest.phases.is_empty() {
        printer.result(format_args!("time        {}", time(&manifest.phases)))?;
    }
    if let Some(controller) = controller {
        printer.result(format_args!("\n{controller}"))?;
    }
    if let Some(behaviour) = behaviour {
        printer.result(format_args!("\n{behaviour}"))?;
    }
    if let Some(comparison) = comparison {
        printer.result(format_args!(
            "\n{}",
            table_within(&comparison, printer.columns())
        ))?;
    }
    Ok(())
}

/// The phases by their time, the longest first: `312 s; 71 % stepping the descents, …`.
fn time(phases: &[PhaseTime]) -> String {
    let total: f64 = phases.iter().map(|phase| phase.seconds).sum();
    let mut phases: Vec<&PhaseTime> = phases.iter().collect();
    phases.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    let shares: Vec<String> = phases
        .iter()
        .map(|phase| (100.0 * phase.seconds / total, phase.phase.name()))
        .filter(|(share, _)| *share >= 0.5)
        .map(|(share, name)| format!("{share:.0} % {name}"))
        .collect();
    format!("{total:.0} s; {}", shares.join(", "))
}
