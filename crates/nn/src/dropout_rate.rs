//! The rate of a dropout layer.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::error::NetworkError;

/// The share of the values that a dropout layer sets to zero: at least 0 and below 1.
///
/// ```
/// use descender_nn::DropoutRate;
///
/// assert_eq!(DropoutRate::new(0.2)?.value(), 0.2);
/// assert!(DropoutRate::new(1.0).is_err());
/// # Ok::<(), descender_nn::NetworkError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct DropoutRate(f32);

impl DropoutRate {
    /// The rate `rate`.
    ///
    /// # Errors
    /// [`NetworkError::DropoutRate`] unless it is at least 0 and below 1.
    pub fn new(rate: f32) -> Result<Self, NetworkError> {
        if (0.0..1.0).contains(&rate) {
            // Without the sign of −0, so that what is equal has one hash.
            Ok(Self(rate + 0.0))
        } else {
            Err(NetworkError::DropoutRate(rate.to_string()))
        }
    }

    /// The share, at least 0 and below 1.
    #[must_use]
    pub fn value(self) -> f32 {
        self.0
    }
}

impl Eq for DropoutRate {}

impl Hash for DropoutRate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl TryFrom<f32> for DropoutRate {
    type Error = NetworkError;

    fn try_from(rate: f32) -> Result<Self, NetworkError> {
        Self::new(rate)
    }
}

impl From<DropoutRate> for f32 {
    fn from(rate: DropoutRate) -> f32 {
        rate.0
    }
}
