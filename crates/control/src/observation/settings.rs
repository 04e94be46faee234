//! Short ways to say which observation.

use std::sync::Arc;

use super::{
    CompactObservationSettings, Observation, ObservationSettings, PaperObservationSettings,
};
use crate::Own;

impl Default for ObservationSettings {
    fn default() -> Self {
        Self::paper()
    }
}

impl ObservationSettings {
    /// The paper's observation with default settings.
    #[must_use]
    pub fn paper() -> Self {
        PaperObservationSettings::default().into()
    }

    /// The compact observation with default settings.
    #[must_use]
    pub fn compact() -> Self {
        CompactObservationSettings::default().into()
    }
}

impl<O: Observation + 'static> From<O> for ObservationSettings {
    fn from(observation: O) -> Self {
        Self::Own(Own::new(
            observation.name().to_owned(),
            Arc::new(observation),
        ))
    }
}
