//! `train` and `compare` over a set of jobs.

use std::path::{Path, PathBuf};

use descender_compare::contender::{Entry, Objective, load_controller};
use descender_compare::shard::Shard;
use descender_control::Controller;
use descender_env::Stop;
use descender_jobs::learn::{
    LearnCandidate, LearnError, LearnSettings, LearnStage, Learned, learn,
};
use descender_jobs::{
    JobSet, JobSource, JobsComparison, JobsError, JobsFolder, JobsFolderError, JobsProgress,
    JobsRequest, JobsSettings, judge, judge_shard, name_of,
};
use descender_record::{JsonFile, Phase};

use super::numbered::numbered;
use super::{on_threads, shell_word};
use crate::program::arguments::{CompareArguments, TrainArguments};
use crate::program::failure::Failure;
use crate::program::interrupt::stop_on_interrupt;
use crate::program::printer::Printer;
use crate::program::progress::Progress;

/// Jobs by which rivals are tuned for a set.
const TUNING_JOBS: u64 = 100;

/// The set that a task's name stands for; `None` if it names a task.
///
/// # Errors
/// If the file describes a set and can't be used.
pub(super) fn set_of(name: Option<&str>) -> Result<Option<JobSet>, Failure> {
    let Some(name) = name else {
        return Ok(None);
    };
    JobSet::find(name).map_err(Failure::usage)
}

/// Refuses names that the set doesn't have, and returns the list of them.
fn families(list: &str, set: &JobSet) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    let data = set.data.iter().map(name_of);
    let known: Vec<String> = data.chain(set.networks.iter().map(name_of)).collect();
    match names.iter().find(|name| !known.contains(name)) {
        None => Ok(names),
        Some(name) => {
            let mut known = known;
            known.sort();
            known.dedup();
            let known = known.join(", ");
            Err(Failure::usage(format_args!(
                "{name}: the set {} has no such jobs, expected some of {known}",
                set.name
            )))
        }
    }
}

/// Learns a controller over the set.
pub(super) fn train(
    set: JobSet,
    arguments: &TrainArguments,
    printer: &Printer,
) -> Result<(), Failure> {
    let set = match &arguments.leave_out {
        None => set,
        Some(list) => set.without(&families(list, &set)?),
    };
    let settings = learn_settings(arguments)?;
    let folder = match &arguments.out {
        Some(path) => path.clone(),
        None => {
            let folder = numbered(&Path::new("runs").join("jobs"))?;
            printer.message(format_args!(
                "learning over {}: {}",
                set.name,
                folder.display()
            ));
            folder
        }
    };
    complete(&set, &settings, &folder, arguments, printer)
}

/// The set and the settings of a learning that `--resume` names; `None` if the folder is of none.
pub(super) fn resumed(path: &Path) -> Result<Option<(JobSet, LearnSettings)>, Failure> {
    let file = path.join("learn.json");
    if !file.exists() {
        return Ok(None);
    }
    let unusable = |error: &dyn std::fmt::Display| anyhow::anyhow!("{}: {error}", file.display());
    let text = std::fs::read_to_string(&file).map_err(|error| unusable(&error))?;
    let (jobs, _, settings): (String, serde_json::Value, LearnSettings) =
        serde_json::from_str(&text).map_err(|error| unusable(&error))?;
    let set = serde_json::from_str(&jobs).map_err(|_| {
        unusable(&"it is of one task, not of a set; give the command again that made it")
    })?;
    Ok(Some((set, settings)))
}

/// Brings a learning over a set to its end.
pub(super) fn complete(
    set: &JobSet,
    settings: &LearnSettings,
    folder: &Path,
    arguments: &TrainArguments,
    printer: &Printer,
) -> Result<(), Failure> {
    let learned = learned(set, None, settings, folder, arguments, printer)?;
    finish(&learned, folder, printer)
}

