//! The settings of a comparison.

/// Settings of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompareSettings {
    /// Number of start points. They are determined by `seed` alone.
    pub starts: u64,
    /// Steps of each descent.
    pub steps: u64,
    /// Seed of the start points and of the bootstrap.
    pub seed: u64,
    /// A batch loss at or below this is a hit.
    pub threshold: f32,
}
