//! `descender compare`: methods side by side from the same start points.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use descender_compare::compare::{
    CompareError, CompareSettings, Kept, PartProgress, TrialStore, compare_shard, compare_with,
    parts,
};
use descender_compare::comparison::{Comparison, table_within};
use descender_compare::contender::{Entry, load_controller};
use descender_compare::shard::Shard;
use descender_record::Manifest;
use descender_study::{CompareFolder, CompareRequest};
use descender_task::{Job, Problem, Task};

use super::jobs;
use super::origin::{Origin, TaskChoice, task_of};
use super::{on_threads, rival_cache, shell_word, thread_count};
use crate::program::arguments::CompareArguments;
use crate::program::failure::Failure;
use crate::program::interrupt::stop_on_interrupt;
use crate::program::printer::Printer;
use crate::program::progress::Progress;
use crate::program::words::words;

pub(crate) fn run(arguments: &CompareArguments, printer: &Printer) -> Result<(), Failure> {
    if let Some(set) = jobs::set_of(arguments.task.as_deref())? {
        return jobs::compare(set, arguments, printer);
    }
    let Some(path) = &arguments.resume else {
        return begin(arguments, printer);
    };
    let folder = CompareFolder::open(path)?;
    let mut manifest = folder.manifest()?;
    if !manifest.ended.is_empty() && folder.shard() != Shard::WHOLE {
        return told_complete(&folder, printer);
    }
    if !manifest.ended.is_empty()
        && let Some(comparison) = folder.comparison()?
    {
        let path = path.display();
        printer.message(format_args!("the comparison in {path} is complete"));
        return show(&comparison, arguments.json, printer);
    }
    let differences = manifest.differences();
    differences.iter().for_each(|text| printer.warning(text));
    let ready = Ready::load(folder.request())?;
    manifest.resumed += 1;
    manifest.threads = thread_count(arguments.threads);
    folder.write_manifest(&manifest)?;
    ready.run_in(&folder, arguments.into(), printer)
}

/// A new comparison.
fn begin(arguments: &CompareArguments, printer: &Printer) -> Result<(), Failure> {
    if !(arguments.threshold > 0.0 && arguments.threshold.is_finite()) {
        return Err(Failure::usage(format!(
            "--threshold {}: expected a loss above 0",
            arguments.threshold
        )));
    }
    if let Some(rate) = arguments.initial_learning_rate
        && !(rate > 0.0 && rate.is_finite())
    {
        return Err(Failure::usage(format!(
            "--initial-learning-rate {rate}: expected a learning rate above 0"
        )));
    }
    if let Some(path) = &arguments.out {
        // Before anything is read: this mistake is cheap to see.
        CompareFolder::check_free(path)?;
    }
    let request = request(arguments)?;
    if arguments.out.is_some() {
        // They are kept in the folder.
        let paths = [&request.data, &request.controller].into_iter().flatten();
        for path in paths.chain([&request.directory]) {
            super::storable(path)?;
        }
    }
    let ready = Ready::load(&request)?;
    (ready.task.notes.iter()).for_each(|text| printer.message(text));
    (ready.task.warnings().iter()).for_each(|text| printer.warning(text));
    if let Some(controller) = Entry::find_controller(&ready.entries) {
        let job = Job {
            steps: request.steps,
            ..ready.task.job()
        };
        for text in controller.control().outside(&job) {
            printer.warning(format_args!(
                "the controller is outside of what it was trained for: {text}"
            ));
        }
    }
    let threads = thread_count(arguments.threads);
    let manifest = Manifest::start(words(), request.seed, threads);
    let request = request.with_checksums(&ready.task, &ready.entries);
    let Some(path) = &arguments.out else {
        return ready.run_for_now(request, &manifest, arguments.into(), printer);
    };
    let shard = arguments.shard.unwrap_or(Shard::WHOLE);
    let folder = CompareFolder::create(path, request, shard, &manifest)?;
    ready.run_in(&folder, arguments.into(), printer)
}

