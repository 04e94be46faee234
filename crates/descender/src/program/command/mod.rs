//! The subcommands, one file each.

pub(crate) mod bench;
pub(crate) mod compare;
pub(crate) mod data;
mod data_fetch;
pub(crate) mod export;
pub(crate) mod export_policy;
pub(crate) mod inspect;
mod jobs;
pub(crate) mod list;
pub(crate) mod merge;
mod numbered;
mod origin;
pub(crate) mod report;
pub(crate) mod reproduce;
mod specialise;
pub(crate) mod train;
pub(crate) mod train_seeds;

use std::num::NonZero;
use std::path::Path;

use descender_compare::compare::RivalCache;
use descender_task::Task;

use crate::program::failure::Failure;

/// Runs `work` on a pool of so many threads; all cores if not said.
fn on_threads<T: Send>(
    threads: Option<u16>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, Failure> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(thread_count(threads))
        .build()
        .map_err(|error| anyhow::anyhow!("cannot start the threads: {error}"))?;
    Ok(pool.install(work))
}

fn thread_count(threads: Option<u16>) -> usize {
    threads.map_or_else(
        || std::thread::available_parallelism().map_or(1, NonZero::get),
        usize::from,
    )
}

/// Where the rivals' descents are kept, beside the runs, so that a table that is made again costs nothing.
const RIVALS: &str = "runs/rivals";

/// Names another folder for them; none where it is empty.
const RIVALS_VARIABLE: &str = "DESCENDER_RIVALS";

/// The rivals' cache.
fn rival_cache() -> Option<RivalCache> {
    match std::env::var_os(RIVALS_VARIABLE) {
        None => RivalCache::new(Path::new(RIVALS)),
        Some(folder) if folder.is_empty() => None,
        Some(folder) => RivalCache::new(Path::new(&folder)),
    }
}

/// A path as a file of settings can hold it.
fn storable(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or_else(|| {
        Failure::usage(format_args!(
            "{}: the name is no UTF-8 text, which the settings of a run must be",
            path.display()
        ))
    })
}

/// The name of a task, that of a task file with its whole path: a resume may come from elsewhere.
fn absolute_task(name: &str) -> Result<String, Failure> {
    if !Task::is_file_name(name) {
        return Ok(name.to_owned());
    }
    let (file, changes) = name.split_once(';').unwrap_or((name, ""));
    let file = std::path::absolute(file.trim()).map_err(anyhow::Error::from)?;
    let file = storable(&file)?.to_owned();
    Ok(match changes {
        "" => file,
        changes => format!("{file};{changes}"),
    })
}

/// A path as a word of a command that can be pasted into a shell.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+".contains(character);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
