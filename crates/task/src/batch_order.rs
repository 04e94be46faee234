//! The order in which a descent sees its training examples.
//!
//! At the start of each epoch all examples are shuffled (Fisher–Yates) and then served in full batches. What is
//! left over at the end of an epoch is dropped for that epoch: 8,000 examples make 250 batches of 32, and 8,010
//! would make 250 as well.
//!
//! Where states are carried from one example to the next, a batch is as many tracks instead, of equal length: example
//! after example in their own order, side by side. A descent begins at a place of the tracks that is drawn; at their end
//! all begin again. What doesn't fill the tracks is left out.

use descender_random::{ChaCha8Rng, below};
use serde::{Deserialize, Serialize};

use crate::StateError;

/// A reshuffled order for each epoch, served batch by batch. Nothing is allocated after [`BatchOrder::new`].
#[derive(Clone, Debug)]
pub(crate) struct BatchOrder {
    batch: usize,
    /// Whether the order is that of tracks.
    tracks: bool,
    /// Where the generator stood before the present epoch was shuffled; the order follows from it.
    epoch_start: ChaCha8Rng,
    generator: ChaCha8Rng,
    order: Vec<usize>,
    /// Examples of the present epoch that have been served.
    position: usize,
}

/// What an exact continuation of an order needs: the permutation is made anew from the generator.
#[derive(Serialize, Deserialize)]
pub(crate) struct BatchOrderState {
    epoch_start: ChaCha8Rng,
    position: u64,
}

impl BatchOrder {
    /// An order of `examples` examples in batches of `batch`, where 1 ≤ `batch` ≤ `examples`; in tracks or reshuffled.
    pub(crate) fn new(
        examples: usize,
        batch: usize,
        tracks: bool,
        generator: ChaCha8Rng,
    ) -> BatchOrder {
        let mut order = BatchOrder {
            batch,
            tracks,
            epoch_start: generator.clone(),
            generator,
            order: (0..examples).collect(),
            position: 0,
        };
        order.begin();
        order
    }

    /// Begins the first epoch under another generator.
    pub(crate) fn reset(&mut self, generator: ChaCha8Rng) {
        self.generator = generator;
        self.begin();
    }

    /// Whether the next batch begins an epoch.
    pub(crate) fn is_at_end(&self) -> bool {
        self.position + self.batch > self.order.len()
    }

    /// The examples of the next batch.
    pub(crate) fn next_batch(&mut self) -> &[usize] {
        if self.is_at_end() {
            self.begin_epoch();
        }
        let first = self.position;
        self.position += self.batch;
        &self.order[first..self.position]
    }

    pub(crate) fn save(&self) -> BatchOrderState {
        BatchOrderState {
            epoch_start: self.epoch_start.clone(),
            position: self.position as u64,
        }
    }

    /// Whether a saved state fits this number of examples and this batch size.
    pub(crate) fn check(&self, state: &BatchOrderState) -> Result<(), StateError> {
        let (examples, batch) = (self.order.len() as u64, self.batch as u64);
        if state.position > examples || !state.position.is_multiple_of(batch) {
            let expected = format!("a multiple of {batch} up to {examples}");
            return Err(StateError::mismatch(
                "position in the epoch",
                state.position,
                expected,
            ));
        }
        Ok(())
    }

    /// Continues where the state was saved; the state must have passed [`BatchOrder::check`].
    pub(crate) fn restore(&mut self, state: &BatchOrderState) {
        self.generator = state.epoch_start.clone();
        self.begin_epoch();
        self.position = (state.position as usize).min(self.order.len());
    }

    /// Begins the first epoch; that of tracks at a place that is drawn.
    fn begin(&mut self) {
        let first = match self.tracks {
            true => below(&mut self.generator, self.order.len() / self.batch),
            false => 0,
        };
        self.begin_epoch();
        self.position = first * self.batch;
    }

