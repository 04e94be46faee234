//! What a controller of a task is wanted for.

use serde::{Deserialize, Serialize};

/// What a controller of the task is wanted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Goal {
    /// A low validation loss at the end of the budget.
    #[default]
    ValidationLoss,
    /// A batch loss at or below this threshold, soon.
    FirstHit(f32),
}
