//! `descender merge`: the shards of a comparison, or runs that differ in their seeds alone, become one folder.

use std::path::{Path, PathBuf};

use descender_jobs::JobsFolder;
use descender_record::Manifest;
use descender_study::merge_shards;

use super::compare::{Manner, Ready};
use super::numbered::numbered;
use super::{jobs, thread_count, train_seeds};
use crate::program::arguments::MergeArguments;
use crate::program::failure::Failure;
use crate::program::printer::Printer;
use crate::program::words::words;

pub(crate) fn run(arguments: &MergeArguments, printer: &Printer) -> Result<(), Failure> {
    let MergeArguments {
        folders,
        out,
        threads,
        json,
    } = arguments;
    let Some(first) = folders.first() else {
        return Err(Failure::usage("merge: expected folders"));
    };
    if let Some(missing) = folders.iter().find(|folder| !folder.is_dir()) {
        return Err(Failure::usage(format_args!(
            "{}: there is no such folder",
            missing.display()
        )));
    }
    let places: Vec<Option<PathBuf>> = folders
        .iter()
        .map(|folder| folder.canonicalize().ok())
        .collect();
    if let Some(twice) = (1..places.len()).find(|&place| places[..place].contains(&places[place])) {
        return Err(Failure::usage(format_args!(
            "{} is named twice",
            folders[twice].display()
        )));
    }
    let runs = first.join("config.toml").exists();
    let jobs = JobsFolder::is_one(first);
    let out = || match out {
        Some(out) => Ok(out.clone()),
        None => numbered(&Path::new("runs").join("merged")),
    };
    if jobs {
        return self::jobs::merge(folders, &free(out()?)?, *threads, *json, printer);
    }
    if runs {
        return train_seeds::merge(folders, &free(out()?)?, printer);
    }
    let out = out()?;
    let manifest = Manifest::start(words(), 0, thread_count(*threads));
    let folder = merge_shards(folders, &out, &manifest).map_err(|error| match error {
        descender_study::MergeError::Folder(error) => Failure::from(error),
        descender_study::MergeError::Store(error) => anyhow::Error::from(error).into(),
        error => Failure::usage(error),
    })?;
    let ready = Ready::load(folder.request())?;
    let manner = Manner {
        threads: *threads,
        json: *json,
    };
    ready.run_in(&folder, manner, printer)
}

/// A folder that holds nothing yet.
fn free(out: PathBuf) -> Result<PathBuf, Failure> {
    let holds_something = std::fs::read_dir(&out).is_ok_and(|mut entries| entries.next().is_some());
    match holds_something {
        true => Err(Failure::usage(format_args!(
            "{} holds something already; expected an empty folder, or one that doesn't exist",
            out.display()
        ))),
        false => Ok(out),
    }
}