    /// Shuffles from the natural order, so that the order depends on nothing but the generator; or lays out the tracks.
    fn begin_epoch(&mut self) {
        self.epoch_start = self.generator.clone();
        self.position = 0;
        if self.tracks {
            let steps = self.order.len() / self.batch;
            for (number, slot) in self.order.iter_mut().enumerate() {
                *slot = number % self.batch * steps + number / self.batch;
            }
            return;
        }
        for (number, slot) in self.order.iter_mut().enumerate() {
            *slot = number;
        }
        for last in (1..self.order.len()).rev() {
            let chosen = below(&mut self.generator, last + 1);
            self.order.swap(last, chosen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StartPoint;

    fn order(examples: usize, batch: usize, index: u64) -> BatchOrder {
        order_of(examples, batch, false, index)
    }

    fn order_of(examples: usize, batch: usize, tracks: bool, index: u64) -> BatchOrder {
        let start = StartPoint {
            index,
            ..StartPoint::default()
        };
        BatchOrder::new(examples, batch, tracks, start.batch_generator())
    }

    #[test]
    fn tracks_go_through_the_examples_side_by_side_and_begin_again_together() {
        // Three tracks of five examples; two are left over.
        let mut order = order_of(17, 3, true, 1);
        let mut before = order.next_batch().to_vec();
        let mut seen = vec![before.clone()];
        for _ in 0..20 {
            let ends = order.is_at_end();
            let batch = order.next_batch().to_vec();
            let expected = match ends {
                true => vec![0, 5, 10],
                false => before.iter().map(|example| example + 1).collect(),
            };
            assert_eq!(batch, expected);
            assert_eq!(ends, before[0] == 4);
            before.clone_from(&batch);
            seen.push(batch);
        }
        let firsts: Vec<usize> = (0..30)
            .map(|index| order_of(17, 3, true, index).next_batch()[0])
            .collect();
        assert!((0..5).all(|first| firsts.contains(&first)), "{firsts:?}");
    }

    #[test]
    fn an_epoch_serves_each_example_once_in_full_batches_and_drops_the_rest() {
        let mut order = order(103, 10, 0);
        let mut last_epoch = Vec::new();
        for _ in 0..5 {
            let mut seen: Vec<usize> = (0..10).flat_map(|_| order.next_batch().to_vec()).collect();
            assert_ne!(seen, last_epoch, "each epoch has an order of its own");
            last_epoch.clone_from(&seen);
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), 100);
        }
    }

    #[test]
    fn the_same_start_gives_the_same_order_after_any_use_and_another_start_another() {
        let serve = |order: &mut BatchOrder| {
            (0..20)
                .flat_map(|_| order.next_batch().to_vec())
                .collect::<Vec<_>>()
        };
        let mut first = order(50, 7, 3);
        let expected = serve(&mut first);
        first.reset(
            StartPoint {
                index: 3,
                ..StartPoint::default()
            }
            .batch_generator(),
        );
        assert_eq!(serve(&mut first), expected);
        assert_ne!(serve(&mut order(50, 7, 4)), expected);
    }

    #[test]
    fn a_restored_order_goes_on_as_if_nothing_had_happened() {
        for (steps, tracks) in (0..15).flat_map(|steps| [(steps, false), (steps, true)]) {
            let mut original = order_of(50, 10, tracks, 1);
            (0..steps).for_each(|_| drop(original.next_batch().to_vec()));
            let state = original.save();
            let mut restored = order_of(50, 10, tracks, 9);
            restored.check(&state).unwrap();
            restored.restore(&state);
            for _ in 0..12 {
                assert_eq!(
                    restored.next_batch(),
                    original.next_batch(),
                    "after {steps} steps"
                );
            }
        }
    }

    /// All 24 orders of four examples come about equally often: χ² with 23 degrees of freedom stays below 49.7
    /// with probability 0.999 (the seed is fixed, so the test doesn't depend on luck).
    #[test]
    fn all_orders_are_equally_likely() {
        let epochs = 24_000;
        let mut counts = std::collections::BTreeMap::new();
        let mut order = order(4, 4, 0);
        for _ in 0..epochs {
            *counts.entry(order.next_batch().to_vec()).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        let expected = f64::from(epochs) / 24.0;
        let chi_squared: f64 = counts
            .values()
            .map(|&count| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        assert!(chi_squared < 49.7, "{chi_squared}");
    }
}
