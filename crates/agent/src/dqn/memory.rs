//! The replay memory of a Deep Q-Network, uniform or prioritized.

use descender_random::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::settings::DqnSettings;
use crate::prioritized_replay::{Drawn, Priorities, SavedPriorities};
use crate::replay::{Batch, Experience, Replay, ReplayContents};
use crate::{AgentError, AgentStateError};

/// Experiences, their priorities if they have any, and the batch that was sampled last.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) replay: Replay,
    pub(crate) batch: Batch,
    prioritized: Option<Prioritized>,
}

/// What prioritized replay has beside the experiences.
#[derive(Debug)]
struct Prioritized {
    priorities: Priorities,
    drawn: Drawn,
    /// β at the start of the training.
    importance_exponent: f64,
}

/// The memory as it is saved; borrowed from the agent where it is written.
#[derive(Serialize)]
pub(crate) struct MemoryView<'a> {
    replay: &'a ReplayContents,
    priorities: Option<SavedPriorities>,
}

/// The memory as it is read: field for field a [`MemoryView`].
#[derive(Deserialize)]
pub(crate) struct SavedMemory {
    replay: ReplayContents,
    priorities: Option<SavedPriorities>,
}

impl Memory {
    /// An empty memory.
    pub(crate) fn new(settings: &DqnSettings, observation_len: usize) -> Result<Self, AgentError> {
        Ok(Self {
            replay: Replay::new(settings.replay_capacity, observation_len)?,
            batch: Batch::new(settings.batch_size, observation_len),
            prioritized: settings.is_prioritized().then(|| Prioritized {
                priorities: Priorities::new(settings.replay_capacity, settings.priority_exponent),
                drawn: Drawn::new(settings.batch_size),
                importance_exponent: settings.importance_exponent,
            }),
        })
    }

    /// Stores an experience.
    pub(crate) fn push(&mut self, experience: Experience<'_>) {
        let slot = self.replay.push(experience);
        if let Some(prioritized) = &mut self.prioritized {
            prioritized.priorities.stored(slot);
        }
    }

    /// Fills the batch when `progress` of the training is done.
    pub(crate) fn sample(&mut self, generator: &mut ChaCha8Rng, progress: f64) {
        let Some(prioritized) = &mut self.prioritized else {
            self.replay.sample(generator, &mut self.batch);
            return;
        };
        let exponent = prioritized.importance_exponent_at(progress);
        let drawn = &mut prioritized.drawn;
        prioritized.priorities.draw(generator, exponent, drawn);
        for (place, &slot) in drawn.slots.iter().enumerate() {
            self.replay.copy(slot, &mut self.batch, place);
        }
    }

    /// How much the loss of each experience of the batch counts; all the same if there are none.
    pub(crate) fn weights(&self) -> Option<&[f32]> {
        let prioritized = self.prioritized.as_ref();
        prioritized.map(|prioritized| prioritized.drawn.weights.as_slice())
    }

    /// Takes the errors that an update found for the batch as priorities.
    pub(crate) fn learned(&mut self, errors: &[f32]) {
        if let Some(prioritized) = &mut self.prioritized {
            for (&slot, &error) in prioritized.drawn.slots.iter().zip(errors) {
                prioritized.priorities.learned(slot, error.into());
            }
        }
    }

    /// Mean of p^α, and β at `progress`, if experiences have priorities.
    pub(crate) fn figures(&self, progress: f64) -> Option<(f64, f64)> {
        let prioritized = self.prioritized.as_ref()?;
        let exponent = prioritized.importance_exponent_at(progress);
        Some((prioritized.priorities.mean(), exponent))
    }

    /// What is saved.
    pub(crate) fn saved(&self) -> MemoryView<'_> {
        MemoryView {
            replay: self.replay.contents(),
            priorities: (self.prioritized.as_ref()).map(|own| own.priorities.saved()),
        }
    }

    /// The priorities of a saved memory, if all of it fits this one; for [`Memory::replace`].
    pub(crate) fn check(
        &self,
        saved: &SavedMemory,
        actions: u32,
    ) -> Result<Option<Priorities>, AgentStateError> {
        self.replay.check(&saved.replay, actions)?;
        AgentStateError::compare(
            "prioritized replay",
            saved.priorities.is_some(),
            self.prioritized.is_some(),
        )?;
        match (&self.prioritized, &saved.priorities) {
            (Some(own), Some(saved_priorities)) => own
                .priorities
                .restored(saved_priorities, saved.replay.len())
                .map(Some),
            _ => Ok(None),
        }
    }

    /// Replaces what it holds by a saved memory that has passed [`Memory::check`], which gave the priorities.
    pub(crate) fn replace(&mut self, saved: &SavedMemory, priorities: Option<Priorities>) {
        self.replay.replace(&saved.replay);
        if let (Some(own), Some(priorities)) = (&mut self.prioritized, priorities) {
            own.priorities = priorities;
        }
    }
}

impl Prioritized {
    /// β on its straight line to 1 at the end of the training.
    fn importance_exponent_at(&self, progress: f64) -> f64 {
        self.importance_exponent + (1.0 - self.importance_exponent) * progress
    }
}