/// What a learning comes to, with its controller and its candidates in the folder.
pub(super) fn learned(
    jobs: &dyn JobSource,
    from: Option<&Controller>,
    settings: &LearnSettings,
    folder: &Path,
    arguments: &TrainArguments,
    printer: &Printer,
) -> Result<Learned, Failure> {
    let stop = stop_on_interrupt(printer)?;
    let progress = Progress::new(printer);
    let told = |stage, done, total| match stage {
        LearnStage::Calibrating => progress.phase(Phase::Calibrating, done, total),
        LearnStage::Perturbing { round } => {
            let before = u64::from(round - 1) * total;
            let all = u64::from(settings.rounds) * total;
            progress.phase(Phase::Descending, before + done, all);
        }
        LearnStage::Choosing => progress.phase(Phase::Choosing, done, total),
    };
    let learned = on_threads(arguments.threads, || {
        learn(jobs, from, settings, Some(folder), &stop, &told)
    })?;
    progress.finish();
    let learned = learned.map_err(|error| match error {
        LearnError::Settings(_) | LearnError::Set(_) | LearnError::OtherSettings { .. } => {
            Failure::usage(error)
        }
        error => anyhow::Error::from(error).into(),
    })?;
    let Some(learned) = learned else {
        let message =
            "stopped; what was computed is kept. Continue with the same command and --out";
        return Err(anyhow::anyhow!("{message} {}", shell_word(folder)).into());
    };
    let file = folder.join("controller.safetensors");
    (learned.controller.save(&file)).map_err(anyhow::Error::from)?;
    JsonFile::new(folder.join("candidates.json"))
        .write(&learned.candidates)
        .map_err(anyhow::Error::from)?;
    Ok(learned)
}

fn finish(learned: &Learned, folder: &Path, printer: &Printer) -> Result<(), Failure> {
    let file = folder.join("controller.safetensors");
    for LearnCandidate {
        name,
        score,
        chosen,
    } in &learned.candidates
    {
        let mark = if *chosen { ", chosen" } else { "" };
        printer.result(format_args!(
            "candidate:  {name}: log loss {score:+.4} on jobs to choose by{mark}"
        ))?;
    }
    printer.result(format_args!("descents:   {}", learned.descents))?;
    printer.result(format_args!("controller: {}", file.display()))?;
    let path = shell_word(&file);
    printer.result(format_args!(
        "next:       descender compare --controller {path} --task data-sets --against panel"
    ))
}

/// The settings of a learning: `--set KEY=VALUE`, and `--seed`.
fn learn_settings(arguments: &TrainArguments) -> Result<LearnSettings, Failure> {
    let mut table = toml::Table::new();
    for assignment in &arguments.set {
        let Some((key, value)) = assignment.split_once('=') else {
            return Err(Failure::usage(format_args!(
                "--set {assignment}: expected KEY=VALUE"
            )));
        };
        let (key, value) = (key.trim(), value.trim());
        let key = key.strip_prefix("learn.").unwrap_or(key);
        let parsed: Result<toml::Table, _> = toml::from_str(&format!("value = {value}"));
        let value = match parsed {
            Ok(mut table) => table.remove("value"),
            Err(_) => None,
        };
        let text = || {
            toml::Value::String(
                assignment
                    .split_once('=')
                    .map_or("", |(_, text)| text.trim())
                    .to_owned(),
            )
        };
        table.insert(key.to_owned(), value.unwrap_or_else(text));
    }
    let mut settings: LearnSettings = table.try_into().map_err(|error: toml::de::Error| {
        Failure::usage(format_args!("--set: {}", error.message()))
    })?;
    if let Some(seed) = arguments.seed {
        settings.seed = seed;
    }
    settings.check().map_err(Failure::usage)?;
    Ok(settings)
}

/// Compares methods over the set.
pub(super) fn compare(
    set: JobSet,
    arguments: &CompareArguments,
    printer: &Printer,
) -> Result<(), Failure> {
    let set = match &arguments.only {
        None => set,
        Some(list) => set.only(&families(list, &set)?),
    };
    // Another seed draws other jobs.
    let set = JobSet {
        seed: arguments.seed,
        ..set
    };
    let request = JobsRequest {
        set,
        settings: JobsSettings {
            jobs: arguments.starts,
            tuning_jobs: TUNING_JOBS,
            seed: arguments.seed,
            portfolio: arguments.portfolio,
        },
        controller: arguments.controller.clone(),
        against: arguments.against.clone(),
        directory: std::env::current_dir().map_err(anyhow::Error::from)?,
        contenders: Vec::new(),
    };
    let entries = entries(&request)?;
    let request = request.with_contenders(&entries);
    let shard = arguments.shard.unwrap_or(Shard::WHOLE);
    if let Some(path) = &arguments.out {
        JobsFolder::begin(path, request.clone(), shard).map_err(folder_failure)?;
    }
    let judged = Judged {
        request: &request,
        entries: &entries,
        folder: arguments.out.as_deref(),
        threads: arguments.threads,
    };
    match (shard, &arguments.out) {
        (Shard::WHOLE, _) | (_, None) => judged.whole(arguments.json, printer),
        (shard, Some(folder)) => judged.shard(shard, folder, printer),
    }
}