/// What the arguments ask for, but for the checksums.
fn request(arguments: &CompareArguments) -> Result<CompareRequest, Failure> {
    let origin = match &arguments.controller {
        Some(path) => Some(Origin::load(path)?),
        None => None,
    };
    let own_steps = origin.as_ref().and_then(Origin::steps);
    let (task, data) = (arguments.task.as_deref(), arguments.data.as_deref());
    let TaskChoice { name, data } = task_of(task, data, origin.as_ref());
    let steps = match arguments.steps.or(own_steps) {
        Some(steps) => steps,
        None => {
            let task = Task::by_name(&name, data.as_deref()).map_err(super::data::failure)?;
            task.steps
        }
    };
    if let Some(origin) = &origin
        && own_steps != Some(steps)
    {
        Entry::check_steps(&[Entry::controller(origin.controller.clone())], steps)?;
    }
    let settings = CompareSettings {
        starts: arguments.starts,
        steps,
        seed: arguments.seed,
        threshold: arguments.threshold,
    };
    let request = CompareRequest {
        task: super::absolute_task(&name)?,
        data,
        controller: arguments.controller.clone(),
        initial_learning_rate: arguments.initial_learning_rate,
        against: arguments.against.clone(),
        directory: std::env::current_dir().context("cannot tell the current folder")?,
        ..CompareRequest::default()
    };
    Ok(request.with_settings(&settings))
}

/// How a comparison is run and shown.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub(super) threads: Option<u16>,
    pub(super) json: bool,
}

impl From<&CompareArguments> for Manner {
    fn from(arguments: &CompareArguments) -> Self {
        Self {
            threads: arguments.threads,
            json: arguments.json,
        }
    }
}

/// A comparison with everything that it needs in memory.
pub(super) struct Ready {
    task: Arc<Task>,
    entries: Vec<Entry>,
    settings: CompareSettings,
}

impl Ready {
    pub(super) fn load(request: &CompareRequest) -> Result<Self, Failure> {
        let directory = &request.directory;
        let mut entries = Vec::new();
        if let Some(path) = &request.controller {
            let mut controller =
                load_controller(&directory.join(path)).map_err(anyhow::Error::from)?;
            if let Some(rate) = request.initial_learning_rate {
                controller = controller.with_initial_learning_rate(rate as f32);
            }
            entries.push(Entry::controller(controller));
        }
        let others = Entry::load_list_in(&request.against, directory)?;
        Entry::check_steps(&others, request.steps)?;
        entries.extend(others);
        Entry::check(&entries)?;
        let data = request.data.as_ref().map(|data| directory.join(data));
        let task = Task::by_name(&request.task, data.as_deref()).map_err(super::data::failure)?;
        Ok(Self {
            task: Arc::new(task),
            entries,
            settings: request.settings(),
        })
    }

