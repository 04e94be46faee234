//! `descender export policy`: a controller in a form that other programs run.

use std::io::Write as _;
use std::path::Path;

use descender_compare::contender::load_controller;
use descender_record::replace_file;

use super::export::check_place;
use crate::program::arguments::{ExportArguments, ExportFormat};
use crate::program::failure::Failure;
use crate::program::printer::Printer;

pub(crate) fn run(arguments: &ExportArguments, printer: &Printer) -> Result<(), Failure> {
    refuse_descents(arguments)?;
    let format = match (arguments.format, &arguments.out) {
        (Some(format), _) => format,
        (None, Some(out)) => format_of(out)?,
        (None, None) => ExportFormat::Json,
    };
    if let Some(out) = &arguments.out {
        check_place(out)?;
    }
    let controller = load_controller(&arguments.path).map_err(anyhow::Error::from)?;
    let bytes = match format {
        ExportFormat::Json => controller.to_json().map(String::into_bytes),
        ExportFormat::Onnx => controller.to_onnx(),
        ExportFormat::C => controller.to_c().map(String::into_bytes),
        ExportFormat::Csv | ExportFormat::Torch => {
            return Err(Failure::usage(
                "--format: a policy is no table; expected json, onnx or c (`export schedule` has csv and torch)",
            ));
        }
    };
    let bytes = bytes.map_err(Failure::usage)?;
    if controller.control().safety.enabled {
        printer.warning(format_args!(
            "the controller has a safety net, which is no part of an exported policy"
        ));
    }
    match &arguments.out {
        Some(out) => {
            replace_file(out, &bytes).map_err(anyhow::Error::from)?;
            printer.message(format_args!("policy:     {}", out.display()));
            Ok(())
        }
        None => {
            let written = std::io::stdout().lock().write_all(&bytes);
            Ok(written.map_err(anyhow::Error::from)?)
        }
    }
}

/// Rejects what `export schedule` alone has: a policy is written without a descent.
fn refuse_descents(arguments: &ExportArguments) -> Result<(), Failure> {
    let given = [
        ("--task", arguments.task.is_some()),
        ("--data", arguments.data.is_some()),
        ("--steps", arguments.steps.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Failure::usage(format_args!(
            "{name}: `export policy` makes no descent; expected it with `export schedule`"
        ))),
        None => Ok(()),
    }
}

/// The format that a file's name asks for; a name without an ending asks for JSON.
fn format_of(out: &Path) -> Result<ExportFormat, Failure> {
    let ending = out.extension().map(|ending| ending.to_string_lossy());
    match ending.as_deref().map(str::to_lowercase).as_deref() {
        Some("json") | None => Ok(ExportFormat::Json),
        Some("onnx") => Ok(ExportFormat::Onnx),
        Some("c" | "h") => Ok(ExportFormat::C),
        Some(_) => Err(Failure::usage(format_args!(
            "--out {}: expected a file that ends in .json, .onnx, .c or .h, or --format to say what to write",
            out.display()
        ))),
    }
}
