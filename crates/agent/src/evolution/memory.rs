//! What the evolution strategy remembers, as a saved state carries it.

use std::collections::VecDeque;

use descender_random::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::distribution::Distribution;
use super::generation::Generation;
use super::settings::EvolutionSettings;
use crate::AgentStateError;
use crate::episode_return::EpisodeReturn;

/// First part of every saved state: the kind of agent and the version of the layout.
pub(super) const STATE_TAG: [u8; 8] = *b"evolv\0\0\x02";

/// Every so many generations the best points are reviewed.
const REVIEW_EVERY: u64 = 4;

/// The number of starts is doubled only if what is left of the budget holds so many of the larger generations.
const LEAST_GENERATIONS: u64 = 3;

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
    /// Number of the first episode after `generations`.
    pub(super) end: u64,
    /// Number of the first start after `generations`.
    pub(super) end_of_starts: u64,
    /// Starts of the next generation.
    pub(super) starts: usize,
    /// The best point of each generation since the last review.
    pub(super) bests: Vec<Vec<f64>>,
    /// The point that was clearly better than the mean in the last review, if there was one.
    pub(super) champion: Option<Vec<f64>>,
    /// Episodes that have ended.
    pub(super) ended: u64,
    /// Share of the training that is done.
    pub(super) progress: f64,
    /// For each environment.
    pub(super) seats: Vec<Option<Seat>>,
    pub(super) rejected_transitions: u64,
}

/// An episode under way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Seat {
    pub(super) generation: u64,
    pub(super) start: usize,
    pub(super) member: usize,
    pub(super) earned: EpisodeReturn,
}

impl Memory {
    /// The generation that begins next.
    pub(super) fn next_generation(&self, population: usize) -> Generation {
        let number = self.first + self.generations.len() as u64;
        let reviewed = if number > 0 && number.is_multiple_of(REVIEW_EVERY) {
            std::iter::once(self.distribution.mean().to_vec())
                .chain(self.champion.clone())
                .chain(self.bests.iter().cloned())
                .collect()
        } else {
            Vec::new()
        };
        Generation::new(
            self.end,
            self.end_of_starts,
            self.starts,
            population,
            reviewed,
        )
    }

    /// The number of the generation of an episode, which begins now if none has; `None` if the generation is complete.
    pub(super) fn generation_of(&mut self, episode: u64, population: usize) -> Option<u64> {
        while episode >= self.end {
            let generation = self.next_generation(population);
            (self.end, self.end_of_starts) = (generation.end(), generation.end_of_starts());
            if !generation.reviewed.is_empty() {
                self.bests.clear();
            }
            self.generations.push_back(generation);
        }
        let begun = |generation: &Generation| generation.first_episode <= episode;
        let place = self.generations.iter().rposition(begun)?;
        Some(self.first + place as u64)
    }

    pub(super) fn generation(&mut self, number: u64) -> &mut Generation {
        let place = (number - self.first) as usize;
        &mut self.generations[place]
    }

    /// Twice as many starts, if there may be as many and what is left of the budget holds a few generations of them.
    pub(super) fn double_starts(&mut self, settings: &EvolutionSettings) {
        let doubled = (2 * self.starts).min(settings.most_starts.max(self.starts));
        let least = LEAST_GENERATIONS as f64 * (settings.population * doubled) as f64;
        // Without a known budget there is always something left.
        let all = self.ended as f64 / self.progress;
        if all - self.end as f64 >= least || self.progress == 0.0 {
            self.starts = doubled;
        }
    }

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
        let starts = settings.starts..=settings.most_starts.max(settings.starts);
        let fit =
            |point: &Vec<f64>| point.len() == parameters && point.iter().all(|x| x.is_finite());
        let generations = self.generations.iter().all(|generation| {
            generation.population == settings.population
                && starts.contains(&generation.starts)
                && generation.returns.len() == generation.starts
                && generation
                    .returns
                    .iter()
                    .all(|row| row.len() == settings.population + generation.reviewed.len())
                && generation.points.len() <= settings.population
                && generation.points.len() == 2 * generation.directions.len()
                && (generation.points.iter())
                    .chain(&generation.directions)
                    .chain(&generation.reviewed)
                    .all(fit)
        });
        // Without a gap, so that every episode has its place.
        let rows = self.generations.iter().zip(self.generations.iter().skip(1));
        let whole = rows
            .map(|(one, next)| (one.end(), next.first_episode))
            .chain(self.generations.back().map(|last| (last.end(), self.end)))
            .all(|(end, begin)| end == begin);
        AgentStateError::compare("fit of the generations", generations && whole, true)?;
        let kept = self.bests.iter().chain(&self.champion).all(fit);
        let counters = starts.contains(&self.starts) && (0.0..=1.0).contains(&self.progress);
        AgentStateError::compare("fit of the best points", kept && counters, true)?;
        let seats = self.seats.iter().flatten().all(|seat| {
            let place = seat.generation.checked_sub(self.first);
            place
                .and_then(|place| self.generations.get(place as usize))
                .is_some_and(|generation| {
                    seat.start < generation.starts && generation.point(seat.member).is_some()
                })
        });
        AgentStateError::compare("fit of the running episodes", seats, true)
    }
}