    /// Makes the descents of the shard that `store` doesn't have; the comparison if it is the whole. After a stop, `kept` says
    /// in which folder they are.
    fn run(
        &self,
        shard: Shard,
        store: Option<&TrialStore>,
        kept: impl FnOnce() -> Option<PathBuf>,
        manner: Manner,
        printer: &Printer,
    ) -> Result<Option<Comparison>, Failure> {
        let stop = stop_on_interrupt(printer)?;
        let progress = Progress::new(printer);
        let steps = self.settings.steps;
        let parts = parts(&self.entries, &self.settings, shard);
        let plan = parts.map(|(part, descents)| {
            let found = store.map_or(0, |store| store.found(part));
            (part.phase(), descents, found, steps)
        });
        progress.plan(&plan);
        let (all, found) = (plan.map(|part| part.1), plan.map(|part| part.2));
        let (all, found): (u64, u64) = (all.iter().sum(), found.iter().sum());
        let found = match found {
            0 => String::new(),
            found => format!(", {found} of them found"),
        };
        printer.message(format_args!("{all} descents of {steps} steps{found}"));
        let cache = rival_cache();
        let cached = Kept {
            store,
            cache: cache.as_ref(),
        };
        let told = |told: PartProgress<'_>| {
            progress.phase(told.part.phase(), told.done, told.total);
            if let Some(ended) = told.ended {
                progress.ended(ended);
            }
        };
        let result = on_threads(manner.threads, || {
            let (task, entries, settings) = (&self.task, &self.entries, &self.settings);
            match shard {
                Shard::WHOLE => {
                    compare_with(task, entries, settings, &stop, &told, cached).map(Some)
                }
                shard => compare_shard(task, entries, settings, shard, &stop, &told, cached)
                    .map(|()| None),
            }
        })?;
        progress.finish();
        match result {
            Err(CompareError::Stopped) => {
                if let Some(store) = store {
                    store.sync().map_err(anyhow::Error::from)?;
                }
                let message = match kept() {
                    Some(folder) => format!(
                        "stopped; the finished descents are kept. Continue with: descender compare --resume {}",
                        shell_word(&folder)
                    ),
                    None => "stopped; nothing is kept (with --out DIR it would be)".to_owned(),
                };
                Err(anyhow::anyhow!(message).into())
            }
            result => Ok(result?),
        }
    }

    /// As [`Ready::run`], with the finished descents in a temporary folder, which only an interrupted comparison leaves.
    fn run_for_now(
        &self,
        request: CompareRequest,
        manifest: &Manifest,
        manner: Manner,
        printer: &Printer,
    ) -> Result<(), Failure> {
        let place = tempfile::Builder::new()
            .prefix("descender-compare-")
            .tempdir();
        let ready = place.map_err(anyhow::Error::from).and_then(|place| {
            let folder = CompareFolder::create(place.path(), request, Shard::WHOLE, manifest)?;
            let store = folder.trials(&self.task, &self.entries)?;
            Ok((place, folder, store))
        });
        let comparison = match ready {
            Ok((place, _folder, store)) => {
                let kept = || Some(place.keep());
                self.run(Shard::WHOLE, Some(&store), kept, manner, printer)?
            }
            Err(error) => {
                printer.warning(format_args!(
                    "an interrupt will lose the finished descents, for they have no folder: {error:#}"
                ));
                self.run(Shard::WHOLE, None, || None, manner, printer)?
            }
        };
        match comparison {
            Some(comparison) => show(&comparison, manner.json, printer),
            None => Ok(()),
        }
    }

    /// As [`Ready::run`], with everything in the folder.
    pub(super) fn run_in(
        &self,
        folder: &CompareFolder,
        manner: Manner,
        printer: &Printer,
    ) -> Result<(), Failure> {
        let store = folder.trials(&self.task, &self.entries)?;
        let kept = || Some(folder.path().to_owned());
        let result = self.run(folder.shard(), Some(&store), kept, manner, printer);
        store.sync().map_err(anyhow::Error::from)?;
        let Some(comparison) = result? else {
            folder.complete_shard()?;
            return told_complete(folder, printer);
        };
        // The result first: it is not lost if the files can't be written.
        show(&comparison, manner.json, printer)?;
        Ok(folder.complete(&comparison)?)
    }
}

/// Says of a complete shard what comes next.
fn told_complete(folder: &CompareFolder, printer: &Printer) -> Result<(), Failure> {
    printer.result(format_args!(
        "shard {} is complete: {}\nnext:       descender merge with the folders of all {} shards",
        folder.shard(),
        folder.path().display(),
        folder.shard().count()
    ))
}

fn show(comparison: &Comparison, json: bool, printer: &Printer) -> Result<(), Failure> {
    if json {
        return printer.json(&comparison.document());
    }
    printer.result(table_within(comparison, printer.columns()))?;
    let next = match comparison.controller() {
        Some(_) => {
            "other rivals with --against, another task with --task, every figure with --json"
        }
        None => {
            "a controller beside them with --controller FILE, tuned rivals with --against tuned:NAME"
        }
    };
    printer.message(format_args!(
        "next: {next}; a folder with a page with --out DIR"
    ));
    Ok(())
}
