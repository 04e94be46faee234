//! `descender report`: one HTML page for one run or comparison, or several.
//!
//! A folder's own report.html is made again. Any other file that is there is replaced only if it is a report, and that is
//! told.

use std::path::Path;

use descender_record::replace_file;
use descender_report::{MARK, Report, RunReport, html};
use descender_study::run_folder::RunFolder;
use descender_study::{comparison_report, run_report};

use crate::program::arguments::ReportArguments;
use crate::program::failure::Failure;
use crate::program::printer::Printer;

pub(crate) fn run(arguments: &ReportArguments, printer: &Printer) -> Result<(), Failure> {
    let gather = |path: &std::path::PathBuf| -> Result<RunReport, Failure> {
        if path.join("compare.json").exists() {
            return Ok(comparison_report(path)?);
        }
        let folder = RunFolder::open(path)?;
        Ok(run_report(&folder)?)
    };
    let runs: Vec<RunReport> = arguments
        .folders
        .iter()
        .map(gather)
        .collect::<Result<_, _>>()?;
    let out = match (&arguments.out, arguments.folders.as_slice()) {
        (Some(file), _) => file.clone(),
        (None, [folder]) => folder.join("report.html"),
        (None, _) => Path::new("report.html").to_owned(),
    };
    let own = matches!(arguments.folders.as_slice(), [folder] if out == folder.join("report.html"));
    if !own && out.exists() {
        let text = std::fs::read_to_string(&out).unwrap_or_default();
        if !text.contains(MARK) {
            return Err(Failure::usage(format!(
                "{} exists and is no report; name another file with --out",
                out.display()
            )));
        }
        printer.warning(format_args!(
            "{}: the report that was there is replaced",
            out.display()
        ));
    }
    let title = match runs.as_slice() {
        [run] if run.facts.preset.is_empty() => format!("Comparison on {}", run.facts.task),
        [run] => format!("{}: a controller for {}", run.facts.preset, run.facts.task),
        runs => format!("{} runs", runs.len()),
    };
    replace_file(&out, html(&Report { title, runs }).as_bytes()).map_err(anyhow::Error::from)?;
    printer.result(format_args!("report:     {}", out.display()))?;
    Ok(())
}
