//! Uniform replay: the last experiences in a ring, and random batches of them.
//!
//! Storage is reserved once; neither storing nor sampling allocates. What is saved is only what is filled.

use descender_random::{ChaCha8Rng, below};
use serde::{Deserialize, Serialize};

use crate::{AgentError, AgentStateError};

/// What an agent that learns action values remembers: after `action` on `observation` came the rewards that sum to
/// `reward`, and then the value of `next_observation` counts `discount`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Experience<'a> {
    /// What was seen.
    pub observation: &'a [f32],
    /// The action's index.
    pub action: u32,
    /// Discounted sum of the rewards up to `next_observation`.
    pub reward: f32,
    /// What was seen then; any numbers, if `discount` is 0.
    pub next_observation: &'a [f32],
    /// γ^k, k steps lying between the two observations; 0 if the episode terminated between them.
    pub discount: f32,
}

/// Experiences side by side, as a learner takes them; filled by [`Replay::sample`].
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[size, observation length]`.
    pub observations: Vec<f32>,
    /// `[size, observation length]`.
    pub next_observations: Vec<f32>,
    /// `[size]`.
    pub actions: Vec<u32>,
    /// `[size]`.
    pub rewards: Vec<f32>,
    /// `[size]`.
    pub discounts: Vec<f32>,
}

impl Batch {
    /// A batch of `size` experiences, all zero.
    #[must_use]
    pub fn new(size: usize, observation_len: usize) -> Self {
        Self {
            observations: vec![0.0; size * observation_len],
            next_observations: vec![0.0; size * observation_len],
            actions: vec![0; size],
            rewards: vec![0.0; size],
            discounts: vec![0.0; size],
        }
    }

    /// Number of experiences.
    #[must_use]
    pub fn size(&self) -> usize {
        self.actions.len()
    }
}

/// A ring of the last `capacity` experiences.
#[derive(Debug)]
pub struct Replay {
    capacity: usize,
    observation_len: usize,
    contents: ReplayContents,
}

/// What a replay memory holds, as it is saved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReplayContents {
    /// Where the next experience goes, once the ring is full.
    next_slot: usize,
    /// Observation and next observation of each experience, side by side, so that one lies in one place.
    observations: Vec<f32>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    discounts: Vec<f32>,
}

impl ReplayContents {
    /// Number of experiences.
    pub(crate) fn len(&self) -> usize {
        self.actions.len()
    }
}

impl Replay {
    /// An empty memory for `capacity` experiences with observations of `observation_len` numbers.
    ///
    /// # Errors
    /// If there is no memory for so many.
    pub fn new(capacity: usize, observation_len: usize) -> Result<Self, AgentError> {
        let mut contents = ReplayContents::default();
        let no_memory = || AgentError::Memory {
            capacity,
            observation_len,
        };
        let floats = observation_len
            .checked_mul(2)
            .and_then(|row| row.checked_mul(capacity))
            .ok_or_else(no_memory)?;
        contents
            .observations
            .try_reserve_exact(floats)
            .and_then(|()| contents.actions.try_reserve_exact(capacity))
            .and_then(|()| contents.rewards.try_reserve_exact(capacity))
            .and_then(|()| contents.discounts.try_reserve_exact(capacity))
            .map_err(|_| no_memory())?;
        Ok(Self {
            capacity,
            observation_len,
            contents,
        })
    }

    /// Number of experiences in the memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.contents.actions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of experiences that it can hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The experience in `slot`, below [`Replay::len`]; slots are reused in the order they were filled.
    #[must_use]
    pub fn get(&self, slot: usize) -> Experience<'_> {
        let width = self.observation_len;
        let row = &self.contents.observations[slot * 2 * width..][..2 * width];
        Experience {
            observation: &row[..width],
            action: self.contents.actions[slot],
            reward: self.contents.rewards[slot],
            next_observation: &row[width..],
            discount: self.contents.discounts[slot],
        }
    }

    /// Stores an experience, in the place of the oldest if the memory is full, and gives back its slot.
    ///
    /// # Panics
    /// If an observation has another length than the memory was built for.
    pub fn push(&mut self, experience: Experience<'_>) -> usize {
        let width = self.observation_len;
        assert!(
            experience.observation.len() == width && experience.next_observation.len() == width,
            "observations of this replay memory have {width} numbers"
        );
        let contents = &mut self.contents;
        if contents.actions.len() < self.capacity {
            contents
                .observations
                .extend_from_slice(experience.observation);
            contents
                .observations
                .extend_from_slice(experience.next_observation);
            contents.actions.push(experience.action);
            contents.rewards.push(experience.reward);
            contents.discounts.push(experience.discount);
            return contents.actions.len() - 1;
        }
        let slot = contents.next_slot;
        let row = &mut contents.observations[slot * 2 * width..][..2 * width];
        row[..width].copy_from_slice(experience.observation);
        row[width..].copy_from_slice(experience.next_observation);
        contents.actions[slot] = experience.action;
        contents.rewards[slot] = experience.reward;
        contents.discounts[slot] = experience.discount;
        contents.next_slot = (slot + 1) % self.capacity;
        slot
    }

    /// Fills `batch` with experiences drawn uniformly, with replacement.
    ///
    /// # Panics
    /// If the memory is empty.
    pub fn sample(&self, generator: &mut ChaCha8Rng, batch: &mut Batch) {
        assert!(!self.is_empty(), "sampling from an empty replay memory");
        for place in 0..batch.size() {
            self.copy(below(generator, self.len()), batch, place);
        }
    }

    /// Copies the experience in `slot` to a place of `batch`.
    ///
    /// # Panics
    /// If there is no such slot or place.
    pub fn copy(&self, slot: usize, batch: &mut Batch, place: usize) {
        let width = self.observation_len;
        let experience = self.get(slot);
        let at = place * width..(place + 1) * width;
        batch.observations[at.clone()].copy_from_slice(experience.observation);
        batch.next_observations[at].copy_from_slice(experience.next_observation);
        batch.actions[place] = experience.action;
        batch.rewards[place] = experience.reward;
        batch.discounts[place] = experience.discount;
    }

    /// What it holds, to be saved.
    #[must_use]
    pub fn contents(&self) -> &ReplayContents {
        &self.contents
    }

    /// Checks that `contents` could have come from this memory, with actions below `actions`.
    ///
    /// # Errors
    /// Names the first thing that doesn't fit.
    pub fn check(&self, contents: &ReplayContents, actions: u32) -> Result<(), AgentStateError> {
        let len = contents.actions.len();
        let mismatch = |what, found: String, expected: String| AgentStateError::Mismatch {
            what,
            found,
            expected,
        };
        if len > self.capacity {
            return Err(mismatch(
                "number of experiences in the replay memory",
                len.to_string(),
                format!("at most {}", self.capacity),
            ));
        }
        AgentStateError::compare(
            "number of rewards in the replay memory",
            contents.rewards.len(),
            len,
        )?;
        AgentStateError::compare(
            "number of discounts in the replay memory",
            contents.discounts.len(),
            len,
        )?;
        AgentStateError::compare(
            "number of values observed in the replay memory",
            contents.observations.len(),
            2 * self.observation_len * len,
        )?;
        let slots = if len < self.capacity { 1 } else { len };
        if contents.next_slot >= slots {
            return Err(mismatch(
                "next slot of the replay memory",
                contents.next_slot.to_string(),
                format!("below {slots}"),
            ));
        }
        match contents.actions.iter().find(|&&action| action >= actions) {
            Some(action) => Err(mismatch(
                "action in the replay memory",
                action.to_string(),
                format!("below {actions}"),
            )),
            None => Ok(()),
        }
    }

    /// Replaces what it holds with `contents`, which must have passed [`Replay::check`].
    pub fn replace(&mut self, contents: &ReplayContents) {
        fn refill<T: Copy>(to: &mut Vec<T>, from: &[T]) {
            to.clear();
            to.extend_from_slice(from);
        }
        // Into the reserved storage, so that later experiences need no new one.
        refill(&mut self.contents.observations, &contents.observations);
        refill(&mut self.contents.actions, &contents.actions);
        refill(&mut self.contents.rewards, &contents.rewards);
        refill(&mut self.contents.discounts, &contents.discounts);
        self.contents.next_slot = contents.next_slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purpose;
    use descender_random::stream;

    fn experience(value: &[f32; 2], next: &[f32; 2], number: u32) -> (u32, [f32; 2], [f32; 2]) {
        (number, *value, *next)
    }

    fn filled(capacity: usize, count: u32) -> Replay {
        let mut replay = Replay::new(capacity, 2).unwrap();
        for number in 0..count {
            let n = number as f32;
            let (action, observation, next_observation) =
                experience(&[n, -n], &[n + 0.5, -n - 0.5], number);
            replay.push(Experience {
                observation: &observation,
                action,
                reward: 10.0 * n,
                next_observation: &next_observation,
                discount: 0.9,
            });
        }
        replay
    }

    #[test]
    fn a_full_ring_holds_the_newest_and_each_experience_stays_together() {
        let replay = filled(5, 12);
        assert_eq!(replay.len(), 5);
        let mut held: Vec<u32> = (0..5).map(|slot| replay.get(slot).action).collect();
        held.sort_unstable();
        assert_eq!(held, [7, 8, 9, 10, 11]);
        for slot in 0..5 {
            let experience = replay.get(slot);
            let n = experience.action as f32;
            assert_eq!(experience.observation, [n, -n]);
            assert_eq!(experience.next_observation, [n + 0.5, -n - 0.5]);
            assert_eq!(experience.reward, 10.0 * n);
        }
    }

    #[test]
    fn samples_are_uniform_over_what_is_filled() {
        // 40 slots, 64,000 draws: χ² with 39 degrees of freedom is below 73 with probability 0.999.
        let replay = filled(100, 40);
        let mut generator = stream(3, purpose::REPLAY, 0);
        let mut batch = Batch::new(64, 2);
        let mut counts = [0_u32; 40];
        for _ in 0..1_000 {
            replay.sample(&mut generator, &mut batch);
            for (index, &action) in batch.actions.iter().enumerate() {
                counts[action as usize] += 1;
                assert_eq!(batch.rewards[index], 10.0 * action as f32);
                assert_eq!(batch.observations[2 * index], action as f32);
                assert_eq!(
                    batch.next_observations[2 * index + 1],
                    -(action as f32) - 0.5
                );
            }
        }
        let expected = 64_000.0 / 40.0;
        let chi_squared: f64 = counts
            .iter()
            .map(|&count| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        assert!(chi_squared < 73.0, "χ² = {chi_squared}");
    }

    #[test]
    fn neither_storing_nor_restoring_moves_the_storage() {
        let mut replay = Replay::new(64, 2).unwrap();
        let storage = replay.contents.observations.as_ptr();
        let other = filled(64, 30);
        replay.replace(other.contents());
        for number in 0..100 {
            replay.push(other.get(number % 30));
        }
        assert_eq!(replay.contents.observations.as_ptr(), storage);
    }

    #[test]
    fn only_what_is_filled_is_saved_and_comes_back_whole() {
        for count in [0, 3, 8, 13] {
            let replay = filled(8, count);
            let bytes = postcard::to_stdvec(replay.contents()).unwrap();
            assert!(bytes.len() < 16 + 30 * replay.len());
            let contents: ReplayContents = postcard::from_bytes(&bytes).unwrap();
            let mut other = filled(8, 5);
            other.check(&contents, 13).unwrap();
            other.replace(&contents);
            assert_eq!(other.contents(), replay.contents());
        }
    }

    #[test]
    fn contents_of_another_memory_are_refused() {
        let refused = |replay: &Replay, contents: &ReplayContents, actions| {
            replay.check(contents, actions).unwrap_err().to_string()
        };
        let full = filled(8, 13);
        assert!(refused(&filled(4, 0), full.contents(), 13).contains("at most 4"));
        assert!(refused(&filled(9, 0), full.contents(), 13).contains("next slot"));
        assert!(
            refused(&filled(8, 0), full.contents(), 12).contains("12; this agent expects below 12")
        );
        let wider = Replay::new(8, 3).unwrap();
        assert!(refused(&wider, full.contents(), 13).contains("expects 48"));
    }

    #[test]
    fn a_memory_beyond_all_memory_is_an_error() {
        assert!(Replay::new(usize::MAX / 4, 8).is_err());
    }
}
