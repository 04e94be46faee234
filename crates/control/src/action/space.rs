//! Decisions and their shape.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// The number of the chosen action, from 0.
    Discrete(usize),
    /// One number for each dimension, each in [−1, 1].
    Continuous(Vec<f32>),
}

/// The shape of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionSpace {
    /// That many actions to choose from.
    Discrete(usize),
    /// Numbers in [−1, 1].
    Continuous {
        /// How many of them.
        dimensions: usize,
    },
}

impl fmt::Display for ActionSpace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActionSpace::Discrete(count) => write!(formatter, "{count} discrete actions"),
            ActionSpace::Continuous { dimensions } => {
                write!(formatter, "continuous actions of {dimensions} dimensions")
            }
        }
    }
}

impl ActionSpace {
    /// The numbers that an action has: one for each dimension, and one for a discrete action.
    #[must_use]
    pub const fn dimensions(&self) -> usize {
        match self {
            ActionSpace::Discrete(_) => 1,
            ActionSpace::Continuous { dimensions } => *dimensions,
        }
    }

    /// Whether `action` is one of this space.
    #[must_use]
    pub fn contains(&self, action: &Action) -> bool {
        match (self, action) {
            (ActionSpace::Discrete(count), Action::Discrete(index)) => index < count,
            (ActionSpace::Continuous { dimensions }, Action::Continuous(values)) => {
                values.len() == *dimensions
                    && values.iter().all(|value| (-1.0..=1.0).contains(value))
            }
            _ => false,
        }
    }
}
