//! `descender export`: a controller in a form that works without this program.

use std::path::Path;
use std::sync::Arc;

use descender_compare::compare::{CompareError, CompareSettings, Part, PartProgress};
use descender_compare::comparison::Comparison;
use descender_compare::contender::{CALIBRATION_STARTS, load_controller};
use descender_compare::distillation::{
    Distilled, ProductAdvice, distil, torch_supports, trained_steps,
};
use descender_control::Controller;
use descender_optim::{HyperParameter, Method};
use descender_record::replace_file;
use descender_study::run_folder::RunFolder;
use descender_task::Task;
use descender_train::configuration::MOST_STEPS;

use super::{on_threads, shell_word};
use crate::arguments::{ExportArguments, ExportFormat, Product};
use crate::failure::Failure;
use crate::interrupt::stop_on_interrupt;
use crate::printer::Printer;
use crate::progress::Progress;

pub fn run(arguments: &ExportArguments, printer: &Printer) -> Result<(), Failure> {
    if arguments.product == Product::Policy {
        return Err(Failure::usage(
            "`export policy` is not there yet; `export schedule` distils the controller into a table",
        ));
    }
    let format = arguments
        .format
        .unwrap_or_else(|| format_of(arguments.out.as_deref()));
    if format == ExportFormat::Onnx {
        return Err(Failure::usage(
            "--format onnx: a schedule is no network; expected json, csv or torch",
        ));
    }
    if !(arguments.threshold > 0.0 && arguments.threshold.is_finite()) {
        return Err(Failure::usage(format!(
            "--threshold {}: expected a loss above 0",
            arguments.threshold
        )));
    }
    let controller = load_controller(&arguments.path).map_err(anyhow::Error::from)?;
    if format == ExportFormat::Torch {
        // What it steers is seen at once; the descents take their time.
        torch_supports(controller.method(), &set_by(&controller))
            .map_err(|error| Failure::usage(format!("--format torch: {error}")))?;
    }
    let task = match (&arguments.task, &arguments.data) {
        (Some(name), _) => name,
        (None, Some(_)) => "idx-cnn",
        (None, None) => &controller.provenance().task,
    };
    let task = Task::by_name(task, arguments.data.as_deref()).map_err(super::data::failure)?;
    task.warnings()
        .iter()
        .for_each(|text| printer.warning(text));
    let steps = arguments
        .steps
        .unwrap_or_else(|| own_steps(&arguments.path, &controller));
    let export = Export {
        arguments,
        format,
        printer,
        task: Arc::new(task),
        controller,
        steps,
    };
    export.make()
}

/// The format that a file's name asks for.
fn format_of(out: Option<&Path>) -> ExportFormat {
    match out
        .and_then(Path::extension)
        .and_then(|ending| ending.to_str())
    {
        Some("csv") => ExportFormat::Csv,
        Some("py") => ExportFormat::Torch,
        _ => ExportFormat::Json,
    }
}

/// The entries of μ that a table of the controller has.
fn set_by(controller: &Controller) -> Vec<HyperParameter> {
    let mut entries = controller.control().action.entries();
    entries.push(HyperParameter::LearningRate);
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// The length of the descents that the controller was trained on: what its run folder says, or the controller itself.
fn own_steps(path: &Path, controller: &Controller) -> u64 {
    let of_run = RunFolder::open(path)
        .and_then(|folder| folder.configuration())
        .map(|configuration| configuration.environment.steps);
    of_run.unwrap_or_else(|_| trained_steps(controller).min(MOST_STEPS))
}

/// An export with everything that it needs in memory.
struct Export<'a> {
    arguments: &'a ExportArguments,
    format: ExportFormat,
    printer: &'a Printer,
    task: Arc<Task>,
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
            ExportFormat::Csv => distilled.schedule.to_csv(),
            ExportFormat::Torch => {
                let advice = comparison
                    .and_then(ProductAdvice::of)
                    .map(|advice| advice.sentence);
                let text = distilled.to_torch(advice.as_deref());
                text.map_err(anyhow::Error::from)?
            }
            ExportFormat::Json | ExportFormat::Onnx => distilled.to_json(comparison),
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
            if let Some(item) = self.item(path, &distilled.method) {
                let word = |text: &str| shell_word(Path::new(text));
                printer.message(format_args!(
                    "compare it: descender compare --controller {} --task {} --steps {} --against {}",
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

    /// The file as an item of a list of methods; a table doesn't name its optimizer.
    fn item(&self, path: &Path, method: &Method) -> Option<String> {
        let file = path.display();
        match self.format {
            ExportFormat::Json => Some(format!("schedule:{file}")),
            ExportFormat::Csv => {
                let mut item = format!("schedule:{file};optimizer={}", method.name());
                for (key, value) in method.settings() {
                    item.push_str(&format!(";{key}={value}"));
                }
                Some(item)
            }
            ExportFormat::Torch | ExportFormat::Onnx => None,
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
