//! A moving average that begins at its first value, so that nothing has to be corrected for the start.

use serde::{Deserialize, Serialize};

/// s_t = β·s_{t−1} + (1−β)·x_t, s_0 = x_0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Smoothed {
    value: Option<f64>,
}

impl Smoothed {
    /// Takes in the next value under β = `smoothing`; returns the average with it.
    pub(crate) fn push(&mut self, smoothing: f64, next: f64) -> f64 {
        let average = match self.value {
            Some(before) => smoothing * before + (1.0 - smoothing) * next,
            None => next,
        };
        self.value = Some(average);
        average
    }

    /// The average; `None` before the first value.
    pub(crate) fn value(&self) -> Option<f64> {
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_at_the_first_value_and_forgets_it_by_beta() {
        let mut smoothed = Smoothed::default();
        assert_eq!(smoothed.value(), None);
        assert_eq!(smoothed.push(0.75, 8.0), 8.0);
        assert_eq!(smoothed.push(0.75, 4.0), 7.0);
        assert_eq!(smoothed.push(0.0, 1.0), 1.0);
        assert_eq!(smoothed.value(), Some(1.0));
    }
}
