//! Why a stored state cannot be continued.

/// A stored state that does not belong to the loop or session that it was given to.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RestoreError {
    /// Another observation, or the same with other settings.
    #[error(
        "the stored control state was made with another observation: expected the one in the settings"
    )]
    Observation,
    /// With a safety net to a session without one, or the other way round.
    #[error("the stored session and this one are not both with or both without a safety net")]
    SafetyNet,
    /// η is outside the bounds.
    #[error(
        "the stored control state has learning rate {learning_rate}: expected one in [{lower}, {upper}]"
    )]
    LearningRate {
        /// The stored η.
        learning_rate: f32,
        /// The lower bound.
        lower: f32,
        /// The upper bound.
        upper: f32,
    },
}
