//! `descender data`: look after the data of a task.

use descender_task::data::{mnist, summary};
use descender_task::{Task, TaskError};

use crate::arguments::{DataAction, DataArguments};
use crate::failure::Failure;
use crate::printer::Printer;

pub fn run(arguments: &DataArguments, printer: &Printer) -> Result<(), Failure> {
    match &arguments.action {
        DataAction::Check { name, data } => {
            // The whole task, so that a network that doesn't fit the data is noticed, too.
            let default = if data.is_some() {
                "idx-cnn"
            } else {
                "mnist-cnn"
            };
            Task::by_name(name.as_deref().unwrap_or(default), data.as_deref()).map_err(failure)?;
            let found = match data {
                Some(folder) => summary::check(folder, None),
                None => mnist::summary(),
            };
            printer.result(found.map_err(anyhow::Error::from)?)?;
            Ok(())
        }
    }
}

/// An unknown name is a wrong usage; data that cannot be used are a failure.
pub fn failure(error: TaskError) -> Failure {
    match error {
        TaskError::UnknownName { .. }
        | TaskError::NeedsData { .. }
        | TaskError::Variant { .. }
        | TaskError::TakesNoData { .. } => Failure::Usage(error.into()),
        error => Failure::Running(error.into()),
    }
}
