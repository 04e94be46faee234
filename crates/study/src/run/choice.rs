//! The choice of the controller among the candidates of a training.

use descender_control::{Controller, Provenance};

use descender_record::Phase;

use super::Run;
use super::error::RunError;
use descender_train::CandidateScore;
use descender_train::Trainer;
use descender_train::selection::Judge;
use descender_train::{Candidate, TrainError};

impl Run<'_> {
    pub(super) fn judge(&self) -> Judge<'_> {
        Judge {
            configuration: &self.configuration,
            problem: &self.problem,
            stop: self.stop,
        }
    }

    pub(super) fn choose(&self, trainer: &Trainer) -> Result<Candidate, RunError> {
        let selection = &self.configuration.selection;
        let candidates = &trainer.progress().candidates;
        let mut candidates: Vec<Candidate> = (candidates.ranking().into_iter())
            .map(|place| candidates.kept()[place].clone())
            .collect();
        // Those that can't be used are the last.
        let usable = (candidates.iter())
            .filter(|candidate| candidate.is_usable())
            .count();
        if usable == 0 {
            return Err(TrainError::LearnerDiverged.into());
        }
        let finalists = &mut candidates[..selection.finalists.min(usable)];
        if finalists.len() > 1 {
            let policies: Vec<_> = finalists.iter().map(|finalist| &finalist.policy).collect();
            let starts = selection.starts..selection.starts + selection.final_starts;
            let scores = self
                .judge()
                .score(&policies, starts, &self.trials(Phase::Choosing))?;
            for (finalist, scores) in finalists.iter_mut().zip(scores) {
                finalist.final_scores = scores;
            }
        }
        let chosen = finalists
            .iter()
            .min_by(|a, b| a.final_score().total_cmp(&b.final_score()))
            .ok_or(RunError::NoCandidate)?
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

    pub(super) fn write_controller(&self, candidate: &Candidate) -> Result<Controller, RunError> {
        let configuration = &self.configuration;
        let controller = Controller::new(
            candidate.policy.clone(),
            configuration.environment.control.clone(),
            configuration.optimizer,
            Provenance {
                task: self.problem.name().to_owned(),
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
}