/// Makes one folder of the shards of a comparison over a set.
pub(super) fn merge(
    shards: &[PathBuf],
    out: &Path,
    threads: Option<u16>,
    json: bool,
    printer: &Printer,
) -> Result<(), Failure> {
    let folder = JobsFolder::merge(shards, out).map_err(folder_failure)?;
    let request = folder.request();
    let entries = entries(request)?;
    let judged = Judged {
        request,
        entries: &entries,
        folder: Some(folder.path()),
        threads,
    };
    judged.whole(json, printer)
}

/// Wrong folders are wrong usage; what can't be read or written is not.
fn folder_failure(error: JobsFolderError) -> Failure {
    match error {
        JobsFolderError::Json(_) | JobsFolderError::Keep(_) | JobsFolderError::Folder { .. } => {
            anyhow::Error::from(error).into()
        }
        error => Failure::usage(error),
    }
}

/// Who takes part.
fn entries(request: &JobsRequest) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    if let Some(path) = &request.controller {
        let controller =
            load_controller(&request.directory.join(path)).map_err(anyhow::Error::from)?;
        entries.push(Entry::controller(controller));
    }
    // Jobs are judged by the validation loss: a rival that is tuned for the first hit would be the same once more.
    let others = Entry::load_list_in(&request.against, &request.directory)?;
    entries.extend(others.into_iter().filter(|entry| {
        !(entry.tuned()).is_some_and(|tuned| {
            tuned.objective == Objective::FirstHit && request.against.contains("panel")
        })
    }));
    Entry::check(&entries)?;
    Ok(entries)
}

/// A comparison over a set with everything that it needs.
struct Judged<'a> {
    request: &'a JobsRequest,
    entries: &'a [Entry],
    folder: Option<&'a Path>,
    threads: Option<u16>,
}

impl Judged<'_> {
    fn whole(&self, json: bool, printer: &Printer) -> Result<(), Failure> {
        let JobsRequest { set, settings, .. } = self.request;
        let result = self.watched(printer, |stop, told| {
            judge(set, self.entries, settings, self.folder, stop, told)
        })?;
        match result {
            Some(comparison) => show(&comparison, self.folder, json, printer),
            None => stopped(),
        }
    }

    fn shard(&self, shard: Shard, folder: &Path, printer: &Printer) -> Result<(), Failure> {
        let JobsRequest { set, settings, .. } = self.request;
        let complete = self.watched(printer, |stop, told| {
            judge_shard(set, self.entries, settings, shard, folder, stop, told)
        })?;
        if !complete {
            return stopped();
        }
        printer.result(format_args!(
            "shard {shard} is complete: {}\nnext:       descender merge with the folders of all {} shards",
            folder.display(),
            shard.count()
        ))
    }

    /// `work` on the threads, with an interrupt and progress.
    fn watched<T: Send>(
        &self,
        printer: &Printer,
        work: impl FnOnce(&Stop, JobsProgress<'_>) -> Result<T, JobsError> + Send,
    ) -> Result<T, Failure> {
        let stop: Stop = stop_on_interrupt(printer)?;
        let progress = Progress::new(printer);
        let told = |tuning: Option<&str>, done, total| {
            let phase = if tuning.is_some() {
                Phase::Tuning
            } else {
                Phase::Comparing
            };
            progress.phase(phase, done, total);
        };
        let result = on_threads(self.threads, || work(&stop, &told))?;
        progress.finish();
        Ok(result.map_err(anyhow::Error::from)?)
    }
}

fn stopped() -> Result<(), Failure> {
    Err(
        anyhow::anyhow!("stopped; with --out DIR the same command goes on from what is there")
            .into(),
    )
}

fn show(
    comparison: &JobsComparison,
    folder: Option<&Path>,
    json: bool,
    printer: &Printer,
) -> Result<(), Failure> {
    match json {
        true => printer.json(comparison)?,
        false => printer.result(comparison)?,
    }
    if let Some(folder) = folder {
        JsonFile::new(folder.join("comparison.json"))
            .write(comparison)
            .map_err(anyhow::Error::from)?;
    }
    Ok(())
}
