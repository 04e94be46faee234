//! `descender train --task FILE`: the controller that comes with the program, specialised to a task of one's own.
//!
//! The controller goes on learning from a few hundred descents of the task, judged by its selection data. What it was and
//! what it became are then compared with one-cycle and schedule-free AdamW, both tuned, on held-out starts and the
//! validation data, and one sentence says what to use.

use std::path::{Path, PathBuf};

use descender_compare::comparison::{Comparison, Measure, MethodResult};
use descender_compare::contender::NegativeControl;
use descender_control::{Controller, ShippedController};
use descender_jobs::OneTask;
use descender_jobs::learn::LearnSettings;
use descender_statistics::number::setting;
use descender_study::CompareFolder;
use descender_task::{Goal, Job, Problem, Task};

use super::jobs;
use super::numbered::numbered;
use super::shell_word;
use crate::program::arguments::{CompareArguments, TrainArguments};
use crate::program::failure::Failure;
use crate::program::printer::Printer;

/// The controller that is specialised.
const FROM: &str = "pretrained";
/// Held-out starts of the comparison at the end.
const STARTS: u64 = 32;
/// What people would use otherwise, tuned on starts of their own by the loss on the selection data.
const ONE_CYCLE: &str =
    "tuned:one-cycle;optimizer=adam;rise=0.1;beta2=0.99/0.999;for=validation-loss";
const SCHEDULE_FREE: &str =
    "tuned:schedule-free-adamw;warmup=0.05;beta2=0.99/0.999;for=validation-loss";

/// Whether the arguments ask for it: a task file whose objective is the validation loss, and nothing about how to train.
pub(super) fn is_asked_for(arguments: &TrainArguments) -> Result<Option<Task>, Failure> {
    let Some(name) = arguments
        .task
        .as_deref()
        .filter(|name| Task::is_file_name(name))
    else {
        return Ok(None);
    };
    let plain = arguments.preset.is_none()
        && arguments.config.is_none()
        && arguments.seeds.is_none()
        && arguments.set.is_empty()
        && !arguments.tensorboard;
    if !plain {
        return Ok(None);
    }
    let task = Task::by_name(name, arguments.data.as_deref()).map_err(super::data::failure)?;
    Ok((task.goal == Goal::ValidationLoss).then_some(task))
}

/// How much is learned of the task.
fn settings(seed: u64) -> LearnSettings {
    LearnSettings {
        seed,
        rounds: 4,
        instances: 12,
        pairs: 2,
        judged: 16,
        readings: Vec::new(),
        ..LearnSettings::default()
    }
}

pub(super) fn run(
    task: &Task,
    arguments: &TrainArguments,
    printer: &Printer,
) -> Result<(), Failure> {
    (task.notes.iter()).for_each(|text| printer.message(text));
    (task.warnings().iter()).for_each(|text| printer.warning(text));
    let steps = arguments.steps.unwrap_or(task.steps);
    let seed = arguments.seed.unwrap_or(1);
    let from = ShippedController::by_name(FROM)
        .expect("it comes with the program")
        .controller();
    let job = Job {
        steps,
        ..task.job()
    };
    for text in from.control().outside(&job) {
        printer.warning(format_args!(
            "{FROM} is outside of what it was trained for: {text}"
        ));
    }
    let Some(source) = OneTask::new(task, steps, seed) else {
        let few = "too few examples to keep some for choosing; expected more than a batch";
        return Err(Failure::usage(format_args!("{}: {few}", task.name)));
    };
    let folder = match &arguments.out {
        Some(path) => path.clone(),
        None => numbered(&Path::new("runs").join("own"))?,
    };
    let settings = settings(seed);
    let learned = jobs::learned(&source, Some(&from), &settings, &folder, arguments, printer)?;
    printer.message(format_args!(
        "{} descents of {steps} steps to specialise {FROM}; now the comparison",
        learned.descents
    ));
    let comparison = compare(&folder, steps, seed, arguments, printer)?;
    printer.result(advice(&comparison, &folder, &learned.controller, arguments))
}

