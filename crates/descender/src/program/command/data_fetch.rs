//! `descender data fetch`: a published data set, from its mirrors into a folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use descender_fetch::{Fetched, PublishedSet, fetch};

use super::shell_word;
use crate::program::failure::Failure;
use crate::program::printer::Printer;
use crate::program::progress::download::{Download, megabytes};

/// A mirror that gives nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Fetches a set into a folder, `data/NAME` if none is given, from the published mirrors or from the one that is given.
pub(crate) fn run(
    name: &str,
    to: Option<&Path>,
    from: Option<&str>,
    printer: &Printer,
) -> Result<(), Failure> {
    let Some(set) = PublishedSet::by_name(name) else {
        let known: Vec<&str> = PublishedSet::list().iter().map(|set| set.name).collect();
        return Err(Failure::usage(format_args!(
            "there is no data set `{name}` to fetch, expected {}",
            known.join(" or ")
        )));
    };
    let folder = to.map_or_else(|| Path::new("data").join(name), PathBuf::from);
    let mirrors = from.map_or_else(|| set.mirrors.to_vec(), |from| vec![from]);
    printer.message(format_args!(
        "{name}: {}; licence {}; {:.1} MB",
        set.about,
        set.licence,
        megabytes(set.bytes())
    ));
    for file in set.files {
        let mut progress = Download::new(printer, file.name, file.bytes);
        let fetched = fetch(file, &mirrors, &folder, PATIENCE, &mut |bytes| {
            progress.tell(bytes);
        });
        drop(progress);
        let how = match fetched.map_err(anyhow::Error::from)? {
            Fetched::Before => "was there already",
            Fetched::Now => "fetched",
        };
        printer.message(format_args!(
            "{}: {how}, {} bytes, SHA-256 as published",
            file.name, file.bytes
        ));
    }
    let folder = shell_word(&folder);
    printer.result(format_args!("data:       {folder}"))?;
    printer.result(format_args!(
        "use:        descender compare --task idx-cnn --data {folder}"
    ))
}
