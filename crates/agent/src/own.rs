//! A value that the program brings itself, where a configuration otherwise names what is built in.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A named value of the program's own.
///
/// A file holds its name alone (`own = "…"`). Read from a file it has no value, and the settings that hold it refuse
/// it. Two are equal if their names are.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own<T: ?Sized> {
    #[serde(rename = "own")]
    name: String,
    #[serde(skip, default = "nothing")]
    value: Option<Arc<T>>,
}

fn nothing<T: ?Sized>() -> Option<Arc<T>> {
    None
}

impl<T: ?Sized> Own<T> {
    /// `value`, called `name`.
    pub fn new(name: impl Into<String>, value: Arc<T>) -> Self {
        Self {
            name: name.into(),
            value: Some(value),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value; `None` if this was read from a file.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.value.as_deref()
    }
}

impl<T: ?Sized> Clone for Own<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            value: self.value.clone(),
        }
    }
}

impl<T: ?Sized> PartialEq for Own<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<T: ?Sized> fmt::Debug for Own<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Own").field(&self.name).finish()
    }
}
