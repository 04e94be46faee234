//! Numbers drawn for a job, one after the other.

use descender_random::{ChaCha8Rng, below, normal_pair, unit};

/// A stream of random numbers, with the ways that jobs draw from it.
pub(crate) struct Draw {
    generator: ChaCha8Rng,
    second: Option<f64>,
}

impl Draw {
    pub(crate) fn new(generator: ChaCha8Rng) -> Self {
        Self {
            generator,
            second: None,
        }
    }

    /// A number from 0 to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        unit(&mut self.generator)
    }

    /// A whole number below `count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        below(&mut self.generator, count)
    }

    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }

    /// Evenly in the logarithm.
    pub(crate) fn log_between(&mut self, from: f64, to: f64) -> f64 {
        self.between(from.ln(), to.ln()).exp()
    }

    pub(crate) fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(second) = self.second.take() {
            return second;
        }
        let [first, second] = normal_pair(&mut self.generator);
        self.second = Some(second);
        first
    }

    /// `count` of the numbers below `of`, each once, in a random order.
    pub(crate) fn some_of(&mut self, count: usize, of: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..of).collect();
        let count = count.min(of);
        for place in 0..count {
            let other = place + self.below(of - place);
            numbers.swap(place, other);
        }
        numbers.truncate(count);
        numbers
    }
}
