//! The training of a run: rounds, checkpoints, and the candidates that are taken on the way.

use std::time::{Duration, Instant};

use super::Run;
use super::clock::Clock;
use super::error::RunError;
use crate::run_folder::EpisodesFile;
use descender_record::Phase;
use descender_train::Candidate;
use descender_train::observer::TrainingEvent;
use descender_train::{Trainer, TrainerState};

impl Run<'_> {
    pub(super) fn train(&self, clock: &mut Clock<'_>) -> Result<Trainer, RunError> {
        let result = self.train_on(clock);
        let saved = clock.save();
        let trainer = result?;
        saved?;
        Ok(trainer)
    }

    fn train_on(&self, clock: &mut Clock<'_>) -> Result<Trainer, RunError> {
        let configuration = &self.configuration;
        let (mut trainer, episodes_length) = match self.folder.checkpoint::<TrainerState>()? {
            Some(state) => {
                let length = state.episodes_length;
                (
                    Trainer::restore(configuration.clone(), &self.problem, state)?,
                    length,
                )
            }
            None => (Trainer::new(configuration.clone(), &self.problem)?, 0),
        };
        if episodes_length == 0 && trainer.progress().episodes_ended == 0 {
            self.folder.refuse_orphans()?;
        }
        let mut episodes = self.folder.episodes_from(episodes_length)?;
        self.notify(&TrainingEvent::Started {
            configuration,
            episodes_ended: trainer.progress().episodes_ended,
            progress: trainer.fraction(),
            steps: trainer.progress().steps,
            candidates: &trainer.progress().candidates,
        });
        self.checkpoint(&mut trainer, &mut episodes, clock)?;
        let patience = Duration::from_secs_f64(configuration.checkpoint_seconds.min(1e9));
        let mut saved = Instant::now();
        loop {
            if self.stop.requested() {
                self.checkpoint(&mut trainer, &mut episodes, clock)?;
                return Err(RunError::Stopped);
            }
            if self.candidate_is_due(&trainer) {
                match clock.time(Phase::Scoring, || self.take_candidate(&mut trainer)) {
                    Err(RunError::Stopped) => continue, // to write the checkpoint
                    result => result?,
                }
            } else if trainer.is_done() {
                self.checkpoint(&mut trainer, &mut episodes, clock)?;
                return Ok(trainer);
            } else {
                for record in trainer.round()? {
                    episodes.append(&record)?;
                    self.notify(&TrainingEvent::EpisodeEnded(&record));
                }
                self.notify(&TrainingEvent::Round {
                    decisions: trainer.progress().decisions,
                    steps: trainer.progress().steps,
                    progress: trainer.fraction(),
                });
            }
            if saved.elapsed() >= patience {
                self.checkpoint(&mut trainer, &mut episodes, clock)?;
                saved = Instant::now();
            }
        }
    }

    fn checkpoint(
        &self,
        trainer: &mut Trainer,
        episodes: &mut EpisodesFile,
        clock: &mut Clock<'_>,
    ) -> Result<(), RunError> {
        let times = trainer.take_times();
        clock.add(Phase::Descending, times.descents);
        clock.add(Phase::Learning, times.agent);
        clock.time(Phase::Saving, || {
            let length = episodes.sync()?;
            match trainer.save(length) {
                Some(state) => self.folder.write_checkpoint(&state),
                None => Ok(()), // such a run cannot be resumed
            }
        })?;
        clock.save_if_due()?;
        self.notify(&TrainingEvent::CheckpointWritten);
        Ok(())
    }

    /// A candidate is due when the number of ended episodes has passed a multiple of `selection.every` since the last
    /// one, and at the end of each learner.
    fn candidate_is_due(&self, trainer: &Trainer) -> bool {
        let ended = trainer.progress().episodes_ended;
        let last = trainer
            .progress()
            .candidates
            .kept()
            .last()
            .map_or(0, |candidate| candidate.episodes);
        let every = self.configuration.selection.every;
        let passed = every > 0 && ended / every > last / every;
        passed || (trainer.learner_is_done() && last < ended)
    }

    fn take_candidate(&self, trainer: &mut Trainer) -> Result<(), RunError> {
        let policy = trainer.policy();
        let starts = 0..self.configuration.selection.starts;
        // A learner that diverged has no policy; its candidate can't be chosen.
        let mut candidate = Candidate {
            episodes: trainer.progress().episodes_ended,
            policy,
            scores: vec![f64::INFINITY],
            final_scores: Vec::new(),
        };
        let usable = candidate.is_usable();
        if usable {
            let progress = self.trials(Phase::Scoring);
            let scores = self
                .judge()
                .score(&[&candidate.policy], starts, &progress)?;
            candidate.scores = scores.into_iter().next().unwrap_or_default();
        }
        let candidates = &trainer.progress().candidates;
        let best = usable
            && candidates
                .kept()
                .iter()
                .all(|other| candidate.score() < other.score());
        if best {
            self.write_controller(&candidate)?;
        }
        self.notify(&TrainingEvent::CandidateScored {
            candidate: &candidate,
            measure: self.configuration.selection.measure,
            best,
        });
        trainer.add_candidate(candidate);
        Ok(())
    }
}
