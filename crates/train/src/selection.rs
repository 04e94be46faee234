//! Choice of the controller: candidate policies are scored on selection starts.
//!
//! The quality of the policy at the end of a training varies by chance. So candidates are taken at regular intervals
//! and scored on a few selection starts. The best few are scored again on further starts, and the best of these becomes
//! the controller. Selection starts are neither training starts nor reported ones. A candidate is judged as a
//! controller is used: greedily, and with η kept inside its bounds.

use std::sync::atomic::{AtomicU64, Ordering};

use descender_control::Policy;
use descender_env::{EndReason, Environment, Stop};
use descender_task::{Problem, StartPoint, StartPurpose};
use rayon::prelude::*;

use crate::configuration::{Configuration, SelectionMeasure};
use crate::error::TrainError;

/// Scores policies on selection starts, all policies on the same ones.
pub struct Judge<'a> {
    /// Settings of the run.
    pub configuration: &'a Configuration,
    /// The problem to learn on.
    pub problem: &'a dyn Problem,
    /// Checked between trials.
    pub stop: &'a Stop,
}

impl Judge<'_> {
    /// For each policy, its score on each of the `starts`; `progress` is called with (done, total) after each trial.
    ///
    /// # Errors
    /// [`TrainError::Stopped`] if a stop was requested; otherwise the environment's error.
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
            SelectionMeasure::FirstHit => summary.first_hit.map_or(steps, |step| step as f64),
            SelectionMeasure::ExpectedHit => summary.expected_hit.unwrap_or(steps),
            SelectionMeasure::FinalLoss if lost => f64::INFINITY,
            SelectionMeasure::FinalLoss => summary.final_loss,
            SelectionMeasure::Score => -summary.score,
        })
    }
}
