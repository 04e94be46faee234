//! The folder of a comparison over a set of jobs.
//!
//! | file | what it is |
//! |---|---|
//! | `jobs.json` | what is compared ([`JobsRequest`]), and which shard it is |
//! | `tuning-….jsonl` | the losses of a rival's settings on the jobs to choose by |
//! | `jobs.jsonl` | the jobs that are done |
//! | `comparison.json` | the result, at the end; a shard has none |

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use descender_compare::contender::Entry;
use descender_compare::shard::{Shard, ShardsError, check_whole};
use descender_record::{JsonError, JsonFile};
use serde::{Deserialize, Serialize};

use super::result::JobsSettings;
use crate::kept::{KeepError, numbers_in};
use crate::set::JobSet;

/// The file of what is compared.
const REQUEST_FILE: &str = "jobs.json";
/// The file of the jobs.
pub(super) const JOBS_FILE: &str = "jobs.jsonl";

/// What is compared over a set, in a form from which it can be made again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobsRequest {
    /// The set.
    pub set: JobSet,
    /// How it is judged.
    pub settings: JobsSettings,
    /// The controller, as typed.
    pub controller: Option<PathBuf>,
    /// The other contenders, as typed.
    pub against: String,
    /// The folder to which file names are relative.
    pub directory: PathBuf,
    /// Of each contender its name, and a checksum of it with the files that it names.
    pub contenders: Vec<(String, u32)>,
}

impl JobsRequest {
    /// Records who takes part.
    #[must_use]
    pub fn with_contenders(self, entries: &[Entry]) -> Self {
        let of = |entry: &Entry| (entry.name().to_owned(), crc32fast::hash(&entry.identity()));
        let contenders = entries.iter().map(of).collect();
        Self { contenders, ..self }
    }

    /// What another request has otherwise, in words. Where the files are doesn't count: their checksums do.
    fn difference(&self, other: &Self) -> Option<String> {
        if self.set != other.set {
            return Some("the set of jobs".to_owned());
        }
        let numbers = |request: &Self| {
            let JobsSettings {
                jobs,
                tuning_jobs,
                seed,
                portfolio,
            } = request.settings;
            [
                ("--starts", jobs.to_string()),
                ("the number of jobs for tuning", tuning_jobs.to_string()),
                ("--seed", seed.to_string()),
                ("--portfolio", portfolio.to_string()),
            ]
        };
        let mut pairs = numbers(self).into_iter().zip(numbers(other));
        if let Some((own, other)) = pairs.find(|(own, other)| own != other) {
            return Some(format!("{} ({} and {})", own.0, own.1, other.1));
        }
        if self.contenders.len() != other.contenders.len() {
            return Some("the list of contenders".to_owned());
        }
        let mut pairs = self.contenders.iter().zip(&other.contenders);
        let differing = pairs.find(|(own, other)| own != other);
        differing.map(|(own, _)| format!("`{}`", own.0))
    }
}

/// The folder of a comparison over a set.
#[derive(Clone, Debug)]
pub struct JobsFolder {
    path: PathBuf,
    request: JobsRequest,
    shard: Shard,
}

