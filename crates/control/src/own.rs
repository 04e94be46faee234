//! A part of the settings that a user brings by value.
//!
//! What is built in is plain data: a configuration names it and holds its settings. What a user defines in Rust is a
//! value behind a trait, which no file can hold. [`Own`] is the link between the two: the value with its name. A file
//! holds the name alone, so what is read from a file is absent until the value is provided.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A part that is not built in: its name, and its value unless it was read from a file.
///
/// In a file it has the one field `own`, its name. Two are equal if their names are.
///
/// ```
/// use std::sync::Arc;
///
/// use descender_control::Own;
///
/// // Any trait will do.
/// let mut own: Own<dyn Fn(f32) -> f32> = Own::new("half", Arc::new(|x| x / 2.0));
/// assert_eq!(own.require("function")?(3.0), 1.5);
///
/// let text = serde_json::to_string(&own)?;
/// assert_eq!(text, r#"{"own":"half"}"#);
/// let mut read: Own<dyn Fn(f32) -> f32> = serde_json::from_str(&text)?;
/// assert_eq!(
///     read.require("function").err().unwrap().to_string(),
///     "the function `half` is not built in: bring it by value"
/// );
/// read.provide(Arc::new(|x| x / 2.0));
/// assert_eq!(read.require("function")?(3.0), 1.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Own<T: ?Sized> {
    name: String,
    value: Option<Arc<T>>,
}

/// A part that a file names, and whose value nobody has provided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {part} `{name}` is not built in: bring it by value")]
pub struct NotBuiltIn {
    /// What kind of part it is, for instance `observation`.
    pub part: &'static str,
    /// Its name.
    pub name: String,
}

impl<T: ?Sized> Own<T> {
    /// A part with its value.
    #[must_use]
    pub fn new(name: impl Into<String>, value: Arc<T>) -> Self {
        Own {
            name: name.into(),
            value: Some(value),
        }
    }

    /// A part without its value, as it comes from a file.
    #[must_use]
    pub fn absent(name: impl Into<String>) -> Self {
        Own {
            name: name.into(),
            value: None,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value, if it is there.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.value.as_deref()
    }

    /// The value of a part of the kind `part`.
    ///
    /// # Errors
    /// If it is absent.
    pub fn require(&self, part: &'static str) -> Result<&T, NotBuiltIn> {
        self.value().ok_or_else(|| NotBuiltIn {
            part,
            name: self.name.clone(),
        })
    }

    /// Provides the value. The name stays.
    pub fn provide(&mut self, value: Arc<T>) {
        self.value = Some(value);
    }

    /// Takes over the value of `other` if it has the same name; tells whether it has.
    pub fn provide_from(&mut self, other: &Self) -> bool {
        let same = self.name == other.name;
        if same {
            self.value.clone_from(&other.value);
        }
        same
    }
}

impl<T: ?Sized> Clone for Own<T> {
    fn clone(&self) -> Self {
        Own {
            name: self.name.clone(),
            value: self.value.clone(),
        }
    }
}

impl<T: ?Sized> fmt::Debug for Own<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = formatter.debug_tuple("Own");
        tuple.field(&self.name);
        if self.value.is_none() {
            tuple.field(&format_args!("absent"));
        }
        tuple.finish()
    }
}

impl<T: ?Sized> PartialEq for Own<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The form in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Name<S> {
    own: S,
}

impl<T: ?Sized> Serialize for Own<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Name { own: &self.name }.serialize(serializer)
    }
}

impl<'de, T: ?Sized> Deserialize<'de> for Own<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Name::<String>::deserialize(deserializer).map(|Name { own }| Own::absent(own))
    }
}
