//! `descender export schedule`: a controller as a table that works without this program.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use descender_compare::compare::{CompareError, CompareSettings, Part, PartProgress};
use descender_compare::comparison::Comparison;
use descender_compare::contender::{CALIBRATION_STARTS, Entry, quoted};
use descender_compare::distillation::{Distilled, ProductAdvice, distil, torch_supports};
use descender_control::Controller;
use descender_optim::HyperParameter;
use descender_record::replace_file;
use descender_task::Task;

use super::origin::{Origin, TaskChoice, task_of};
use super::{on_threads, shell_word};
use crate::program::arguments::{ExportArguments, ExportFormat};
use crate::program::failure::Failure;
use crate::program::interrupt::stop_on_interrupt;
use crate::program::printer::Printer;
use crate::program::progress::Progress;

pub(crate) fn run(arguments: &ExportArguments, printer: &Printer) -> Result<(), Failure> {
    let format = match (arguments.format, &arguments.out) {
        (Some(format), _) => format,
        (None, Some(out)) => format_of(out)?,
        (None, None) => ExportFormat::Json,
    };
    if let Some(out) = &arguments.out {
        // The descents take their time; that the file can't be there is seen at once.
        check_place(out)?;
    }
    if matches!(format, ExportFormat::Onnx | ExportFormat::C) {
        return Err(Failure::usage(
            "--format: a schedule is no program; expected json, csv or torch (`export policy` has onnx and c)",
        ));
    }
    if !(arguments.threshold > 0.0 && arguments.threshold.is_finite()) {
        return Err(Failure::usage(format!(
            "--threshold {}: expected a loss above 0",
            arguments.threshold
        )));
    }
    let origin = Origin::load(&arguments.path)?;
    if format == ExportFormat::Torch {
        // What it steers is seen at once; the descents take their time.
        torch_supports(origin.controller.method(), &set_by(&origin.controller))
            .map_err(|error| Failure::usage(format!("--format torch: {error}")))?;
    }
    if let Some(steps) = arguments
        .steps
        .filter(|steps| Some(*steps) != origin.steps())
    {
        Entry::check_steps(&[Entry::controller(origin.controller.clone())], steps)?;
    }
    let (task, data) = (arguments.task.as_deref(), arguments.data.as_deref());
    let TaskChoice { name, data } = task_of(task, data, Some(&origin));
    let task = Task::by_name(&name, data.as_deref()).map_err(super::data::failure)?;
    let steps = (arguments.steps.or(origin.steps())).unwrap_or(task.steps);
    task.warnings()
        .iter()
        .for_each(|text| printer.warning(text));
    let controller = origin.controller;
    let export = Export {
        arguments,
        format,
        printer,
        task: Arc::new(task),
        data,
        controller,
        steps,
    };
    export.make()
}

/// The format that a file's name asks for; a name without an ending asks for JSON.
fn format_of(out: &Path) -> Result<ExportFormat, Failure> {
    let ending = out.extension().map(|ending| ending.to_string_lossy());
    match ending.as_deref().map(str::to_lowercase).as_deref() {
        Some("csv") => Ok(ExportFormat::Csv),
        Some("py") => Ok(ExportFormat::Torch),
        Some("json") | None => Ok(ExportFormat::Json),
        Some(_) => Err(Failure::usage(format!(
            "--out {}: expected a file that ends in .json, .csv or .py, or --format to say what to write",
            out.display()
        ))),
    }
}

/// Rejects a place where no file can be written.
pub(super) fn check_place(out: &Path) -> Result<(), Failure> {
    let folder = match out.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let expected = if out.is_dir() {
        "expected a file, not a folder".to_owned()
    } else if !folder.is_dir() {
        format!(
            "expected a file in a folder that exists, not in {}",
            folder.display()
        )
    } else {
        return Ok(());
    };
    Err(Failure::usage(format!(
        "--out {}: {expected}",
        out.display()
    )))
}

/// The entries of μ that a table of the controller has.
fn set_by(controller: &Controller) -> Vec<HyperParameter> {
    let mut entries = controller.control().action.entries();
    entries.push(HyperParameter::LearningRate);
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// An export with everything that it needs in memory.
struct Export<'a> {
    arguments: &'a ExportArguments,
    format: ExportFormat,
    printer: &'a Printer,
    task: Arc<Task>,
    /// The folder of the task's data.
    data: Option<PathBuf>,
    controller: Controller,
    steps: u64,
}

