//! Prioritized replay: experiences that surprise are learned from more often.
//!
//! With δ_i the error that the last update found for experience i, and N experiences in the memory:
//!
//! ```text
//! p_i = |δ_i| + ε                            priority (proportional variant, section 3.3)
//! P(i) = p_i^α / Σ_k p_k^α                   probability of a draw (equation 1)
//! w_i = (N · P(i))^−β / max_j w_j            importance weight of its loss (section 3.4; j over the batch)
//! ```
//!
//! A new experience gets the highest priority so far, so that each is likely to be seen at least once. A batch of k takes one
//! from each of k equal parts of the line of all p^α (appendix B.2.1), which is that distribution with less variance.
//! Source: T. Schaul, J. Quan, I. Antonoglou, D. Silver, "Prioritized Experience Replay", 2016, Algorithm 1.
//!
//! The experiences themselves lie in a [`Replay`](crate::replay::Replay); here are the priorities of its slots.

use descender_random::{ChaCha8Rng, unit};
use serde::{Deserialize, Serialize};

use crate::AgentStateError;
use crate::sum_tree::SumTree;

/// ε: no experience is forgotten for good.
const LEAST_PRIORITY: f64 = 1e-6;

/// The highest priority, far beyond any useful error: sums of as many stay finite.
const MOST_PRIORITY: f64 = 1e100;

/// The priorities of the slots of a replay memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Priorities {
    capacity: usize,
    /// Slots that are filled.
    len: usize,
    exponent: f64,
    /// The highest p so far.
    highest: f64,
    /// p^α of each slot.
    tree: SumTree,
}

/// Priorities as they are saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedPriorities {
    exponent: f64,
    highest: f64,
    /// p^α of each filled slot.
    powers: Vec<f64>,
}

/// What was drawn: slots, and how much the loss of each counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// The slots.
    pub slots: Vec<usize>,
    /// w, the largest of them 1.
    pub weights: Vec<f32>,
}

impl Drawn {
    /// Room for a batch of `size`.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self {
            slots: vec![0; size],
            weights: vec![1.0; size],
        }
    }
}

impl Priorities {
    /// For a memory of `capacity` experiences, with exponent α; 0 would draw uniformly.
    #[must_use]
    pub fn new(capacity: usize, exponent: f64) -> Self {
        Self {
            capacity,
            len: 0,
            exponent,
            highest: 1.0,
            tree: SumTree::new(capacity),
        }
    }

    /// Tells that a new experience is in `slot`: it has the highest priority so far.
    pub fn stored(&mut self, slot: usize) {
        self.len = self.len.max(slot + 1);
        self.tree.set(slot, self.highest.powf(self.exponent));
    }

    /// Tells the error that an update found for the experience in `slot`. One that is not a number changes nothing.
    pub fn learned(&mut self, slot: usize, error: f64) {
        if error.is_nan() {
            return;
        }
        let priority = (error.abs() + LEAST_PRIORITY).min(MOST_PRIORITY);
        self.highest = self.highest.max(priority);
        self.tree.set(slot, priority.powf(self.exponent));
    }

    /// Draws a slot for each place of `drawn`, with their importance weights for exponent β.
    ///
    /// # Panics
    /// If no slot is filled.
    pub fn draw(&self, generator: &mut ChaCha8Rng, importance_exponent: f64, drawn: &mut Drawn) {
        assert!(self.len > 0, "sampling from an empty replay memory");
        let part = self.tree.total() / drawn.slots.len() as f64;
        let mut least = f64::INFINITY;
        for (place, slot) in drawn.slots.iter_mut().enumerate() {
            let mass = part * (place as f64 + unit(generator));
            *slot = self.tree.find(mass);
            least = least.min(self.tree.get(*slot));
        }
        // (N P(i))^−β / max_j (N P(j))^−β = (min_j p_j^α / p_i^α)^β.
        for (weight, &slot) in drawn.weights.iter_mut().zip(&drawn.slots) {
            *weight = (least / self.tree.get(slot)).powf(importance_exponent) as f32;
        }
    }

