//! Why a command failed, and the exit code that tells it: a user's mistake is not a failure while running.

use std::fmt;
use std::io::ErrorKind;

use descender_compare::compare::CompareError;
use descender_compare::contender::ContenderError;
use descender_study::{CompareFolderError, RunFolderError};
use descender_train::configuration::ConfigurationError;

/// A failed command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wrong usage or configuration, and files and folders that aren't there: exit code 2.
    Usage(anyhow::Error),
    /// Failed while running, also on files that can't be read or hold something else: exit code 1.
    Running(anyhow::Error),
}

impl Failure {
    /// Wrong usage.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::Usage(anyhow::anyhow!("{message}"))
    }

    /// The code that the process ends with.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Running(_) => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(error) | Self::Running(error)) = self;
        let messages: Vec<String> = error.chain().map(ToString::to_string).collect();
        let text = messages.join(": ");
        // One line: what libraries add on further lines is joined.
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        write!(formatter, "{}", lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| write!(formatter, "; {line}"))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        // Whoever names what isn't there has mistyped it.
        let missing = error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
            .any(|cause| matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory));
        match missing {
            true => Self::Usage(error),
            false => Self::Running(error),
        }
    }
}

impl From<ConfigurationError> for Failure {
    fn from(error: ConfigurationError) -> Self {
        Self::Usage(error.into())
    }
}

impl From<ContenderError> for Failure {
    fn from(error: ContenderError) -> Self {
        match error {
            ContenderError::ScheduleFile { .. }
            | ContenderError::Controller(_)
            | ContenderError::File(_) => anyhow::Error::from(error).into(),
            error => Self::Usage(error.into()),
        }
    }
}

impl From<RunFolderError> for Failure {
    fn from(error: RunFolderError) -> Self {
        match error {
            RunFolderError::Occupied(_)
            | RunFolderError::NoRun(_)
            | RunFolderError::Configuration { .. } => Self::Usage(error.into()),
            error => Self::Running(error.into()),
        }
    }
}

impl From<CompareFolderError> for Failure {
    fn from(error: CompareFolderError) -> Self {
        match error {
            CompareFolderError::Occupied { .. } | CompareFolderError::NoComparison(_) => {
                Self::Usage(error.into())
            }
            error => Self::Running(error.into()),
        }
    }
}

impl From<CompareError> for Failure {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Entries(error) => error.into(),
            error => Self::Running(error.into()),
        }
    }
}
