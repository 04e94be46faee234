//! Why a configuration is refused.

/// Why a configuration is rejected. The command exits with code 2 for each.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// No preset has this name.
    #[error("unknown preset `{name}`; did you mean `{nearest}`? (presets: {known})")]
    UnknownPreset {
        /// The name as given.
        name: String,
        /// The most similar known name.
        nearest: String,
        /// All known names.
        known: String,
    },
    /// No setting has this key.
    #[error("unknown setting `{key}`; did you mean `{nearest}`?")]
    UnknownKey {
        /// The key as given.
        key: String,
        /// The most similar known key.
        nearest: String,
    },
    /// The last part of a key fits several settings.
    #[error("setting `{key}` is ambiguous; write one of {candidates}")]
    AmbiguousKey {
        /// The key as given.
        key: String,
        /// The full keys that end in it.
        candidates: String,
    },
    /// A `KEY=VALUE` without `=`.
    #[error("`{0}` is not a setting; expected KEY=VALUE")]
    NotAnAssignment(String),
    /// The text is not TOML.
    #[error("{source_name}: not valid TOML: {message}")]
    Syntax {
        /// File or option that was read.
        source_name: String,
        /// What the parser says.
        message: String,
    },
    /// A value of the wrong kind or an unknown name.
    #[error("setting `{key}`: {message}")]
    Value {
        /// The full key.
        key: String,
        /// What was expected.
        message: String,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {message}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        message: String,
    },
}

impl ConfigurationError {
    /// The value of `key` is rejected.
    pub fn value(key: impl Into<String>, message: impl std::fmt::Display) -> Self {
        Self::Value {
            key: key.into(),
            message: message.to_string(),
        }
    }
}
