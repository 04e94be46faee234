//! The folder and its files.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::episodes_file::EpisodesFile;
use super::error::RunFolderError;
use descender_compare::behaviour::Behaviour;
use descender_compare::comparison::Comparison;
use descender_record::Manifest;
use descender_record::checkpoint;
use descender_record::{
    CheckpointError, FileError, FolderLock, FolderLockError, JsonFile, read_text, replace_file,
};
use descender_train::CandidateScore;
use descender_train::configuration::{Configuration, Resolver};
use descender_train::episode_record::EpisodeRecord;

/// A folder with any of these is not free for a new run.
const FILES: [&str; 12] = [
    "config.toml",
    "manifest.json",
    "episodes.jsonl",
    "checkpoint/state",
    "controller.safetensors",
    "selection.json",
    "behaviour.json",
    "comparison.json",
    "report.html",
    // Of a comparison, of one over a set of jobs, and of a reproduction of the paper.
    "compare.json",
    "jobs.json",
    "reproduce.json",
];
/// The most bytes of `config.toml`.
const MOST_BYTES: u64 = 1 << 20;

/// A folder that holds one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Creates the folder (and its parents), claims it for this process, and writes settings and manifest.
    ///
    /// # Errors
    /// [`RunFolderError::Occupied`] if it holds a run, a comparison or a part of one, [`RunFolderError::Lock`] if another
    /// process is at work there, otherwise what the system says.
    pub fn create(
        path: &Path,
        configuration: &Configuration,
        manifest: &Manifest,
    ) -> Result<(Self, FolderLock), RunFolderError> {
        let folder = Self {
            path: path.to_owned(),
        };
        // Before anything is written to a folder that is someone else's.
        folder.check_free()?;
        fs::create_dir_all(path).map_err(FileError::new("make the folder", path))?;
        let lock = folder.lock()?;
        // Again: another process may have had it between the look and the lock.
        folder.check_free()?;
        let checkpoints = folder.file("checkpoint");
        fs::create_dir_all(&checkpoints)
            .map_err(FileError::new("make the folder", &checkpoints))?;
        folder.write_manifest(manifest)?;
        // Last: a folder with settings is a run that can be resumed.
        replace_file(
            &folder.file("config.toml"),
            configuration.to_toml().as_bytes(),
        )?;
        Ok((folder, lock))
    }

    /// As [`RunFolder::create`], in the first of the folders `NAME-1`, `NAME-2`, … that is free. Processes that ask at the
    /// same moment get different ones.
    ///
    /// # Errors
    /// What the system says.
    pub fn create_numbered(
        name: &Path,
        configuration: &Configuration,
        manifest: &Manifest,
    ) -> Result<(Self, FolderLock), RunFolderError> {
        let mut number = 0_u64;
        loop {
            number += 1;
            let mut path = name.as_os_str().to_owned();
            path.push(format!("-{number}"));
            let path = PathBuf::from(path);
            if path.symlink_metadata().is_ok() {
                continue;
            }
            match Self::create(&path, configuration, manifest) {
                // Another process was faster.
                Err(RunFolderError::Occupied(_))
                | Err(RunFolderError::Lock(FolderLockError::InUse(_))) => {}
                result => return result,
            }
        }
    }

    /// Rejects a folder with a file of a run, of a comparison or of a reproduction.
    fn check_free(&self) -> Result<(), RunFolderError> {
        let taken = FILES.iter().any(|name| self.file(name).exists());
        match taken {
            true => Err(RunFolderError::Occupied(self.path.clone())),
            false => Ok(()),
        }
    }

    /// Opens a folder that holds a run.
    ///
    /// # Errors
    /// [`RunFolderError::NoRun`].
    pub fn open(path: &Path) -> Result<Self, RunFolderError> {
        let folder = Self {
            path: path.to_owned(),
        };
        let settings = folder.file("config.toml");
        match fs::metadata(&settings) {
            Ok(found) if found.is_file() => Ok(folder),
            Ok(_) => Err(RunFolderError::NoRun(path.to_owned())),
            Err(source) => match FileError::new("read", &settings)(source) {
                error if error.is_missing() => Err(RunFolderError::NoRun(path.to_owned())),
                error => Err(error.into()),
            },
        }
    }

    /// Claims the run for this process, until the lock is dropped or the process ends, however it ends.
    ///
    /// # Errors
    /// Another process has it, or the lock file cannot be made.
    pub fn lock(&self) -> Result<FolderLock, RunFolderError> {
        Ok(FolderLock::claim(&self.path)?)
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The run's settings.
    ///
    /// # Errors
    /// The file is missing or rejected.
    pub fn configuration(&self) -> Result<Configuration, RunFolderError> {
        let path = self.file("config.toml");
        let text = read_text(&path, MOST_BYTES)?;
        Resolver::complete(&text).map_err(|source| RunFolderError::Configuration { path, source })
    }

    /// The run's manifest; one that says nothing if the file is missing.
    ///
    /// # Errors
    /// The file is broken.
    pub fn manifest(&self) -> Result<Manifest, RunFolderError> {
        match self.json("manifest.json").read_if_there()? {
            Some(manifest) => Ok(manifest),
            None => Ok(Manifest::lost(self.configuration()?.seed)),
        }
    }

    /// Replaces the manifest.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), RunFolderError> {
        Ok(self.json("manifest.json").write(manifest)?)
    }

    /// The comparison, or `None` before it was made.
    ///
    /// # Errors
    /// The file is broken.
    pub fn comparison(&self) -> Result<Option<Comparison>, RunFolderError> {
        Ok(self.json("comparison.json").read_if_there()?)
    }

    /// Replaces the comparison, as a document and as a table.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_comparison(&self, comparison: &Comparison) -> Result<(), RunFolderError> {
        self.json("comparison.json").write(comparison)?;
        Ok(comparison.write_csv(&self.path)?)
    }

    /// How the controller behaved, or `None` before it was recorded.
    ///
    /// # Errors
    /// The file is broken.
    pub fn behaviour(&self) -> Result<Option<Behaviour>, RunFolderError> {
        Ok(self.json("behaviour.json").read_if_there()?)
    }

    /// Replaces the record of the controller's behaviour.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_behaviour(&self, behaviour: &Behaviour) -> Result<(), RunFolderError> {
        Ok(self.json("behaviour.json").write(behaviour)?)
    }

    /// The scores of the candidates for the controller; empty before the choice.
    ///
    /// # Errors
    /// The file is broken.
    pub fn selection(&self) -> Result<Vec<CandidateScore>, RunFolderError> {
        let scores = self.json("selection.json").read_if_there()?;
        Ok(scores.unwrap_or_default())
    }

    /// Replaces the scores of the candidates.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_selection(&self, candidates: &[CandidateScore]) -> Result<(), RunFolderError> {
        Ok(self.json("selection.json").write(candidates)?)
    }

    /// Replaces a text file of the folder.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), RunFolderError> {
        Ok(replace_file(&self.file(name), text.as_bytes())?)
    }

    /// The checkpoint's state, or `None` if none was written yet.
    ///
    /// # Errors
    /// The file cannot be read or is broken.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>, RunFolderError> {
        match checkpoint::read(&self.file("checkpoint/state")) {
            Err(CheckpointError::File(error)) if error.is_missing() => Ok(None),
            result => Ok(Some(result?)),
        }
    }

    /// Replaces the checkpoint.
    ///
    /// # Errors
    /// The file cannot be written; the old one is then still there.
    pub fn write_checkpoint(&self, state: &impl Serialize) -> Result<(), RunFolderError> {
        Ok(checkpoint::write(&self.file("checkpoint/state"), state)?)
    }

    /// Rejects a folder that has episodes but no checkpoint to continue from.
    ///
    /// # Errors
    /// [`RunFolderError::NoCheckpoint`].
    pub fn refuse_orphans(&self) -> Result<(), RunFolderError> {
        let orphans = fs::metadata(self.file("episodes.jsonl")).is_ok_and(|found| found.len() > 0);
        if orphans && !self.file("checkpoint/state").exists() {
            return Err(RunFolderError::NoCheckpoint(self.path.clone()));
        }
        Ok(())
    }

    /// The episodes that have ended, in the order in which they began; none before the first has ended. The file has
    /// them in the order in which they ended.
    ///
    /// # Errors
    /// The file is broken.
    pub fn episodes(&self) -> Result<Vec<EpisodeRecord>, RunFolderError> {
        let path = self.file("episodes.jsonl");
        if !path.exists() {
            return Ok(Vec::new());
        }
        let mut episodes = EpisodeRecord::read_all(&path)?;
        episodes.sort_by_key(|record| record.episode);
        Ok(episodes)
    }

    /// Opens the file of the episodes for appending, cut back to `length` bytes.
    ///
    /// # Errors
    /// It cannot be opened, or is shorter than `length`.
    pub fn episodes_from(&self, length: u64) -> Result<EpisodesFile, RunFolderError> {
        EpisodesFile::open(self.file("episodes.jsonl"), length)
    }

    fn json(&self, name: &str) -> JsonFile {
        JsonFile::new(self.file(name))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use descender_train::configuration::Preset;

    fn run_of(seed: u64) -> (Configuration, Manifest) {
        let configuration = Configuration {
            seed,
            ..Preset::by_name("quick").unwrap().configuration()
        };
        (configuration, Manifest::start(Vec::new(), seed, 1))
    }

    /// The seeds of the runs that two threads make at the same moment, with what each of them got.
    fn at_once<T: Send>(make: impl Fn(&Configuration, &Manifest) -> T + Sync) -> [(u64, T); 2] {
        let together = Barrier::new(2);
        std::thread::scope(|scope| {
            let threads = [1, 2].map(|seed| {
                let (together, make) = (&together, &make);
                scope.spawn(move || {
                    let (configuration, manifest) = run_of(seed);
                    together.wait();
                    (seed, make(&configuration, &manifest))
                })
            });
            threads.map(|thread| thread.join().unwrap())
        })
    }

    fn seeds_in(folder: &RunFolder) -> (u64, u64) {
        let configuration = folder.configuration().unwrap();
        (configuration.seed, folder.manifest().unwrap().seed)
    }

    #[test]
    fn of_two_runs_that_begin_in_one_folder_at_once_one_is_refused() {
        let place = tempfile::tempdir().unwrap();
        for round in 0..100 {
            let path = place.path().join(round.to_string());
            // In every second round the claim ends at once, so that the slower one finds an occupied folder.
            let made = at_once(|configuration, manifest| {
                let made = RunFolder::create(&path, configuration, manifest);
                made.map(|(folder, lock)| (folder, (round % 2 == 0).then_some(lock)))
            });
            let won: Vec<_> = made.iter().filter(|(_, made)| made.is_ok()).collect();
            let [(seed, Ok((folder, _)))] = won[..] else {
                panic!("round {round}: {made:?}");
            };
            assert_eq!(seeds_in(folder), (*seed, *seed), "round {round}");
        }
    }

    #[test]
    fn runs_that_begin_at_once_get_folders_of_their_own() {
        let place = tempfile::tempdir().unwrap();
        for round in 0..100 {
            let name = place.path().join(format!("{round}/quick"));
            let made = at_once(|configuration, manifest| {
                RunFolder::create_numbered(&name, configuration, manifest).unwrap()
            });
            for (seed, (folder, _)) in &made {
                assert_eq!(seeds_in(folder), (*seed, *seed), "round {round}");
            }
            let mut names = made.map(|(_, (folder, _))| folder.path().to_owned());
            names.sort();
            let expected =
                [1, 2].map(|number| place.path().join(format!("{round}/quick-{number}")));
            assert_eq!(names, expected, "round {round}");
        }
    }

    #[test]
    fn a_folder_with_a_comparison_or_a_reproduction_is_not_free() {
        for file in ["compare.json", "reproduce.json"] {
            let place = tempfile::tempdir().unwrap();
            fs::write(place.path().join(file), "{}").unwrap();
            let (configuration, manifest) = run_of(1);
            let error = RunFolder::create(place.path(), &configuration, &manifest).unwrap_err();
            assert!(matches!(error, RunFolderError::Occupied(_)), "{error}");
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "untouched");
        }
    }
}