/// The comparison at the end, in a folder of its own, where an interrupted one goes on.
fn compare(
    folder: &Path,
    steps: u64,
    seed: u64,
    arguments: &TrainArguments,
    printer: &Printer,
) -> Result<Comparison, Failure> {
    let out = folder.join("comparison");
    let there: Option<PathBuf> = out.join("compare.json").exists().then(|| out.clone());
    let asked = CompareArguments {
        controller: there
            .is_none()
            .then(|| folder.join("controller.safetensors")),
        initial_learning_rate: None,
        task: there.is_none().then(|| arguments.task.clone()).flatten(),
        only: None,
        portfolio: false,
        data: arguments.data.clone(),
        against: format!("controller:{FROM},{ONE_CYCLE},{SCHEDULE_FREE},replay"),
        starts: STARTS,
        steps: Some(steps),
        threshold: 0.02,
        seed,
        threads: arguments.threads,
        out: there.is_none().then(|| out.clone()),
        resume: there,
        shard: None,
        json: false,
    };
    super::compare::run(&asked, printer)?;
    let comparison = CompareFolder::open(&out)?.comparison()?;
    comparison.ok_or_else(|| anyhow::anyhow!("{}: no comparison", out.display()).into())
}

/// One sentence: use this schedule, this controller, or plain one-cycle, with what is to be gained.
fn advice(
    comparison: &Comparison,
    folder: &Path,
    controller: &Controller,
    arguments: &TrainArguments,
) -> String {
    let task = shell_word(Path::new(arguments.task.as_deref().unwrap_or_default()));
    let method = |name: &str| comparison.methods.iter().find(|method| method.name == name);
    // The difference of the controller's validation loss from that of a method, in per cent of the latter.
    let gain = |method: &MethodResult| {
        let difference = comparison
            .controller_against(method, Measure::FinalValidationLoss)?
            .difference;
        let percent = -100.0 / method.final_validation_loss.iqm;
        let [low, high] = difference.ci95;
        Some([difference.iqm * percent, high * percent, low * percent])
    };
    let words = |[gain, low, high]: [f64; 3]| {
        format!("{gain:.1} % of the validation loss (95 % interval {low:.1} to {high:.1} %)")
    };
    let path = shell_word(folder);
    let rival = [ONE_CYCLE, SCHEDULE_FREE]
        .into_iter()
        .filter_map(method)
        .min_by(|a, b| {
            let (a, b) = (a.final_validation_loss.iqm, b.final_validation_loss.iqm);
            a.total_cmp(&b)
        });
    let Some((rival, against)) = rival.and_then(|rival| Some((rival, gain(rival)?))) else {
        return "use: nothing can be said, for the comparison has no rival".to_owned();
    };
    let rate = rival.settings["learning_rate"].as_f64().unwrap_or(f64::NAN);
    let plain = match rival.name == ONE_CYCLE {
        true => "plain one-cycle over Adam",
        false => "schedule-free AdamW",
    };
    let plain = format!("{plain} with η = {}", setting(rate));
    if against[1] <= 0.0 {
        return match against.map(|percent| -percent) {
            [more, high, low] if low > 0.0 => format!(
                "use:        {plain}; it is better than the controller, whose validation loss is {more:.1} % higher \
                 (95 % interval {low:.1} to {high:.1} %)"
            ),
            _ => format!(
                "use:        {plain}; the controller is not shown to be better: it gains {}",
                words(against)
            ),
        };
    }
    let replay = method(NegativeControl::Replay.name());
    let feedback_pays = replay.and_then(gain).is_some_and(|gain| gain[1] > 0.0);
    let of = controller.method().name();
    match feedback_pays {
        true => format!(
            "use:        the controller {path}/controller.safetensors (over {of}); against {plain} it gains {}",
            words(against)
        ),
        false => format!(
            "use:        the schedule of the controller, `descender export schedule {path}/controller.safetensors --task {task}` \
             (over {of}); against {plain} it gains {}",
            words(against)
        ),
    }
}
