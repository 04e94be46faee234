//! Why a configuration is refused.

use descender_record::FileError;

/// Why a configuration is rejected. The command exits with code 2 for each.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// No preset has this name.
    #[error("unknown preset `{name}`{suggestion} (presets: {known})")]
    UnknownPreset {
        /// The name as given.
        name: String,
        /// "; did you mean …?", or nothing where no name is similar.
        suggestion: String,
        /// All known names.
        known: String,
    },
    /// No setting has this key.
    #[error("unknown setting `{key}`{suggestion}")]
    UnknownKey {
        /// The key as given.
        key: String,
        /// "; did you mean …?", or nothing where no key is similar.
        suggestion: String,
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
    /// A setting of a file is refused.
    #[error("{source_name}")]
    InFile {
        /// The file.
        source_name: String,
        /// Why.
        source: Box<ConfigurationError>,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Read(FileError),
}

impl ConfigurationError {
    /// This error of a setting that stands in a file.
    pub(super) fn in_file(self, source_name: &str) -> Self {
        Self::InFile {
            source_name: source_name.to_owned(),
            source: Box::new(self),
        }
    }

    /// The value of `key` is rejected.
    pub fn value(key: impl Into<String>, message: impl std::fmt::Display) -> Self {
        Self::Value {
            key: key.into(),
            message: message.to_string(),
        }
    }
}
