//! The data that a task file names, read and split into their parts.
//!
//! What data are is seen from the name: one that the program carries, the ending of a file, or a folder of IDX files.

use std::path::Path;
use std::sync::Arc;

use super::error::TaskFileProblem;
use super::npz;
use super::table::{self, Table, TableError};
use super::task_text::{DataKind, TaskText};
use super::text::{self, Windows};
use crate::data::tables::{EMBEDDED, EmbeddedTable};
use crate::data::texts::{EMBEDDED_TEXTS, EmbeddedText};
use crate::data::{Dataset, directory, mnist};
use crate::task::SELECTION_SEED;

/// The name of the images that the program carries.
pub(super) const MNIST: &str = "mnist";

/// The data of a task, in its parts.
pub(super) struct TaskData {
    pub(super) train: Arc<Dataset>,
    pub(super) validation: Arc<Dataset>,
    pub(super) selection: Option<Arc<Dataset>>,
    pub(super) notes: Vec<String>,
    /// Number of symbols of a text.
    pub(super) symbols: Option<usize>,
    /// The name of those that the program carries.
    pub(super) embedded: Option<&'static str>,
}

impl TaskData {
    fn of_table(table: Table, embedded: Option<&'static str>) -> Self {
        let Table {
            train,
            validation,
            notes,
        } = table;
        TaskData {
            train: train.into(),
            validation: validation.into(),
            selection: None,
            notes,
            symbols: None,
            embedded,
        }
    }

    fn of_text(windows: Windows, embedded: Option<&'static str>) -> Self {
        let Windows {
            train,
            selection,
            validation,
            symbols,
            notes,
        } = windows;
        TaskData {
            train: train.into(),
            validation: validation.into(),
            selection: Some(selection.into()),
            notes,
            symbols: Some(symbols),
            embedded,
        }
    }

    /// The data at `place` as the file wants them cut; `own_path`: the path is the file's own, so it may be the name of
    /// data that the program carries.
    ///
    /// # Errors
    /// They can't be read, or the file says of them what such data don't have.
    pub(super) fn read(
        task: &TaskText,
        place: &Path,
        own_path: bool,
    ) -> Result<Self, TaskFileProblem> {
        let ending = place.extension().unwrap_or_default().to_ascii_lowercase();
        if ending != "npz"
            && let Some(inputs) = &task.data.inputs
        {
            return Err(refused(
                "data.inputs",
                inputs,
                "none: only a .npz archive has arrays",
            ));
        }
        let carried = EmbeddedText::by_name(&task.data.path).filter(|_| own_path);
        let is_text =
            carried.is_some() || ending == "txt" || task.data.kind == Some(DataKind::Text);
        task.check_kind(is_text)?;
        if is_text {
            return Self::read_text(task, place, carried);
        }
        if own_path && task.data.path == MNIST {
            no_target(task)?;
            return Ok(Self::embedded_images());
        }
        if own_path && let Some(table) = EmbeddedTable::by_name(&task.data.path) {
            return Self::read_embedded_table(task, table);
        }
        match ending.to_str() {
            Some("csv" | "tsv") => Self::read_table(task, place),
            Some("npz") => Self::read_archive(task, place),
            _ if place.is_file() => Err(TaskFileProblem::Value {
                key: "data.path",
                found: place.display().to_string(),
                expected: known_data(),
            }),
            _ => {
                no_target(task)?;
                Self::read_folder(place)
            }
        }
    }

    fn read_text(
        task: &TaskText,
        place: &Path,
        carried: Option<&'static EmbeddedText>,
    ) -> Result<Self, TaskFileProblem> {
        let read = match carried {
            Some(text) => text::windows(&text.text(), text.name, task.cut()),
            None => text::read(place, task.cut()),
        };
        let windows = read.map_err(|problem| TaskFileProblem::Text {
            path: carried.map_or_else(|| place.to_owned(), |text| text.name.into()),
            problem,
        })?;
        Ok(Self::of_text(windows, carried.map(|text| text.name)))
    }