impl Export<'_> {
    fn make(&self) -> Result<(), Failure> {
        let printer = self.printer;
        let (arguments, steps, starts) = (self.arguments, self.steps, self.arguments.starts);
        let stop = stop_on_interrupt(printer)?;
        let progress = Progress::new(printer);
        progress.plan(&[
            (Part::Calibrating.phase(), CALIBRATION_STARTS, 0, steps),
            (Part::Comparing.phase(), 2 * starts, 0, steps),
        ]);
        let descents = CALIBRATION_STARTS + 2 * starts;
        let task = &self.task.name;
        printer.message(format_args!(
            "{descents} descents of {steps} steps on {task}"
        ));
        let told = |told: PartProgress<'_>| {
            // The calibration knows of no comparison.
            if told.total > 0 {
                progress.phase(told.part.phase(), told.done, told.total);
            }
            if let Some(ended) = told.ended {
                progress.ended(ended);
            }
        };
        let distilled = on_threads(arguments.threads, || {
            let seed = arguments.seed;
            distil(&self.task, &self.controller, steps, seed, &stop, &told)
        })?;
        let distilled = distilled.map_err(|error| stopped(error, None))?;
        // The table first: it is not lost if the comparison is stopped.
        self.write(&self.text(&distilled, None)?)?;
        let mut comparison = None;
        if starts > 0 {
            let settings = CompareSettings {
                starts,
                steps,
                seed: arguments.seed,
                threshold: arguments.threshold,
            };
            let result = on_threads(arguments.threads, || {
                distilled.compare(&self.task, &self.controller, &settings, &stop, &told)
            })?;
            comparison = Some(result.map_err(|error| stopped(error, arguments.out.as_deref()))?);
        }
        progress.finish();
        let text = self.text(&distilled, comparison.as_ref())?;
        match &arguments.out {
            Some(_) => self.write(&text)?,
            None => printer.result(text.trim_end())?,
        }
        self.tell(&distilled, comparison.as_ref());
        Ok(())
    }

    /// The file's content.
    fn text(
        &self,
        distilled: &Distilled,
        comparison: Option<&Comparison>,
    ) -> Result<String, Failure> {
        Ok(match self.format {
            ExportFormat::Csv => distilled.to_csv(),
            ExportFormat::Torch => {
                let advice = comparison
                    .and_then(ProductAdvice::of)
                    .map(|advice| advice.sentence);
                let text = distilled.to_torch(advice.as_deref());
                text.map_err(anyhow::Error::from)?
            }
            ExportFormat::Json | ExportFormat::Onnx | ExportFormat::C => {
                distilled.to_json(comparison)
            }
        })
    }

    /// Writes the file, if there is one.
    fn write(&self, text: &str) -> Result<(), Failure> {
        match &self.arguments.out {
            Some(path) => Ok(replace_file(path, text.as_bytes()).map_err(anyhow::Error::from)?),
            None => Ok(()),
        }
    }

    /// Where the table is, how to compare it with others, and whether to use it.
    fn tell(&self, distilled: &Distilled, comparison: Option<&Comparison>) {
        let printer = self.printer;
        let made = distilled.schedule.steps() as u64;
        if made < self.steps {
            printer.warning(format_args!(
                "every descent of the controller diverged; the schedule ends after {made} of {} steps",
                self.steps
            ));
        }
        if let Some(path) = &self.arguments.out {
            printer.message(format_args!("schedule:   {}", path.display()));
            if matches!(self.format, ExportFormat::Json | ExportFormat::Csv) {
                let word = |text: &str| shell_word(Path::new(text));
                let item = format!("schedule:{}", quoted(path));
                let data = match &self.data {
                    Some(data) => format!(" --data {}", shell_word(data)),
                    None => String::new(),
                };
                printer.message(format_args!(
                    "compare it: descender compare --controller {} --task {}{data} --steps {} --against {}",
                    shell_word(&self.arguments.path),
                    word(&distilled.task),
                    self.steps,
                    word(&item)
                ));
            }
        }
        if let Some(advice) = comparison.and_then(ProductAdvice::of) {
            printer.message(advice.sentence);
        }
    }
}

/// Why it ended, and what there is already.
fn stopped(error: CompareError, written: Option<&Path>) -> Failure {
    let message = match (&error, written) {
        (CompareError::Stopped, Some(path)) => format!(
            "stopped before the comparison was complete; the schedule is in {}",
            path.display()
        ),
        (CompareError::Stopped, None) => "stopped; nothing was written".to_owned(),
        _ => return error.into(),
    };
    anyhow::anyhow!(message).into()
}
