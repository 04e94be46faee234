//! Binary records that grew: what was added at their end is missing from older ones.

use serde::{Deserialize, Deserializer};

/// What is there, or nothing at the end of a binary record. (Whether a record is whole is its checksum's to say.)
pub fn or_nothing<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(T::deserialize(deserializer).unwrap_or_default())
}
