//! `descender data`: look after the data of a task.

use descender_task::{DataError, DataSummary, Task, TaskError};

use super::data_fetch;
use crate::program::arguments::{DataAction, DataArguments};
use crate::program::failure::Failure;
use crate::program::printer::Printer;

pub(crate) fn run(arguments: &DataArguments, printer: &Printer) -> Result<(), Failure> {
    match &arguments.action {
        DataAction::Check { name, data } => {
            // The whole task, so that a network that doesn't fit the data is noticed, too.
            let default = if data.is_some() {
                "idx-cnn"
            } else {
                "mnist-cnn"
            };
            let name = name.as_deref().unwrap_or(default);
            let task = Task::by_name(name, data.as_deref()).map_err(failure)?;
            (task.notes.iter()).for_each(|text| printer.message(text));
            task.warnings()
                .iter()
                .for_each(|text| printer.warning(text));
            let summary = DataSummary::of(&task);
            printer.result(summary.map_err(anyhow::Error::from)?)
        }
        DataAction::Fetch { name, to, from } => {
            data_fetch::run(name, to.as_deref(), from.as_deref(), printer)
        }
    }
}

/// An unknown name or a missing file is a wrong usage; data that cannot be used are a failure.
pub(crate) fn failure(error: TaskError) -> Failure {
    match error {
        TaskError::UnknownName { .. }
        | TaskError::NeedsData { .. }
        | TaskError::Variant { .. }
        | TaskError::TakesNoData { .. }
        | TaskError::File(_)
        | TaskError::Data(
            DataError::Missing { .. }
            | DataError::NotAFolder { .. }
            | DataError::SeveralSets { .. },
        ) => Failure::Usage(error.into()),
        error => anyhow::Error::from(error).into(),
    }
}
