//! `descender train --seeds`: the same training with several seeds, compared on the same starts.

use std::path::Path;

use descender_compare::comparison::{AcrossRuns, Comparison};
use descender_record::replace_file;
use descender_report::{Report, html};
use descender_study::run_folder::RunFolder;
use descender_study::run_report;
use descender_train::configuration::Configuration;

use super::numbered::numbered;
use super::shell_word;
use super::train;
use crate::arguments::{Seeds, TrainArguments};
use crate::failure::Failure;
use crate::printer::Printer;

pub fn run(
    arguments: &TrainArguments,
    Seeds(seeds): &Seeds,
    printer: &Printer,
) -> Result<(), Failure> {
    let common = train::prepared(train::configuration(arguments)?, printer)?;
    let root = match &arguments.out {
        Some(path) => path.clone(),
        None => numbered(&Path::new("runs").join(format!("{}-seeds", common.preset)))?,
    };
    let resume = resume(&root);
    let mut folders = Vec::new();
    let mut comparisons: Vec<Comparison> = Vec::new();
    for &seed in seeds {
        let mut configuration = Configuration {
            seed,
            ..common.clone()
        };
        if common.comparison.seed < 0 {
            // No seed is above the largest i64.
            configuration.comparison.seed = seeds[0] as i64;
        }
        let path = root.join(format!("seed-{seed}"));
        let manifest = train::manifest(&configuration, arguments);
        let (folder, lock) = if path.join("config.toml").exists() {
            let folder = RunFolder::open(&path)?;
            let lock = folder.lock()?;
            if folder.configuration()? != configuration {
                return Err(Failure::usage(format_args!(
                    "{} is a run with other settings; expected those of this command, or another --out",
                    path.display()
                )));
            }
            (folder, lock)
        } else {
            RunFolder::create(&path, &configuration, &manifest)?
        };
        printer.message(format_args!("seed {seed}: {}", path.display()));
        comparisons.push(train::complete(
            &folder, &lock, arguments, &resume, printer,
        )?);
        folders.push(folder);
    }
    show(&root, &folders, &comparisons, printer)
}

/// The command that goes on: this one, with its folder.
fn resume(root: &Path) -> String {
    let mut words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| shell_word(Path::new(&word)))
        .collect();
    if !words
        .iter()
        .any(|word| word == "--out" || word.starts_with("--out="))
    {
        words.extend(["--out".to_owned(), shell_word(root)]);
    }
    format!("descender {}", words.join(" "))
}

fn show(
    root: &Path,
    folders: &[RunFolder],
    comparisons: &[Comparison],
    printer: &Printer,
) -> Result<(), Failure> {
    let all: Vec<&Comparison> = comparisons.iter().collect();
    if let Some(across) = AcrossRuns::of(&all) {
        printer.result(across.table(printer.columns()))?;
    }
    let runs = folders
        .iter()
        .map(run_report)
        .collect::<Result<Vec<_>, _>>()?;
    let title = format!(
        "{}: {} seeds",
        runs.first().map_or("", |run| run.facts.preset.as_str()),
        runs.len()
    );
    let page = root.join("report.html");
    replace_file(&page, html(&Report { title, runs }).as_bytes()).map_err(anyhow::Error::from)?;
    printer.result(format_args!("runs:       {}", root.display()))?;
    printer.result(format_args!("report:     {}", page.display()))
}
