//! Reusable buffers, so that a step allocates nothing.

/// As many states as the net can hold at once: the start, the good one, the candidate, and the next candidate.
const STATES: usize = 4;

/// Empty buffers for states of the observation.
#[derive(Clone, Debug)]
pub(super) struct Buffers(Vec<Vec<u8>>);

impl Buffers {
    /// Buffers for states that begin with a length of `length` bytes and may grow to about twice that.
    pub(super) fn new(length: usize) -> Self {
        let buffer = || Vec::with_capacity(2 * length + 32);
        Buffers((0..STATES).map(|_| buffer()).collect())
    }

    /// An empty buffer.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.0.pop().unwrap_or_default()
    }

    /// Returns a buffer that is no longer needed.
    pub(super) fn give_back(&mut self, mut buffer: Vec<u8>) {
        if self.0.len() < STATES {
            buffer.clear();
            self.0.push(buffer);
        }
    }
}
