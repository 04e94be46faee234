//! The time of a run: the seconds of each phase, summed in the manifest over all starts of the program.
//!
//! Seconds are wall-clock time, so a phase that uses every thread counts once. They are written when a phase after the
//! training ends, and with a checkpoint of the training if the last write is at least [`SAVE_EVERY`] ago. After a kill,
//! the time since the last write is missing, and work that is done again counts twice. No result depends on them. Time
//! outside the phases (reading the data, drawing progress) is not counted.

use std::time::{Duration, Instant};

use crate::run_folder::{RunFolder, RunFolderError};
use descender_record::{Phase, PhaseTime};

/// Time between two writes of the manifest during the training.
const SAVE_EVERY: Duration = Duration::from_secs(5);

/// Adds up the time of each phase.
pub(super) struct Clock<'a> {
    folder: &'a RunFolder,
    seconds: [f64; Phase::ALL.len()],
    saved: Instant,
}

impl<'a> Clock<'a> {
    /// A clock that continues from the times in the folder's manifest.
    pub(super) fn new(folder: &'a RunFolder) -> Result<Self, RunFolderError> {
        let phases = folder.manifest()?.phases;
        Ok(Self {
            folder,
            seconds: Phase::ALL.map(|phase| {
                let times = phases.iter().filter(|time| time.phase == phase);
                times.map(|time| time.seconds).sum()
            }),
            saved: Instant::now(),
        })
    }

    /// Counts time for a phase.
    pub(super) fn add(&mut self, phase: Phase, time: Duration) {
        self.seconds[phase as usize] += time.as_secs_f64();
    }

    /// Does `work` and counts its time for a phase, even if it fails.
    pub(super) fn time<T>(&mut self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = work();
        self.add(phase, began.elapsed());
        result
    }

    /// Does a whole phase and writes the manifest.
    pub(super) fn phase<T, E: From<RunFolderError>>(
        &mut self,
        phase: Phase,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let result = self.time(phase, work);
        let saved = self.save();
        let result = result?;
        saved?;
        Ok(result)
    }

    /// Writes the manifest if it is time.
    pub(super) fn save_if_due(&mut self) -> Result<(), RunFolderError> {
        match self.saved.elapsed() >= SAVE_EVERY {
            true => self.save(),
            false => Ok(()),
        }
    }

    /// Writes the manifest.
    pub(super) fn save(&mut self) -> Result<(), RunFolderError> {
        let mut manifest = self.folder.manifest()?;
        manifest.phases = Phase::ALL
            .into_iter()
            .zip(self.seconds)
            .filter(|(_, seconds)| *seconds > 0.0)
            .map(|(phase, seconds)| PhaseTime { phase, seconds })
            .collect();
        self.folder.write_manifest(&manifest)?;
        self.saved = Instant::now();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_record::Manifest;
    use descender_train::configuration::Preset;

    #[test]
    fn the_time_of_a_phase_adds_up_over_resumes_and_failures() {
        let place = tempfile::tempdir().unwrap();
        let manifest = Manifest::start(vec!["train".to_owned()], 1, 2);
        let settings = Preset::by_name("quick").unwrap().configuration();
        let (folder, _lock) =
            RunFolder::create(&place.path().join("run"), &settings, &manifest).unwrap();
        let mut clock = Clock::new(&folder).unwrap();
        clock.add(Phase::Learning, Duration::from_millis(1500));
        clock.add(Phase::Descending, Duration::from_secs(7));
        clock.save_if_due().unwrap();
        assert!(folder.manifest().unwrap().phases.is_empty(), "not yet due");
        clock.save().unwrap();

        // As in a process that comes after a kill.
        let mut clock = Clock::new(&folder).unwrap();
        clock.add(Phase::Learning, Duration::from_millis(500));
        let failure: Result<(), RunFolderError> = clock.phase(Phase::Comparing, || {
            std::thread::sleep(Duration::from_millis(3));
            Err(RunFolderError::NoRun(place.path().to_owned()))
        });
        assert!(matches!(failure, Err(RunFolderError::NoRun(_))));
        let after = folder.manifest().unwrap();
        let phases: Vec<_> = after.phases.iter().map(|one| one.phase.name()).collect();
        assert_eq!(
            phases,
            ["stepping the descents", "acting and learning", "comparing"]
        );
        let seconds: Vec<f64> = after.phases.iter().map(|one| one.seconds).collect();
        assert_eq!(seconds[..2], [7.0, 2.0]);
        assert!((0.003..60.0).contains(&seconds[2]), "{seconds:?}");
        assert_eq!((after.command, after.threads), (manifest.command, 2));
    }
}
