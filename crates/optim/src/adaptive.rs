//! The methods whose step needs more than P and Q: sums over all parameters, the start, or an average of the iterates.
//!
//! Each has its settings and its state in one struct and its file here; formulas and sources stand at the settings
//! ([`crate::ScheduleFreeSgd`] and the others). A step is at most two passes: one that gathers sums and updates the
//! moments, and the common one that updates the parameters and gathers the statistics.

use serde::{Deserialize, Serialize};

use crate::pass::pass;
use crate::{HyperParameters, StepStatistics};

mod d_adaptation;
mod dog;
mod gather;
mod hypergradient;
mod prodigy;
mod schedule_free;

pub(crate) use d_adaptation::{DadaptAdamState, DadaptSgdState};
pub(crate) use dog::DogState;
pub(crate) use hypergradient::{AdamHdState, SgdHdState};
pub(crate) use prodigy::ProdigyState;
pub(crate) use schedule_free::ScheduleFreeState;

/// What a step knows beside parameters and gradient.
pub(crate) struct Now<'a> {
    pub(crate) mu: &'a HyperParameters,
    /// Number of the step, from 1.
    pub(crate) step: u64,
    /// Sum of the weights of all gradients in Q, 1 − β₁^t.
    pub(crate) first_weight: f64,
    /// Sum of the weights of all squared gradients in P, 1 − β₂^t.
    pub(crate) second_weight: f64,
}

/// The state of a method that keeps more than moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Adaptive {
    ScheduleFree(ScheduleFreeState),
    Prodigy(ProdigyState),
    DadaptSgd(DadaptSgdState),
    DadaptAdam(DadaptAdamState),
    Dog(DogState),
    SgdHd(SgdHdState),
    AdamHd(AdamHdState),
}

/// What every such state can do.
trait State {
    /// As before the first step; memory is kept.
    fn reset(&mut self);

    /// Every slice that is either empty or as long as the parameters.
    fn memory(&self) -> Vec<&[f32]>;

    /// The average that stands for the parameters in evaluations (empty before the first step).
    fn average(&self) -> Option<&[f32]> {
        None
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics;
}

impl Adaptive {
    fn state(&self) -> &dyn State {
        match self {
            Adaptive::ScheduleFree(state) => state,
            Adaptive::Prodigy(state) => state,
            Adaptive::DadaptSgd(state) => state,
            Adaptive::DadaptAdam(state) => state,
            Adaptive::Dog(state) => state,
            Adaptive::SgdHd(state) => state,
            Adaptive::AdamHd(state) => state,
        }
    }

    fn state_mut(&mut self) -> &mut dyn State {
        match self {
            Adaptive::ScheduleFree(state) => state,
            Adaptive::Prodigy(state) => state,
            Adaptive::DadaptSgd(state) => state,
            Adaptive::DadaptAdam(state) => state,
            Adaptive::Dog(state) => state,
            Adaptive::SgdHd(state) => state,
            Adaptive::AdamHd(state) => state,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.state_mut().reset();
    }

    pub(crate) fn average(&self) -> Option<&[f32]> {
        self.state().average()
    }

    pub(crate) fn step(
        &mut self,
        now: &Now,
        parameters: &mut [f32],
        gradient: &[f32],
    ) -> StepStatistics {
        self.state_mut().step(now, parameters, gradient)
    }

    /// The length of a slice that doesn't fit so many parameters, if there is one: all are to be empty, or all full.
    pub(crate) fn misfit(&self, parameters: usize) -> Option<usize> {
        let lengths = || self.state().memory().into_iter().map(<[f32]>::len);
        let expected = if lengths().all(|length| length == 0) {
            0
        } else {
            parameters
        };
        lengths().find(|&length| length != expected)
    }
}

/// The statistics of a step that changes nothing.
fn unchanged(parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
    pass(parameters, gradient, [], |theta, _, _| theta)
}

/// Copies the parameters into a memory that is empty yet.
fn keep(memory: &mut Vec<f32>, parameters: &[f32]) {
    if memory.is_empty() {
        memory.extend_from_slice(parameters);
    }
}

/// The larger of an estimate and its successor, which may grow by a factor of at most `limit` (0: by any).
///
/// An estimate that isn't a number changes nothing.
fn grown(estimate: f64, successor: f64, limit: f64) -> f64 {
    let successor = if limit > 0.0 && successor > estimate * limit {
        estimate * limit
    } else {
        successor
    };
    if successor > estimate {
        successor
    } else {
        estimate
    }
}
