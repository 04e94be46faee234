//! TensorBoard event files of a training, in the folder `tensorboard` of its run folder.
//!
//! Every number of a line of `episodes.jsonl` is a scalar `episode/KEY` at the step of the episode's number, and every
//! score of a candidate for the controller is `selection/score` at the number of episodes that had ended. The files
//! hold nothing else than these, so a resumed run writes them anew from what it goes on from: what was lost with a
//! kill is not told twice, and what was kept keeps its wall time. Scalars come in rising order of their step, because TensorBoard takes a step back for a
//! restart; an episode therefore waits for those that began before it.

#![forbid(unsafe_code)]

mod event_file;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use descender_study::{RunFolder, RunFolderError};
use descender_train::episode_record::{EpisodeRecord, EpisodeRecordError};
use descender_train::observer::{TrainingEvent, TrainingObserver};

use event_file::{EventFile, WallTimes};

const FOLDER: &str = "tensorboard";
const SELECTION: &str = "selection/score";
/// Numbers of an episode that are names rather than figures.
const NAMES: [&str; 3] = ["episode", "environment", "start"];

/// Why event files cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TensorBoardError {
    /// The folder or a file in it cannot be written.
    #[error("cannot write TensorBoard's event files in {}", path.display())]
    Write {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The episodes so far cannot be read.
    #[error(transparent)]
    Episodes(#[from] EpisodeRecordError),
    /// The scores of the candidates so far cannot be read.
    #[error(transparent)]
    RunFolder(#[from] RunFolderError),
}

/// Writes event files while a training goes on.
///
/// It writes from [`TrainingEvent::Started`] on, where it writes anew what a resumed training has kept. A failure ends
/// the writing, never the training; [`Self::failure`] tells it.
#[derive(Debug)]
pub struct TensorBoard {
    folder: RunFolder,
    writer: Option<Writer>,
    failure: Failure,
}

/// Why the writing ended, if it did; filled in while the training runs.
#[derive(Clone, Debug, Default)]
pub struct Failure(Arc<Mutex<Option<TensorBoardError>>>);

impl Failure {
    /// The failure, if there was one, for the first who asks.
    #[must_use]
    pub fn take(&self) -> Option<TensorBoardError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl TensorBoard {
    /// An observer of the training of the run in `folder`. From now on the run has event files ([`Self::exists`]), also
    /// if it is killed before the first one.
    #[must_use]
    pub fn new(folder: &RunFolder) -> Self {
        // A failure is told when the first event is to be written.
        let _ = fs::create_dir_all(folder.file(FOLDER));
        Self {
            folder: folder.clone(),
            writer: None,
            failure: Failure::default(),
        }
    }

    /// Whether the run in `folder` has event files, which a resume has to go on with.
    #[must_use]
    pub fn exists(folder: &RunFolder) -> bool {
        folder.file(FOLDER).is_dir()
    }

    /// Tells a failure of the writing.
    #[must_use]
    pub fn failure(&self) -> Failure {
        self.failure.clone()
    }

    /// Writes the event files of a complete run.
    ///
    /// # Errors
    /// [`TensorBoardError`].
    pub fn write(folder: &RunFolder) -> Result<(), TensorBoardError> {
        let candidates = folder.selection()?;
        let scores = candidates
            .iter()
            .map(|candidate| (candidate.episodes, candidate.score));
        Writer::create(folder, scores).map(drop)
    }

    fn attempt(&mut self, event: &TrainingEvent<'_>) -> Result<(), TensorBoardError> {
        match (event, &mut self.writer) {
            (TrainingEvent::Started { candidates, .. }, _) => {
                let scores = (candidates.kept().iter())
                    .map(|candidate| (candidate.episodes, candidate.score()));
                self.writer = Some(Writer::create(&self.folder, scores)?);
                Ok(())
            }
            (TrainingEvent::EpisodeEnded(record), Some(writer)) => {
                writer.episode((*record).clone())
            }
            (TrainingEvent::CandidateScored { candidate, .. }, Some(writer)) => {
                writer.candidate(candidate.episodes, candidate.score())
            }
            _ => Ok(()),
        }
    }
}

impl TrainingObserver for TensorBoard {
    fn notify(&mut self, event: &TrainingEvent<'_>) {
        if let Err(error) = self.attempt(event) {
            self.writer = None;
            *self
                .failure
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
    }
}

#[derive(Debug)]
struct Writer {
    path: PathBuf,
    file: EventFile,
    /// The number of the next episode to write.
    next: u64,
    /// Episodes that wait for earlier ones.
    waiting: BTreeMap<u64, EpisodeRecord>,
}

impl Writer {
    /// Replaces the event files of the run by one that holds what has happened so far.
    fn create(
        folder: &RunFolder,
        candidates: impl Iterator<Item = (u64, f64)>,
    ) -> Result<Self, TensorBoardError> {
        let path = folder.file(FOLDER);
        let file = create_file(&path).map_err(|source| failed(&path, source))?;
        let mut writer = Self {
            path,
            file,
            next: 0,
            waiting: BTreeMap::new(),
        };
        for record in EpisodeRecord::read_all(&folder.file("episodes.jsonl"))? {
            writer.episode(record)?;
        }
        for (episodes, score) in candidates {
            writer.candidate(episodes, score)?;
        }
        Ok(writer)
    }

    fn episode(&mut self, record: EpisodeRecord) -> Result<(), TensorBoardError> {
        self.waiting.insert(record.episode, record);
        while let Some(record) = self.waiting.remove(&self.next) {
            self.write(&record)?;
            self.next += 1;
        }
        Ok(())
    }

    fn write(&mut self, record: &EpisodeRecord) -> Result<(), TensorBoardError> {
        let scalars = scalars(record);
        let scalars = scalars.iter().map(|(tag, value)| (tag.as_str(), *value));
        self.file
            .scalars(record.episode, scalars)
            .map_err(|source| failed(&self.path, source))
    }

    fn candidate(&mut self, episodes: u64, score: f64) -> Result<(), TensorBoardError> {
        if !score.is_finite() {
            return Ok(()); // `null` in JSON
        }
        self.file
            .scalars(episodes, [(SELECTION, score as f32)])
            .map_err(|source| failed(&self.path, source))
    }
}

impl Drop for Writer {
    /// A training that was stopped leaves episodes that wait; a resume writes all anew.
    fn drop(&mut self) {
        for record in std::mem::take(&mut self.waiting).into_values() {
            let _ = self.write(&record);
        }
    }
}

fn failed(path: &Path, source: io::Error) -> TensorBoardError {
    TensorBoardError::Write {
        path: path.to_owned(),
        source,
    }
}

/// A new event file in `folder`, alone. What it tells again keeps its time.
fn create_file(folder: &Path) -> io::Result<EventFile> {
    fs::create_dir_all(folder)?;
    let mut known = WallTimes::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // TensorBoard knows its files by this word; leave all others.
        if entry.file_name().to_string_lossy().contains("tfevents") {
            known.add(&fs::read(entry.path())?);
            fs::remove_file(entry.path())?;
        }
    }
    let seconds = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    let process = std::process::id();
    let name = format!("events.out.tfevents.{seconds}.{process}.descender");
    EventFile::create(&folder.join(name), known)
}

/// The figures of an episode under the names that they have in `episodes.jsonl`; what is `null` there is left out.
fn scalars(record: &EpisodeRecord) -> Vec<(String, f32)> {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(record) else {
        return Vec::new(); // a record is always an object
    };
    fields
        .iter()
        .filter(|(name, _)| !NAMES.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((format!("episode/{name}"), value.as_f64()? as f32)))
        .collect()
}

#[cfg(test)]
mod tests;
