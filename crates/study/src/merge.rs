//! The shards of a comparison become one folder: the finished descents of all, from which the comparison goes on as one that was
//! interrupted at its very end.

use std::path::{Path, PathBuf};

use descender_compare::compare::StoreError;
use descender_compare::shard::{Shard, ShardsError, check_whole};
use descender_record::Manifest;

use crate::compare_folder::{CompareFolder, CompareFolderError};
use crate::compare_request::CompareRequest;

/// Why shards can't be merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// A folder can't be used.
    #[error(transparent)]
    Folder(#[from] CompareFolderError),
    /// The shards don't make a whole.
    #[error(transparent)]
    Shards(#[from] ShardsError),
    /// Two are of different comparisons.
    #[error("{} and {} are not of one comparison: {what} differs", first.display(), other.display())]
    Different {
        /// A folder.
        first: PathBuf,
        /// Another.
        other: PathBuf,
        /// What differs.
        what: String,
    },
    /// One is not complete.
    #[error(
        "{}: shard {shard} is not complete; go on with: descender compare --resume {}",
        path.display(),
        path.display()
    )]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// The shard.
        shard: String,
    },
    /// The descents can't be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A folder at `out` with all descents of the shards in `folders`. Its comparison has nothing left to do but the figures.
///
/// # Errors
/// [`MergeError`]; the shards stay as they are.
pub fn merge_shards(
    folders: &[PathBuf],
    out: &Path,
    manifest: &Manifest,
) -> Result<CompareFolder, MergeError> {
    let shards = folders
        .iter()
        .map(|path| CompareFolder::open(path))
        .collect::<Result<Vec<_>, _>>()?;
    let numbers: Vec<_> = shards.iter().map(CompareFolder::shard).collect();
    check_whole(&numbers)?;
    let Some((first, others)) = shards.split_first() else {
        return Err(ShardsError::None.into());
    };
    let made_by = first.manifest()?.version;
    for other in others {
        // Another version may make other descents of the same request.
        let version = other.manifest()?.version;
        let of_version = || {
            (version != made_by).then(|| format!("the program's version ({made_by} and {version})"))
        };
        if let Some(what) = first
            .request()
            .difference(other.request())
            .or_else(of_version)
        {
            return Err(MergeError::Different {
                first: first.path().to_owned(),
                other: other.path().to_owned(),
                what,
            });
        }
    }
    for shard in &shards {
        if shard.manifest()?.ended.is_empty() {
            return Err(MergeError::Incomplete {
                path: shard.path().to_owned(),
                shard: shard.shard().to_string(),
            });
        }
    }
    let request: CompareRequest = first.request().clone();
    let whole = CompareFolder::create(out, request, Shard::WHOLE, manifest)?;
    // One at a time, and opened again: what one brought, the next doesn't bring once more.
    for shard in &shards {
        let store = whole.finished()?;
        store.take_in(&shard.finished()?)?;
        store.sync()?;
    }
    Ok(whole)
}
