//! The bounds between which η is held.

use serde::{Deserialize, Serialize};

use crate::SettingsError;

/// Bounds on the learning rate η, both included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bounds {
    /// Lowest η, above 0. Default 0.001 (the paper).
    pub lower: f32,
    /// Highest η, not below `lower`. Default 0.5 (the paper).
    pub upper: f32,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            lower: 0.001,
            upper: 0.5,
        }
    }
}

/// Where a learning rate lies with regard to the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// Inside, or exactly on a bound.
    Inside,
    /// Below the lower bound, or not a number.
    Below,
    /// Above the upper bound.
    Above,
}

impl Placement {
    /// Whether η is inside the bounds.
    #[must_use]
    pub fn is_inside(self) -> bool {
        self == Placement::Inside
    }
}

impl Bounds {
    /// Checks that 0 < lower ≤ upper < ∞.
    ///
    /// # Errors
    /// Names the bound that cannot be used.
    pub fn check(&self) -> Result<(), SettingsError> {
        if !(self.lower.is_finite() && self.lower > 0.0) {
            return Err(SettingsError::field(
                "lower",
                self.lower,
                "a finite learning rate above 0",
            ));
        }
        if !(self.upper.is_finite() && self.upper >= self.lower) {
            return Err(SettingsError::field(
                "upper",
                self.upper,
                "a finite learning rate not below bounds.lower",
            ));
        }
        Ok(())
    }

    /// Where `learning_rate` lies.
    #[must_use]
    pub fn place(&self, learning_rate: f32) -> Placement {
        if learning_rate > self.upper {
            Placement::Above
        } else if learning_rate >= self.lower {
            Placement::Inside
        } else {
            Placement::Below
        }
    }

    /// Whether `learning_rate` is inside the bounds. Not a number is outside.
    #[must_use]
    pub fn contains(&self, learning_rate: f32) -> bool {
        self.place(learning_rate).is_inside()
    }

    /// The nearest learning rate inside the bounds; the lower bound for what is not a number.
    #[must_use]
    pub fn clip(&self, learning_rate: f32) -> f32 {
        match self.place(learning_rate) {
            Placement::Inside => learning_rate,
            Placement::Below => self.lower,
            Placement::Above => self.upper,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_clips_every_kind_of_number() {
        let bounds = Bounds {
            lower: 0.001,
            upper: 0.5,
        };
        for (learning_rate, placement, clipped) in [
            (0.001, Placement::Inside, 0.001),
            (0.5, Placement::Inside, 0.5),
            (0.1, Placement::Inside, 0.1),
            (0.000_999, Placement::Below, 0.001),
            (0.500_001, Placement::Above, 0.5),
            (-1.0, Placement::Below, 0.001),
            (f32::INFINITY, Placement::Above, 0.5),
            (f32::NEG_INFINITY, Placement::Below, 0.001),
            (f32::NAN, Placement::Below, 0.001),
        ] {
            assert_eq!(bounds.place(learning_rate), placement, "{learning_rate}");
            assert_eq!(
                bounds.contains(learning_rate),
                placement.is_inside(),
                "{learning_rate}"
            );
            assert_eq!(bounds.clip(learning_rate), clipped, "{learning_rate}");
        }
    }
}
