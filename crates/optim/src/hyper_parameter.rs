//! The entries of μ by name, for code that treats them alike, such as actions and tables.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::HyperParameters;

/// One of the nine entries of μ.
///
/// ```
/// use descender_optim::{HyperParameter, Method};
///
/// let mut mu = Method::Sgd.hyper_parameters(0.1);
/// let b1 = HyperParameter::by_name("b1").unwrap();
/// b1.set(&mut mu, 0.9);
/// assert_eq!((b1.get(&mu), mu.b1), (0.9, 0.9));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HyperParameter {
    /// η.
    LearningRate,
    /// a1, the decay of the second moment.
    A1,
    /// a2, the weight of the squared gradient.
    A2,
    /// a3, what is added to the second moment.
    A3,
    /// b1, the decay of the first moment.
    B1,
    /// b2, the weight of the gradient.
    B2,
    /// b3, what is added to the first moment.
    B3,
    /// c, the factor on the share of the newest iterate in the average.
    C,
    /// w, the factor on the weight decay.
    W,
}

impl HyperParameter {
    /// All nine, in the order of μ.
    pub const ALL: [Self; 9] = [
        Self::LearningRate,
        Self::A1,
        Self::A2,
        Self::A3,
        Self::B1,
        Self::B2,
        Self::B3,
        Self::C,
        Self::W,
    ];

    /// The name, that of the field of [`HyperParameters`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LearningRate => "learning_rate",
            Self::A1 => "a1",
            Self::A2 => "a2",
            Self::A3 => "a3",
            Self::B1 => "b1",
            Self::B2 => "b2",
            Self::B3 => "b3",
            Self::C => "c",
            Self::W => "w",
        }
    }

    /// The entry with this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entry| entry.name() == name)
    }

    /// Its value in `mu`.
    #[must_use]
    pub const fn get(self, mu: &HyperParameters) -> f32 {
        match self {
            Self::LearningRate => mu.learning_rate,
            Self::A1 => mu.a1,
            Self::A2 => mu.a2,
            Self::A3 => mu.a3,
            Self::B1 => mu.b1,
            Self::B2 => mu.b2,
            Self::B3 => mu.b3,
            Self::C => mu.c,
            Self::W => mu.w,
        }
    }

    /// Gives it `value` in `mu`.
    pub const fn set(self, mu: &mut HyperParameters, value: f32) {
        match self {
            Self::LearningRate => mu.learning_rate = value,
            Self::A1 => mu.a1 = value,
            Self::A2 => mu.a2 = value,
            Self::A3 => mu.a3 = value,
            Self::B1 => mu.b1 = value,
            Self::B2 => mu.b2 = value,
            Self::B3 => mu.b3 = value,
            Self::C => mu.c = value,
            Self::W => mu.w = value,
        }
    }
}

impl fmt::Display for HyperParameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;

    #[test]
    fn every_entry_is_its_own_field_under_its_own_name() {
        let untouched = Method::Sgd.hyper_parameters(0.1);
        for (place, entry) in HyperParameter::ALL.into_iter().enumerate() {
            let mut mu = untouched;
            entry.set(&mut mu, 7.5);
            for (other_place, other) in HyperParameter::ALL.into_iter().enumerate() {
                let expected = if other_place == place {
                    7.5
                } else {
                    other.get(&untouched)
                };
                assert_eq!(other.get(&mu), expected, "{entry} {other}");
            }
            assert_eq!(HyperParameter::by_name(entry.name()), Some(entry));
            let json = serde_json::to_value(mu).unwrap();
            assert_eq!(json[entry.name()], 7.5, "{entry} is the field's name");
        }
        assert_eq!(HyperParameter::by_name("eta"), None);
    }
}
