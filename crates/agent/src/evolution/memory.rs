//! What the evolution strategy remembers, as a saved state carries it.

use std::collections::VecDeque;

use descender_random::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::distribution::Distribution;
use super::settings::EvolutionSettings;
use crate::AgentStateError;

/// First part of every saved state: the kind of agent and the version of the layout.
pub(super) const STATE_TAG: [u8; 8] = *b"evolv\0\0\x01";

/// Everything that a saved state carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    pub(super) tag: [u8; 8],
    pub(super) distribution: Distribution,
    pub(super) sampling: ChaCha8Rng,
    /// Number of the first generation of `generations`.
    pub(super) first: u64,
    /// Generations that have begun and are not complete.
    pub(super) generations: VecDeque<Generation>,
    /// For each environment.
    pub(super) seats: Vec<Option<Seat>>,
    pub(super) rejected_transitions: u64,
}

/// Policies that are compared with each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Generation {
    /// The points that were sampled so far.
    pub(super) points: Vec<Vec<f64>>,
    /// For each point the returns of its finished episodes; not finite for one that broke.
    pub(super) returns: Vec<Vec<f64>>,
}

/// An episode under way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Seat {
    pub(super) generation: u64,
    pub(super) policy: usize,
    /// Sum of the rewards so far, each times the probability that the return went on until it.
    pub(super) value: f64,
    /// Product of the continuations so far.
    pub(super) weight: f64,
}

impl Generation {
    pub(super) fn finished(&self) -> usize {
        self.returns.iter().map(Vec::len).sum()
    }
}

impl Memory {
    /// Checks that `self`, read from a saved state, can be a memory of an agent with these settings whose memory is
    /// `own`.
    pub(super) fn check_like(
        &self,
        own: &Self,
        settings: &EvolutionSettings,
    ) -> Result<(), AgentStateError> {
        AgentStateError::compare("number of environments", self.seats.len(), own.seats.len())?;
        let parameters = own.distribution.mean().len();
        AgentStateError::compare(
            "fit of the distribution",
            self.distribution.fits(parameters),
            true,
        )?;
        let (population, starts) = (settings.population, settings.starts);
        let generations = self.generations.iter().all(|generation| {
            generation.points.len() <= population
                && generation.points.len() == generation.returns.len()
                && generation
                    .points
                    .iter()
                    .all(|point| point.len() == parameters && point.iter().all(|x| x.is_finite()))
                && generation
                    .returns
                    .iter()
                    .all(|returns| returns.len() <= starts)
        });
        AgentStateError::compare("fit of the generations", generations, true)?;
        let seats = self.seats.iter().flatten().all(|seat| {
            let place = seat.generation.checked_sub(self.first);
            place
                .and_then(|place| self.generations.get(place as usize))
                .is_some_and(|generation| seat.policy < generation.points.len())
        });
        AgentStateError::compare("fit of the running episodes", seats, true)
    }
}
