//! A run from start to report, in a run folder: training, choice of the controller, comparison.
//!
//! A run can be killed at any moment and goes on from its last checkpoint with the same bits. What follows the
//! training (choice, comparison, report) is computed again from the checkpoint.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use descender_control::{Controller, Provenance};
use descender_task::Task;

use crate::baseline::Competitor;
use crate::compare::{CompareError, CompareSettings, compare};
use crate::comparison::Comparison;
use crate::configuration::Configuration;
use crate::manifest;
use crate::observer::{CHOOSING, COMPARING, SCORING, TrainingEvent, TrainingObserver};
use crate::report::{self, CandidateScore, Report, RunReport};
use crate::run_folder::{EpisodesFile, RunFolder};
use crate::selection::{Candidate, Judge};
use crate::stop::Stop;
use crate::train::{TrainError, Trainer, TrainerState};

/// A run in its folder.
pub struct Run<'a> {
    folder: &'a RunFolder,
    task: Arc<Task>,
    configuration: Configuration,
    stop: &'a Stop,
    observers: Mutex<&'a mut [Box<dyn TrainingObserver>]>,
}

impl<'a> Run<'a> {
    /// The run whose settings stand in the folder.
    ///
    /// # Errors
    /// The settings or the task's data are refused.
    pub fn new(
        folder: &'a RunFolder,
        stop: &'a Stop,
        observers: &'a mut [Box<dyn TrainingObserver>],
    ) -> Result<Self, TrainError> {
        let configuration = folder.configuration()?;
        let task = Arc::new(task_of(&configuration)?);
        Ok(Self {
            folder,
            task,
            configuration,
            stop,
            observers: Mutex::new(observers),
        })
    }

    /// Goes on from the last checkpoint, or begins, and ends with comparison and report.
    ///
    /// # Errors
    /// [`TrainError::Stopped`] after a stop, with a checkpoint written; otherwise what failed.
    pub fn complete(&self) -> Result<Comparison, TrainError> {
        let trainer = self.train()?;
        let chosen = self.choose(&trainer)?;
        let controller = self.write_controller(&chosen)?;
        self.notify(&TrainingEvent::ControllerChosen(&chosen));
        let comparison = self.compare(controller)?;
        self.folder.write_comparison(&comparison)?;
        self.write_report()?;
        let mut manifest = self.folder.manifest()?;
        manifest.ended = manifest::now();
        self.folder.write_manifest(&manifest)?;
        self.notify(&TrainingEvent::Compared(&comparison));
        Ok(comparison)
    }

    fn notify(&self, event: &TrainingEvent<'_>) {
        // An observer that panicked must not take the training with it.
        let mut observers = self
            .observers
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        observers
            .iter_mut()
            .for_each(|observer| observer.notify(event));
    }

    fn trials(&self, purpose: &str) -> impl Fn(u64, u64) + Sync {
        move |done, total| {
            self.notify(&TrainingEvent::Trials {
                purpose,
                done,
                total,
            })
        }
    }