/// Why a folder can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobsFolderError {
    /// It is of another comparison.
    #[error(
        "{} holds another comparison: {what} differs; expected the command that began it, or another folder",
        path.display()
    )]
    Other {
        /// The folder.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// It holds no comparison over a set.
    #[error("{} holds no comparison over a set of jobs: it has no jobs.json", .0.display())]
    NoComparison(PathBuf),
    /// Shards of different comparisons.
    #[error("{} and {} are not of one comparison: {what} differs", first.display(), other.display())]
    Different {
        /// A folder.
        first: PathBuf,
        /// Another.
        other: PathBuf,
        /// What differs.
        what: String,
    },
    /// The shards don't make a whole.
    #[error(transparent)]
    Shards(#[from] ShardsError),
    /// A shard is not complete.
    #[error(
        "{}: shard {shard} is not complete, {done} of {count} jobs are there; give the command again that made it",
        path.display()
    )]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// The shard.
        shard: Shard,
        /// Jobs that are there.
        done: usize,
        /// Jobs of the shard.
        count: usize,
    },
    /// A file can't be used.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The results can't be read.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The folder can't be made or copied to.
    #[error("{}: cannot use the folder", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl JobsFolder {
    /// Makes the folder, or finds that it is of the same comparison.
    ///
    /// # Errors
    /// [`JobsFolderError`]
    pub fn begin(path: &Path, request: JobsRequest, shard: Shard) -> Result<Self, JobsFolderError> {
        if path.join(REQUEST_FILE).exists() {
            let there = Self::open(path)?;
            let what = match there.request.difference(&request) {
                None if there.shard != shard => {
                    Some(format!("--shard ({} and {shard})", there.shard))
                }
                difference => difference,
            };
            return match what {
                None => Ok(there),
                Some(what) => Err(JobsFolderError::Other {
                    path: path.to_owned(),
                    what,
                }),
            };
        }
        std::fs::create_dir_all(path).map_err(|source| refused(path, source))?;
        JsonFile::new(path.join(REQUEST_FILE)).write(&(&request, shard))?;
        Ok(Self {
            path: path.to_owned(),
            request,
            shard,
        })
    }

    /// Opens a folder.
    ///
    /// # Errors
    /// [`JobsFolderError`]
    pub fn open(path: &Path) -> Result<Self, JobsFolderError> {
        let found = JsonFile::new(path.join(REQUEST_FILE)).read_if_there()?;
        let (request, shard) =
            found.ok_or_else(|| JobsFolderError::NoComparison(path.to_owned()))?;
        Ok(Self {
            path: path.to_owned(),
            request,
            shard,
        })
    }

    /// Whether `path` is of a comparison over a set.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        path.join(REQUEST_FILE).exists()
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is compared.
    #[must_use]
    pub fn request(&self) -> &JobsRequest {
        &self.request
    }

    /// Which shard it is.
    #[must_use]
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// A folder at `out` with the jobs of all `shards`: its comparison has nothing left to do but the figures.
    ///
    /// # Errors
    /// [`JobsFolderError`]; the shards stay as they are.
    pub fn merge(shards: &[PathBuf], out: &Path) -> Result<Self, JobsFolderError> {
        let shards = (shards.iter())
            .map(|path| Self::open(path))
            .collect::<Result<Vec<_>, _>>()?;
        let numbers: Vec<Shard> = shards.iter().map(Self::shard).collect();
        check_whole(&numbers)?;
        let Some((first, others)) = shards.split_first() else {
            return Err(ShardsError::None.into());
        };
        for other in others {
            if let Some(what) = first.request.difference(&other.request) {
                return Err(JobsFolderError::Different {
                    first: first.path.clone(),
                    other: other.path.clone(),
                    what,
                });
            }
        }
        shards.iter().try_for_each(Self::check_complete)?;
        let whole = Self::begin(out, first.request.clone(), Shard::WHOLE)?;
        let refuse = |source| refused(out, source);
        for entry in std::fs::read_dir(&first.path).map_err(refuse)? {
            let name = entry.map_err(refuse)?.file_name();
            if name.to_string_lossy().starts_with("tuning-") {
                std::fs::copy(first.path.join(&name), out.join(&name)).map_err(refuse)?;
            }
        }
        let mut jobs = Vec::new();
        for shard in &shards {
            jobs.extend(std::fs::read(shard.path.join(JOBS_FILE)).map_err(refuse)?);
        }
        std::fs::write(out.join(JOBS_FILE), jobs).map_err(refuse)?;
        Ok(whole)
    }

    fn check_complete(&self) -> Result<(), JobsFolderError> {
        let wanted: BTreeSet<u64> = (0..self.request.settings.jobs)
            .filter(|number| self.shard.has(*number))
            .collect();
        let there = numbers_in(&self.path.join(JOBS_FILE))?;
        let done = wanted.intersection(&there).count();
        match done == wanted.len() {
            true => Ok(()),
            false => Err(JobsFolderError::Incomplete {
                path: self.path.clone(),
                shard: self.shard,
                done,
                count: wanted.len(),
            }),
        }
    }
}

fn refused(path: &Path, source: io::Error) -> JobsFolderError {
    JobsFolderError::Folder {
        path: path.to_owned(),
        source,
    }
}
