//! How often an agent tries something else: ε-greedy with an ε that falls over the training.

use serde::{Deserialize, Serialize};

use crate::SettingsError;
use crate::error::impossible;

/// ε over a training: it falls linearly from `start` to `end` over the first `fraction` of the training, and stays.
///
/// ```
/// use descender_agent::Exploration;
/// let exploration = Exploration { start: 0.6, end: 0.1, fraction: 0.5 };
/// assert_eq!(exploration.epsilon(0.0), 0.6);
/// assert!((exploration.epsilon(0.25) - 0.35).abs() < 1e-12);
/// assert_eq!(exploration.epsilon(0.8), 0.1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Exploration {
    /// ε at the start of the training, in [0, 1].
    pub start: f64,
    /// ε from `fraction` of the training on, in [0, 1].
    pub end: f64,
    /// Part of the training over which ε falls, in [0, 1]; 0: `end` from the first step.
    pub fraction: f64,
}

impl Default for Exploration {
    /// ε = 0.1 throughout.
    fn default() -> Self {
        Self::constant(0.1)
    }
}

impl Exploration {
    /// The same ε throughout.
    #[must_use]
    pub const fn constant(epsilon: f64) -> Self {
        Self {
            start: epsilon,
            end: epsilon,
            fraction: 0.0,
        }
    }

    /// ε when `progress` (from 0 to 1) of the training is done. Values outside are taken as the nearest end, NaN
    /// as 0.
    #[must_use]
    pub fn epsilon(&self, progress: f64) -> f64 {
        let progress = if progress.is_nan() { 0.0 } else { progress };
        if progress >= self.fraction {
            return self.end;
        }
        self.start + (self.end - self.start) * (progress.max(0.0) / self.fraction)
    }

    /// Checks the three numbers.
    ///
    /// # Errors
    /// Names the first that is outside [0, 1].
    pub fn check(&self) -> Result<(), SettingsError> {
        for (name, value) in [
            ("exploration.start", self.start),
            ("exploration.end", self.end),
            ("exploration.fraction", self.fraction),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(impossible(name, value, "a number from 0 to 1"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epsilon_stays_between_its_ends_for_any_progress() {
        let exploration = Exploration {
            start: 0.6,
            end: 0.05,
            fraction: 0.3,
        };
        assert_eq!(exploration.epsilon(-1.0), 0.6);
        assert_eq!(exploration.epsilon(f64::NAN), 0.6);
        assert!((exploration.epsilon(0.15) - 0.325).abs() < 1e-12);
        for progress in [0.3, 1.0, 7.0, f64::INFINITY] {
            assert_eq!(exploration.epsilon(progress), 0.05);
        }
        assert_eq!(Exploration::constant(0.1).epsilon(0.0), 0.1);
    }
}