    fn train(&self) -> Result<Trainer, TrainError> {
        let configuration = &self.configuration;
        let (mut trainer, episodes_length) = match self.folder.checkpoint::<TrainerState>()? {
            Some(state) => {
                let length = state.episodes_length;
                (
                    Trainer::restore(configuration.clone(), &self.task, state)?,
                    length,
                )
            }
            None => (Trainer::new(configuration.clone(), &self.task)?, 0),
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
        self.checkpoint(&trainer, &mut episodes)?;
        let patience = Duration::from_secs_f64(configuration.checkpoint_seconds.min(1e9));
        let mut saved = Instant::now();
        loop {
            if self.stop.requested() {
                self.checkpoint(&trainer, &mut episodes)?;
                return Err(TrainError::Stopped);
            }
            if self.candidate_is_due(&trainer) {
                match self.take_candidate(&mut trainer) {
                    Err(TrainError::Stopped) => continue, // to write the checkpoint
                    result => result?,
                }
            } else if trainer.is_done() {
                self.checkpoint(&trainer, &mut episodes)?;
                return Ok(trainer);
            } else {
                for record in trainer.round() {
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
                self.checkpoint(&trainer, &mut episodes)?;
                saved = Instant::now();
            }
        }
    }

    fn checkpoint(&self, trainer: &Trainer, episodes: &mut EpisodesFile) -> Result<(), TrainError> {
        let length = episodes.sync()?;
        self.folder.write_checkpoint(&trainer.save(length))?;
        self.notify(&TrainingEvent::CheckpointWritten);
        Ok(())
    }

    /// A candidate is due when a multiple of `selection.every` episodes was passed since the last one, and at the end.
    fn candidate_is_due(&self, trainer: &Trainer) -> bool {
        let ended = trainer.progress().episodes_ended;
        let last = trainer
            .progress()
            .candidates
            .last()
            .map_or(0, |candidate| candidate.episodes);
        let every = self.configuration.selection.every;
        let passed = every > 0 && ended / every > last / every;
        passed || (trainer.is_done() && last < ended)
    }

    fn judge(&self) -> Judge<'_> {
        Judge {
            configuration: &self.configuration,
            task: &self.task,
            stop: self.stop,
        }
    }

    fn take_candidate(&self, trainer: &mut Trainer) -> Result<(), TrainError> {
        let policy = trainer.policy();
        let starts = 0..self.configuration.selection.starts;
        // A learner that diverged has no policy; its candidate can't be chosen.
        let usable = policy.parameters().iter().all(|weight| weight.is_finite());
        let scores = match usable {
            true => self
                .judge()
                .score(&[&policy], starts, &self.trials(SCORING))?,
            false => vec![vec![f64::INFINITY]],
        };
        let candidate = Candidate {
            episodes: trainer.progress().episodes_ended,
            policy,
            scores: scores.into_iter().next().unwrap_or_default(),
            final_scores: Vec::new(),
        };
        let candidates = &trainer.progress().candidates;
        let best = usable
            && candidates
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

    fn choose(&self, trainer: &Trainer) -> Result<Candidate, TrainError> {
        let selection = &self.configuration.selection;
        let mut candidates = trainer.progress().candidates.clone();
        candidates.sort_by(|a, b| a.score().total_cmp(&b.score())); // stable: of equals the earlier one
        let usable = |candidate: &&Candidate| {
            candidate
                .policy
                .parameters()
                .iter()
                .all(|weight| weight.is_finite())
        };
        let usable = candidates.iter().filter(usable).count(); // the others have the worst scores
        if usable == 0 {
            return Err(TrainError::LearnerDiverged);
        }
        let finalists = &mut candidates[..selection.finalists.min(usable)];
        if finalists.len() > 1 {
            let policies: Vec<_> = finalists.iter().map(|finalist| &finalist.policy).collect();
            let starts = selection.starts..selection.starts + selection.final_starts;
            let scores = self
                .judge()
                .score(&policies, starts, &self.trials(CHOOSING))?;
            for (finalist, scores) in finalists.iter_mut().zip(scores) {
                finalist.final_scores = scores;
            }
        }
        let chosen = finalists
            .iter()
            .min_by(|a, b| a.final_score().total_cmp(&b.final_score()))
            .ok_or(TrainError::State {
                part: "the training",
                message: "it holds no candidate".to_owned(),
            })?
            .clone();
        candidates.sort_by_key(|candidate| candidate.episodes);
        let scores: Vec<CandidateScore> = candidates
            .iter()
            .map(|candidate| CandidateScore {
                episodes: candidate.episodes,
                score: candidate.score(),
                final_score: if candidate.final_scores.is_empty() {
                    f64::NAN
                } else {
                    candidate.final_score()
                },
                chosen: candidate.episodes == chosen.episodes,
            })
            .collect();
        self.folder.write_selection(&scores)?;
        Ok(chosen)
    }

    fn write_controller(&self, candidate: &Candidate) -> Result<Controller, TrainError> {
        let configuration = &self.configuration;
        let controller = Controller::new(
            candidate.policy.clone(),
            configuration.environment.control.clone(),
            configuration.optimizer,
            Provenance {
                task: self.task.name.clone(),
                agent: configuration.agent.name().to_owned(),
                reward: configuration.environment.reward.name().to_owned(),
                seed: configuration.seed,
                episodes: candidate.episodes,
                program_version: env!("CARGO_PKG_VERSION").to_owned(),
            },
        )?;
        controller.save(self.folder.file("controller.safetensors"))?;
        Ok(controller)
    }

    fn compare(&self, controller: Controller) -> Result<Comparison, TrainError> {
        let configuration = &self.configuration;
        let mut competitors = vec![Competitor::controller(controller)];
        // The list was checked with the configuration; the files that it names are read only now.
        competitors.extend(
            Competitor::load_list(&configuration.comparison.against).map_err(|error| {
                TrainError::State {
                    part: "the comparison",
                    message: error.to_string(),
                }
            })?,
        );
        let settings = CompareSettings {
            starts: configuration.comparison.starts,
            steps: configuration.comparison.steps,
            seed: configuration.seed,
            threshold: configuration.environment.threshold,
        };
        let progress = self.trials(COMPARING);
        compare(&self.task, &competitors, &settings, self.stop, &progress).map_err(|error| {
            match error {
                CompareError::Stopped => TrainError::Stopped,
                error => error.into(),
            }
        })
    }

    fn write_report(&self) -> Result<(), TrainError> {
        let run = RunReport::of(self.folder)?;
        let title = format!(
            "{}: a controller for {}",
            self.configuration.preset, self.configuration.task
        );
        Ok(self.folder.write_text(
            "report.html",
            &report::html(&Report {
                title,
                runs: vec![run],
            }),
        )?)
    }
}

/// The task that a configuration names.
///
/// # Errors
/// The name is unknown or its data are refused.
pub fn task_of(configuration: &Configuration) -> Result<Task, TrainError> {
    let data = Some(configuration.data.as_str())
        .filter(|data| !data.is_empty())
        .map(std::path::Path::new);
    Ok(Task::by_name(&configuration.task, data)?)
}
