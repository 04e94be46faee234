//! `descender train --seeds`: the same training with several seeds, compared on the same starts.

use std::path::{Path, PathBuf};

use anyhow::Context;

use descender_compare::comparison::{AcrossRuns, Comparison};
use descender_record::replace_file;
use descender_report::{Report, html};
use descender_study::run_folder::RunFolder;
use descender_study::run_report;
use descender_train::configuration::Configuration;

use super::numbered::numbered;
use super::shell_word;
use super::train;
use crate::program::arguments::{Seeds, TrainArguments};
use crate::program::failure::Failure;
use crate::program::printer::Printer;
use crate::program::words::words;

pub(crate) fn run(
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
    let mut words: Vec<String> = words()
        .iter()
        .skip(1)
        .map(|word| shell_word(Path::new(word)))
        .collect();
    if !words
        .iter()
        .any(|word| word == "--out" || word.starts_with("--out="))
    {
        words.extend(["--out".to_owned(), shell_word(root)]);
    }
    format!("descender {}", words.join(" "))
}

/// Makes one folder of runs that differ in their seeds alone, as `--seeds` would have made it.
pub(super) fn merge(folders: &[PathBuf], out: &Path, printer: &Printer) -> Result<(), Failure> {
    let mut runs: Vec<(u64, &PathBuf, Configuration, Comparison)> = Vec::new();
    for path in folders {
        let folder = RunFolder::open(path)?;
        let _lock = folder.lock()?;
        let configuration = folder.configuration()?;
        let Some(comparison) = folder.comparison()? else {
            return Err(Failure::usage(format_args!(
                "{}: the run is not complete; go on with: descender train --resume {}",
                path.display(),
                shell_word(path)
            )));
        };
        let seed = configuration.seed;
        if let Some((_, other, first, compared)) = runs.first() {
            let pair = format!("{} and {}", other.display(), path.display());
            let alike = Configuration {
                seed: first.seed,
                comparison: first.comparison.clone(),
                ..configuration.clone()
            };
            if alike != *first {
                return Err(Failure::usage(format_args!(
                    "{pair} differ in more than their seeds; expected runs of one configuration"
                )));
            }
            if (comparison.seed, comparison.starts) != (compared.seed, compared.starts) {
                return Err(Failure::usage(format_args!(
                    "{pair} were compared on different starts; expected the same comparison.seed and comparison.starts"
                )));
            }
        }
        if let Some((_, twice, ..)) = runs.iter().find(|(other, ..)| *other == seed) {
            return Err(Failure::usage(format_args!(
                "{} and {} have the same seed {seed}; expected another one for each run",
                twice.display(),
                path.display()
            )));
        }
        runs.push((seed, path, configuration, comparison));
    }
    runs.sort_by_key(|(seed, ..)| *seed);
    let mut merged = Vec::new();
    for (seed, path, ..) in &runs {
        let to = out.join(format!("seed-{seed}"));
        copy_folder(path, &to)
            .with_context(|| format!("cannot copy {} to {}", path.display(), to.display()))?;
        merged.push(RunFolder::open(&to)?);
    }
    let comparisons: Vec<Comparison> = runs
        .into_iter()
        .map(|(.., comparison)| comparison)
        .collect();
    show(out, &merged, &comparisons, printer)
}

/// Copies the files of a folder, with those of the folders in it.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            false => std::fs::copy(entry.path(), target).map(|_| ())?,
        }
    }
    Ok(())
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
