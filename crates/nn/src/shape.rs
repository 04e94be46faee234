//! The shape of one example's activation, and how large a network may be.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The largest number of values of one activation, and of parameters of one network.
pub(crate) const LIMIT: usize = 1 << 28;

/// Shape of one example's activation: rows × columns × channels, channels last in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels; neighbours in memory.
    pub channels: usize,
}

impl Shape {
    /// A flat vector of `count` values: 1 × 1 × `count`.
    #[must_use]
    pub fn flat(count: usize) -> Self {
        Self {
            height: 1,
            width: 1,
            channels: count,
        }
    }

    /// Number of values.
    #[must_use]
    pub fn count(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Number of values, or `None` above the limit of this crate.
    pub(crate) fn checked_count(&self) -> Option<usize> {
        let count = self
            .height
            .checked_mul(self.width)?
            .checked_mul(self.channels)?;
        (count <= LIMIT).then_some(count)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} × {} × {}",
            self.height, self.width, self.channels
        )
    }
}
