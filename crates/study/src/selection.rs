//! Choice of the controller: candidate policies are scored on selection starts.
//!
//! The policy at the end of a training is a lottery, so a candidate is taken every so many episodes and scored on a
//! few selection starts; the best few are then scored again on further ones, and the best of these becomes the
//! controller. Selection starts are neither training starts nor reported ones. A candidate is judged as a controller
//! is used: greedy, and with η held inside its bounds.

use std::sync::atomic::{AtomicU64, Ordering};

use descender_control::Policy;
use descender_env::{EndReason, Environment, Stop};
use descender_task::{Problem, StartPoint, StartPurpose};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::configuration::{Configuration, Measure};
use crate::train::TrainError;
use descender_statistics::interquartile_mean;

/// A policy taken during training, with its scores; lower scores are better.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// Episodes that had ended when it was taken.
    pub episodes: u64,
    /// The policy.
    #[serde(with = "saved_policy")]
    pub policy: Policy,
    /// Score on each of the first selection starts.
    pub scores: Vec<f64>,
    /// Score on each of the further selection starts, for a finalist.
    pub final_scores: Vec<f64>,
}

impl Candidate {
    /// Interquartile mean of the scores on the first selection starts.
    #[must_use]
    pub fn score(&self) -> f64 {
        interquartile_mean(&self.scores)
    }

    /// Interquartile mean of the scores on the further selection starts, which had no part in making it a finalist;
    /// of the first ones, where there are no others.
    #[must_use]
    pub fn final_score(&self) -> f64 {
        match self.final_scores.as_slice() {
            [] => self.score(),
            scores => interquartile_mean(scores),
        }
    }
}

/// A policy in a checkpoint: its head, its network and its parameters.
mod saved_policy {
    use descender_control::{Policy, PolicyHead};
    use descender_nn::NetworkSpecification;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        policy: &Policy,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        (policy.head(), policy.specification(), policy.parameters()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Policy, D::Error> {
        let (head, specification, parameters) =
            <(PolicyHead, NetworkSpecification, Vec<f32>)>::deserialize(deserializer)?;
        Policy::with_head(head, specification, parameters).map_err(D::Error::custom)
    }
}

/// Scores policies on selection starts, all policies on the same ones.
pub struct Judge<'a> {
    /// Settings of the run.
    pub configuration: &'a Configuration,
    /// What is learned.
    pub problem: &'a dyn Problem,
    /// Asked between the trials.
    pub stop: &'a Stop,
}

impl Judge<'_> {
    /// For each policy, its score on each of the `starts`; `progress` is told (done, total) after each trial.
    ///
    /// # Errors
    /// [`TrainError::Stopped`] if a stop was asked for; otherwise the environment's.
    pub fn score(
        &self,
        policies: &[&Policy],
        starts: std::ops::Range<u64>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Vec<Vec<f64>>, TrainError> {
        let per_policy = (starts.end - starts.start) as usize;
        let trials: Vec<(usize, u64)> = (0..policies.len())
            .flat_map(|policy| starts.clone().map(move |start| (policy, start)))
            .collect();
        let done = AtomicU64::new(0);
        let scores: Vec<f64> = trials
            .par_iter()
            .with_max_len(1)
            .map(|&(policy, start)| {
                if self.stop.requested() {
                    return Err(TrainError::Stopped);
                }
                let score = self.trial(policies[policy], start)?;
                progress(
                    done.fetch_add(1, Ordering::Relaxed) + 1,
                    trials.len() as u64,
                );
                Ok(score)
            })
            .collect::<Result<_, TrainError>>()?;
        Ok(scores
            .chunks(per_policy.max(1))
            .map(<[f64]>::to_vec)
            .collect())
    }

    fn trial(&self, policy: &Policy, index: u64) -> Result<f64, TrainError> {
        let configuration = self.configuration;
        let descent = self.problem.descent(configuration.optimizer)?;
        let mut environment = Environment::new(
            descent,
            configuration.optimizer,
            configuration.evaluation_environment(),
        )?;
        let mut policy = policy.clone();
        environment.reset(StartPoint {
            purpose: StartPurpose::Selection,
            seed: configuration.seed,
            index,
        });
        loop {
            let action = policy.act(environment.observation());
            let outcome = environment.step(&action);
            if outcome.terminated || outcome.truncated {
                break;
            }
        }
        let summary = environment.summary();
        // A descent that was lost is worse than any that was not.
        let lost = summary.end == Some(EndReason::Diverged);
        let steps = configuration.environment.steps as f64;
        Ok(match configuration.selection.measure {
            Measure::FirstHit => summary.first_hit.map_or(steps, |step| step as f64),
            Measure::ExpectedHit => summary.expected_hit.unwrap_or(steps),
            Measure::FinalLoss if lost => f64::INFINITY,
            Measure::FinalLoss => summary.final_loss,
            Measure::Score => -summary.score,
        })
    }
}