    /// Mean of p^α over the memory; NaN if that is empty.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.tree.total() / self.len as f64
    }

    /// What is saved.
    #[must_use]
    pub fn saved(&self) -> SavedPriorities {
        SavedPriorities {
            exponent: self.exponent,
            highest: self.highest,
            powers: (0..self.len).map(|slot| self.tree.get(slot)).collect(),
        }
    }

    /// The priorities in a saved state, if they fit a memory like this one that holds `len` experiences.
    ///
    /// # Errors
    /// Names what doesn't fit.
    pub fn restored(&self, saved: &SavedPriorities, len: usize) -> Result<Self, AgentStateError> {
        AgentStateError::compare("number of priorities", saved.powers.len(), len)?;
        AgentStateError::compare("exponent of the priorities", saved.exponent, self.exponent)?;
        let (lowest, most) = (
            LEAST_PRIORITY.powf(self.exponent),
            MOST_PRIORITY.powf(self.exponent),
        );
        let fits = (1.0..=MOST_PRIORITY).contains(&saved.highest)
            && (saved.powers.iter()).all(|power| (lowest..=most).contains(power));
        AgentStateError::compare("consistency of the priorities", fits, true)?;
        let mut priorities = Self::new(self.capacity, self.exponent);
        priorities.len = len;
        priorities.highest = saved.highest;
        for (slot, &power) in saved.powers.iter().enumerate() {
            priorities.tree.set(slot, power);
        }
        Ok(priorities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purpose;
    use descender_random::stream;

    /// Priorities (4, 1, 9, 2) with α = 1/2, but for ε.
    fn priorities() -> Priorities {
        let mut priorities = Priorities::new(10, 0.5);
        for (slot, error) in [4.0, -1.0, 9.0, 2.0].into_iter().enumerate() {
            priorities.stored(slot);
            priorities.learned(slot, error);
        }
        priorities
    }

    #[test]
    fn slots_are_drawn_in_proportion_to_the_power_of_their_priorities() {
        // 128,000 draws: χ² with 3 degrees of freedom is below 16.3 with probability 0.999.
        let priorities = priorities();
        let mut generator = stream(1, purpose::REPLAY, 0);
        let mut drawn = Drawn::new(32);
        let mut counts = [0.0; 4];
        for _ in 0..4_000 {
            priorities.draw(&mut generator, 0.4, &mut drawn);
            for &slot in &drawn.slots {
                counts[slot] += 1.0;
            }
        }
        let total = 2.0 + 1.0 + 3.0 + 2.0_f64.sqrt();
        let chi_squared: f64 = (counts.iter().zip([2.0, 1.0, 3.0, 2.0_f64.sqrt()]))
            .map(|(count, power)| {
                let expected = 128_000.0 * power / total;
                (count - expected) * (count - expected) / expected
            })
            .sum();
        assert!(chi_squared < 16.3, "χ² = {chi_squared}");
    }

    #[test]
    fn weights_are_those_of_the_formula() {
        let priorities = priorities();
        let mut drawn = Drawn::new(64);
        for beta in [0.0, 0.4, 1.0] {
            priorities.draw(&mut stream(2, purpose::REPLAY, 0), beta, &mut drawn);
            let total = 2.0 + 1.0 + 3.0 + 2.0_f64.sqrt();
            // (N P)^−β by hand; slot 1, the rarest, has the largest, and is in the batch.
            let weight = |power: f64| (4.0 * power / total).powf(-beta);
            assert!(drawn.slots.contains(&1));
            for (&slot, &found) in drawn.slots.iter().zip(&drawn.weights) {
                let expected = weight([2.0, 1.0, 3.0, 2.0_f64.sqrt()][slot]) / weight(1.0);
                assert!((f64::from(found) - expected).abs() < 1e-5);
            }
        }
        // β = 1: 1/2, 1, 1/3 and 1/√2.
        for (&slot, &found) in drawn.slots.iter().zip(&drawn.weights) {
            let expected = [0.5, 1.0, 1.0 / 3.0, std::f32::consts::FRAC_1_SQRT_2][slot];
            assert!((found - expected).abs() < 1e-5);
        }
    }

    #[test]
    fn a_new_experience_has_the_highest_priority_so_far() {
        let mut priorities = priorities();
        priorities.stored(4);
        assert!((priorities.tree.get(4) - 3.0).abs() < 1e-6);
        priorities.learned(2, 0.0);
        priorities.stored(1);
        assert!((priorities.tree.get(1) - 3.0).abs() < 1e-6);
        // An error of nothing keeps a small chance; one that is no number changes nothing.
        assert!((priorities.tree.get(2) - 1e-3).abs() < 1e-9);
        let before = priorities.clone();
        priorities.learned(2, f64::NAN);
        assert_eq!(priorities, before);
        priorities.learned(2, f64::INFINITY);
        assert!(priorities.tree.total().is_finite());
        // At first it is 1.
        let mut fresh = Priorities::new(3, 0.7);
        fresh.stored(0);
        assert_eq!((fresh.mean(), fresh.tree.get(0)), (1.0, 1.0));
    }

    #[test]
    fn saved_priorities_come_back_and_others_are_refused() {
        let priorities = priorities();
        let fresh = Priorities::new(10, 0.5);
        assert_eq!(fresh.restored(&priorities.saved(), 4).unwrap(), priorities);
        let refused = |fresh: &Priorities, saved: &SavedPriorities, len| {
            fresh.restored(saved, len).unwrap_err().to_string()
        };
        let saved = priorities.saved();
        assert!(refused(&fresh, &saved, 5).contains("number of priorities is 4"));
        assert!(refused(&Priorities::new(10, 0.6), &saved, 4).contains("exponent"));
        let mut broken = saved.clone();
        broken.powers[0] = f64::NAN;
        assert!(refused(&fresh, &broken, 4).contains("consistency"));
        let low = SavedPriorities {
            highest: 0.0,
            ..saved
        };
        assert!(refused(&fresh, &low, 4).contains("consistency"));
    }
}
