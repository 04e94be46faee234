//! The schedule that multiplies the learning rate of anchored actions.

use serde::{Deserialize, Serialize};

/// What multiplies the learning rate, whatever is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseSchedule {
    /// 1 at every step.
    #[default]
    Constant,
    /// 1 − t/T, and 0 from T on.
    Linear,
    /// (1 + cos(π·t/T))/2, and 0 from T on.
    Cosine,
}

impl BaseSchedule {
    /// The factor at a share t/T of the descent.
    pub(super) fn at(self, share: f32) -> f32 {
        let share = share.clamp(0.0, 1.0);
        match self {
            Self::Constant => 1.0,
            Self::Linear => 1.0 - share,
            Self::Cosine => (1.0 + (std::f32::consts::PI * share).cos()) / 2.0,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Linear => "linear",
            Self::Cosine => "cosine",
        }
    }
}
