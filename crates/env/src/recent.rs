//! The last few losses of a descent, without an allocation per step.

use serde::{Deserialize, Serialize};

/// The last `capacity` values that were pushed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recent {
    capacity: usize,
    /// Where the next value goes once the window is full.
    next: usize,
    values: Vec<f32>,
}

impl Recent {
    /// An empty window of `capacity` values (at least one).
    pub(crate) fn new(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Self {
            capacity,
            next: 0,
            values: Vec::with_capacity(capacity),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.next = 0;
        self.values.clear();
    }

    pub(crate) fn push(&mut self, value: f32) {
        if self.values.len() < self.capacity {
            self.values.push(value);
        } else {
            self.values[self.next] = value;
            self.next = (self.next + 1) % self.capacity;
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.values.len() == self.capacity
    }

    /// Largest minus smallest value; 0 if there is none.
    pub(crate) fn range(&self) -> f32 {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for &value in &self.values {
            low = low.min(value);
            high = high.max(value);
        }
        if high >= low { high - low } else { 0.0 }
    }

    /// Mean of the values, summed from the oldest to the newest in double precision; `None` if there is none.
    pub(crate) fn mean(&self) -> Option<f64> {
        if self.values.is_empty() {
            return None;
        }
        let (newer, older) = self.values.split_at(self.next);
        let sum: f64 = older
            .iter()
            .chain(newer)
            .map(|&value| f64::from(value))
            .sum();
        Some(sum / self.values.len() as f64)
    }

    /// Whether a window that was read from a saved state is one that `new(capacity)` could have become.
    pub(crate) fn fits(&self, capacity: usize) -> bool {
        self.capacity == capacity.max(1)
            && self.values.len() <= self.capacity
            && self.next < self.capacity
            && (self.next == 0 || self.is_full())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_exactly_the_last_values() {
        let mut recent = Recent::new(3);
        assert_eq!(recent.mean(), None);
        assert_eq!(recent.range(), 0.0);
        for value in [9.0, 1.0, 2.0] {
            recent.push(value);
        }
        assert!(recent.is_full());
        assert_eq!(recent.range(), 8.0);
        recent.push(6.0);
        assert_eq!(recent.mean(), Some(3.0));
        assert_eq!(recent.range(), 5.0);
        recent.push(2.5);
        assert_eq!(recent.mean(), Some(3.5));
        assert!(recent.fits(3) && !recent.fits(4));
        recent.clear();
        assert!(!recent.is_full() && recent.fits(3));
    }
}