    fn embedded_images() -> Self {
        let mnist::Embedded {
            train,
            validation,
            selection,
        } = mnist::embedded();
        TaskData {
            train,
            validation,
            selection: Some(selection),
            notes: Vec::new(),
            symbols: None,
            embedded: Some(MNIST),
        }
    }

    fn read_embedded_table(
        task: &TaskText,
        table: &'static EmbeddedTable,
    ) -> Result<Self, TaskFileProblem> {
        let target = task.data.target.as_deref().unwrap_or(table.target);
        let (text, name) = (table.csv(), table.name);
        let validation = task.data.validation;
        let read = table::read_from(
            text.as_slice(),
            name,
            b',',
            target,
            task.kind(),
            validation,
            SELECTION_SEED,
        );
        let read = read.map_err(|problem| TaskFileProblem::Table {
            path: name.into(),
            problem,
        });
        Ok(Self::of_table(read?, Some(name)))
    }

    fn read_table(task: &TaskText, place: &Path) -> Result<Self, TaskFileProblem> {
        let Some(target) = &task.data.target else {
            return Err(TaskFileProblem::Value {
                key: "data.target",
                found: "nothing".to_owned(),
                expected: "the name of the column to predict".to_owned(),
            });
        };
        let (kind, validation) = (task.kind(), task.data.validation);
        let read = table::read(place, target, kind, validation, SELECTION_SEED);
        let read = read.map_err(|problem| TaskFileProblem::Table {
            path: place.to_owned(),
            problem,
        });
        Ok(Self::of_table(read?, None))
    }

    fn read_archive(task: &TaskText, place: &Path) -> Result<Self, TaskFileProblem> {
        let keys = [task.data.inputs.as_deref(), task.data.target.as_deref()];
        let (kind, validation) = (task.kind(), task.data.validation);
        let read = npz::read(place, keys, kind, validation, SELECTION_SEED);
        let read = read.map_err(|problem| TaskFileProblem::Npz {
            path: place.to_owned(),
            problem,
        });
        Ok(Self::of_table(read?, None))
    }

    fn read_folder(place: &Path) -> Result<Self, TaskFileProblem> {
        let data = directory::read(place, None).map_err(TaskFileProblem::Data)?;
        Ok(TaskData {
            train: data.train.into(),
            validation: data.validation.into(),
            selection: None,
            notes: data.notes,
            symbols: None,
            embedded: None,
        })
    }
}

/// Refuses a column to predict, where there are no columns.
fn no_target(task: &TaskText) -> Result<(), TaskFileProblem> {
    match &task.data.target {
        Some(target) => Err(refused(
            "data.target",
            target,
            "none: only a table has columns",
        )),
        None => Ok(()),
    }
}

fn refused(key: &'static str, found: &str, expected: &str) -> TaskFileProblem {
    TaskFileProblem::Value {
        key,
        found: format!("\"{found}\""),
        expected: expected.to_owned(),
    }
}

/// What `data.path` can be, for a message.
fn known_data() -> String {
    let tables = EMBEDDED.iter().map(|table| table.name);
    let texts = EMBEDDED_TEXTS.iter().map(|text| text.name);
    let names: Vec<&str> = tables.chain(texts).collect();
    format!(
        "a .csv or .tsv table, a .npz archive, a .txt text, a folder of IDX files, or a name: mnist, {}",
        names.join(", ")
    )
}

/// The examples of a table that is part of the program, those to learn and those for validation: a share of the rows,
/// drawn by `seed`.
///
/// # Errors
/// If too few rows are left for a part.
pub fn embedded_table(
    table: &EmbeddedTable,
    validation: f64,
    seed: u64,
) -> Result<(Dataset, Dataset), TableError> {
    let text = table.csv();
    let (name, target) = (table.name, table.target);
    let read = table::read_from(text.as_slice(), name, b',', target, None, validation, seed)?;
    Ok((read.train, read.validation))
}
