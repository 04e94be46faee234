//! The version of the form that comparison documents have.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// The version of the form of `comparison.json` and of what `--json` prints. It rises when a field changes its meaning
/// or goes; a new field leaves it as it is.
pub const SCHEMA_VERSION: u64 = 1;

/// [`SCHEMA_VERSION`] in a document. A document of another version is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchemaVersion;

impl Serialize for SchemaVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(SCHEMA_VERSION)
    }
}

impl<'de> Deserialize<'de> for SchemaVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            SCHEMA_VERSION => Ok(Self),
            other => Err(D::Error::custom(format!(
                "a comparison in the form of version {other}; expected version {SCHEMA_VERSION}"
            ))),
        }
    }
}
