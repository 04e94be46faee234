//! Recorded learning rates, played again. They come from a recording, not from settings.

use serde::{Deserialize, Serialize};

use crate::curve::{CurveState, Time};

/// One η a step; after the last step the last η, and 0 if there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Replay {
    pub(crate) learning_rates: Vec<f32>,
}

impl CurveState for Replay {
    fn share(&self, time: Time) -> f64 {
        let index = usize::try_from(time.step)
            .unwrap_or(usize::MAX)
            .min(self.learning_rates.len().saturating_sub(1));
        f64::from(self.learning_rates.get(index).copied().unwrap_or(0.0))
    }
}
