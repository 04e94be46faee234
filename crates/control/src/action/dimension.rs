//! One dimension of an anchored action: a hyper-parameter, its two ends, and the spacing between them.

use std::fmt;

use descender_optim::{HyperParameter, HyperParameters};
use serde::{Deserialize, Serialize};

use crate::SettingsError;

/// One hyper-parameter with the ends between which it is placed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// The hyper-parameter.
    pub parameter: Parameter,
    /// Its value at a = −1.
    pub low: f32,
    /// Its value at a = 1, above `low`.
    pub high: f32,
    /// How the values between are spaced.
    pub scale: Scale,
}

/// A hyper-parameter of h(μ), by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parameter {
    /// η.
    LearningRate,
    /// b1, with b2 = 1 − b1: the first moment is an average of the gradients, and η keeps its meaning whatever b1 is.
    Momentum,
    /// a1, with a2 = 1 − a1: the second moment is an average of the squared gradients.
    SecondMoment,
    /// a1 alone.
    A1,
    /// a2 alone.
    A2,
    /// a3.
    A3,
    /// b1 alone.
    B1,
    /// b2 alone.
    B2,
    /// b3.
    B3,
    /// c, the factor on the share of the newest iterate in the average, for optimizers that average their iterates.
    Averaging,
    /// w, the factor on the weight decay of the optimizer.
    WeightDecay,
}

/// The spacing of values between two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Evenly in ln x; for values above 0.
    Logarithmic,
    /// Evenly in ln(1 − x); for values below 1.
    Complement,
}

impl Parameter {
    pub(super) fn set(self, value: f32, mu: &mut HyperParameters) {
        match self {
            Self::LearningRate => mu.learning_rate = value,
            Self::Momentum => (mu.b1, mu.b2) = (value, 1.0 - value),
            Self::SecondMoment => (mu.a1, mu.a2) = (value, 1.0 - value),
            Self::A1 => mu.a1 = value,
            Self::A2 => mu.a2 = value,
            Self::A3 => mu.a3 = value,
            Self::B1 => mu.b1 = value,
            Self::B2 => mu.b2 = value,
            Self::B3 => mu.b3 = value,
            Self::Averaging => mu.c = value,
            Self::WeightDecay => mu.w = value,
        }
    }

    /// The entries of μ that it sets.
    #[must_use]
    pub const fn entries(self) -> &'static [HyperParameter] {
        use HyperParameter as Entry;
        match self {
            Self::LearningRate => &[Entry::LearningRate],
            Self::Momentum => &[Entry::B1, Entry::B2],
            Self::SecondMoment => &[Entry::A1, Entry::A2],
            Self::A1 => &[Entry::A1],
            Self::A2 => &[Entry::A2],
            Self::A3 => &[Entry::A3],
            Self::B1 => &[Entry::B1],
            Self::B2 => &[Entry::B2],
            Self::B3 => &[Entry::B3],
            Self::Averaging => &[Entry::C],
            Self::WeightDecay => &[Entry::W],
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::LearningRate => "learning rate",
            Self::Momentum => "momentum b1 (b2 = 1 − b1)",
            Self::SecondMoment => "second moment a1 (a2 = 1 − a1)",
            Self::A1 => "a1",
            Self::A2 => "a2",
            Self::A3 => "a3",
            Self::B1 => "b1",
            Self::B2 => "b2",
            Self::B3 => "b3",
            Self::Averaging => "averaging c",
            Self::WeightDecay => "weight decay w",
        })
    }
}

impl Dimension {
    /// The value that `a` places, with `a` taken into [−1, 1].
    #[must_use]
    pub fn value(&self, a: f32) -> f32 {
        let share = (1.0 + a.clamp(-1.0, 1.0)) / 2.0;
        let Self { low, high, .. } = *self;
        match self.scale {
            Scale::Linear => low + (high - low) * share,
            Scale::Logarithmic => low * (high / low).powf(share),
            Scale::Complement => 1.0 - (1.0 - low) * ((1.0 - high) / (1.0 - low)).powf(share),
        }
    }

    pub(super) fn check(&self, index: usize) -> Result<(), SettingsError> {
        let field = |name: &str| format!("dimensions[{index}].{name}");
        let (least, most, expected_low, expected_high) = match self.scale {
            Scale::Linear => (
                f32::MIN,
                f32::MAX,
                "a finite number",
                "a finite number above low",
            ),
            Scale::Logarithmic => (
                f32::MIN_POSITIVE,
                f32::MAX,
                "a finite number above 0",
                "a finite number above low",
            ),
            Scale::Complement => (
                f32::MIN,
                1.0 - f32::EPSILON,
                "a number below 1",
                "a number above low and below 1",
            ),
        };
        let usable = |value: f32| (least..=most).contains(&value);
        if !usable(self.low) {
            return Err(SettingsError::field(field("low"), self.low, expected_low));
        }
        if !(usable(self.high) && self.high > self.low) {
            return Err(SettingsError::field(
                field("high"),
                self.high,
                expected_high,
            ));
        }
        if self.parameter == Parameter::LearningRate && self.low <= 0.0 {
            return Err(SettingsError::field(
                field("low"),
                self.low,
                "a learning rate above 0",
            ));
        }
        Ok(())
    }
}
