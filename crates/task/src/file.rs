//! Tasks from files: a TOML file names the data, the network, the loss and the budget.
//!
//! ```toml
//! name = "wine"
//! steps = 500
//! batch = 32
//! loss = "cross-entropy"          # or squared, huber; by default, that of what is predicted
//! objective = "validation-loss"   # or first-hit, with threshold = 0.02
//!
//! [data]
//! path = "wine.csv"               # a table with a line of names or a folder of IDX files, relative to this file; or a name, such as "mnist" or "iris"
//! target = "kind"                 # of a table: the column to predict
//! validation = 0.2                # of a table: the share of rows for validation
//! selection = 0.1                 # the share of the training examples for rewards and choice
//!
//! [network]                       # or network = "fitted", the default
//! layers = ["linear 64", "relu", "linear"]
//! ```

use std::path::Path;
use std::sync::Arc;

use descender_nn::{Activation, NetworkSpecification, Shape};
use serde::Deserialize;

pub(crate) mod error;
mod layer_text;
mod table;

pub use error::{TaskFileError, TaskFileProblem};
pub use layer_text::LayersError;
pub use table::TableError;

use crate::data::tables::{EMBEDDED, EmbeddedTable};
use crate::data::{Dataset, directory, mnist};
use crate::goal::Goal;
use crate::loss::Loss;
use crate::network::fitted;
use crate::task::{SELECTION_SEED, SELECTION_SHARE, Task};
use error::MOST_BYTES;
use layer_text::LayerText;
use table::{Kind, Table};

/// Hidden units of the two layers that are fitted to a table.
const HIDDEN: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Text {
    name: Option<String>,
    #[serde(default = "usual_steps")]
    steps: u64,
    #[serde(default = "usual_batch")]
    batch: usize,
    loss: Option<Loss>,
    #[serde(default)]
    objective: ObjectiveName,
    threshold: Option<f32>,
    data: DataText,
    #[serde(default)]
    network: NetworkText,
}

fn usual_steps() -> u64 {
    500
}

fn usual_batch() -> usize {
    32
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum ObjectiveName {
    #[default]
    ValidationLoss,
    FirstHit,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DataText {
    path: String,
    target: Option<String>,
    #[serde(default = "usual_validation")]
    validation: f64,
    #[serde(default = "usual_selection")]
    selection: f64,
}

fn usual_validation() -> f64 {
    0.2
}

fn usual_selection() -> f64 {
    SELECTION_SHARE
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum NetworkText {
    Named(String),
    Listed(Listed),
}

impl Default for NetworkText {
    fn default() -> Self {
        NetworkText::Named("fitted".to_owned())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    layers: Vec<LayerText>,
}

/// Whether the name of a task is that of a task file.
#[must_use]
pub(crate) fn is_file_name(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

impl Task {
    /// The task of a file (see [`file`](crate::file)); `data`, where given, takes the place of the path in it.
    ///
    /// # Errors
    /// The file, the data or the network are refused; the message names the file and the key.
    pub fn from_file(path: &Path, data: Option<&Path>) -> Result<Task, TaskFileError> {
        read(path, data).map_err(|problem| TaskFileError {
            file: path.to_owned(),
            problem,
        })
    }
}

fn read(path: &Path, data: Option<&Path>) -> Result<Task, TaskFileProblem> {
    let length = std::fs::metadata(path)
        .map_err(TaskFileProblem::Read)?
        .len();
    if length > MOST_BYTES {
        return Err(TaskFileProblem::Long(length));
    }
    let text = std::fs::read_to_string(path).map_err(TaskFileProblem::Read)?;
    let text: Text = toml::from_str(&text)
        .map_err(|error| TaskFileProblem::Toml(error.to_string().trim_end().to_owned()))?;
    text.check()?;
    let place = match data {
        Some(data) => data.to_owned(),
        None => path.with_file_name("").join(&text.data.path),
    };
    let name = match &text.name {
        Some(name) => name.clone(),
        None => path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    };
    let parts = text.parts(&place, data.is_none())?;
    let train = parts.train;
    let (shape, outputs) = (train.shape, train.answers.outputs());
    let network = match &text.network {
        NetworkText::Named(_) => fitted_to(shape, outputs),
        NetworkText::Listed(Listed { layers }) => {
            layer_text::network(layers, shape, outputs).map_err(TaskFileProblem::Layers)?
        }
    };
    let description = format!(
        "{}; {} training and {} validation examples, {} inputs, {}",
        place.display(),
        train.len(),
        parts.validation.len(),
        train.input_len(),
        train.answers.words(),
    );
    let boxed = |error| TaskFileProblem::Task(Box::new(error));
    let mut task = Task::new(
        name,
        description,
        train,
        parts.validation,
        network,
        text.batch,
    )
    .map_err(boxed)?;
    task.selection = parts.selection;
    task.notes = parts.notes;
    task.source = (!parts.embedded).then_some(place);
    task.steps = text.steps;
    task.goal = match text.objective {
        ObjectiveName::ValidationLoss => Goal::ValidationLoss,
        ObjectiveName::FirstHit => Goal::FirstHit(text.threshold.unwrap_or(0.02)),
    };
    if let Some(loss) = text.loss {
        task.loss = loss;
    }
    task.check().map_err(boxed)?;
    let task = task.with_selection(text.data.selection, SELECTION_SEED);
    Ok(task)
}

/// The data of a task.
struct Parts {
    train: Arc<Dataset>,
    validation: Arc<Dataset>,
    selection: Option<Arc<Dataset>>,
    notes: Vec<String>,
    /// Whether the program carries them.
    embedded: bool,
}

impl Parts {
    fn of_table(table: Table, embedded: bool) -> Self {
        let Table {
            train,
            validation,
            notes,
        } = table;
        Parts {
            train: train.into(),
            validation: validation.into(),
            selection: None,
            notes,
            embedded,
        }
    }
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

impl Text {
    /// What the loss says of the column to predict.
    fn kind(&self) -> Option<Kind> {
        self.loss.map(|loss| match loss {
            Loss::CrossEntropy => Kind::Classes,
            Loss::Squared | Loss::Huber => Kind::Numbers,
        })
    }

    fn check(&self) -> Result<(), TaskFileProblem> {
        let refuse = |key, found: &dyn ToString, expected: &str| {
            Err(TaskFileProblem::Value {
                key,
                found: found.to_string(),
                expected: expected.to_owned(),
            })
        };
        if self.steps == 0 || self.steps > 10_000_000 {
            return refuse("steps", &self.steps, "1 to 10000000");
        }
        if self.batch == 0 {
            return refuse("batch", &self.batch, "1 or more");
        }
        let share = |share: f64| share > 0.0 && share < 1.0;
        if !share(self.data.validation) {
            return refuse(
                "data.validation",
                &self.data.validation,
                "a share above 0 and below 1",
            );
        }
        if !share(self.data.selection) {
            return refuse(
                "data.selection",
                &self.data.selection,
                "a share above 0 and below 1",
            );
        }
        match (&self.objective, self.threshold) {
            (ObjectiveName::ValidationLoss, Some(threshold)) => {
                return refuse(
                    "threshold",
                    &threshold,
                    "none, but for objective = \"first-hit\"",
                );
            }
            (ObjectiveName::FirstHit, Some(threshold)) if !threshold.is_finite() => {
                return refuse("threshold", &threshold, "a finite loss");
            }
            _ => {}
        }
        match &self.network {
            NetworkText::Named(name) if name != "fitted" => refuse(
                "network",
                name,
                "\"fitted\", or a table with a list of layers",
            ),
            _ => Ok(()),
        }
    }

    fn parts(&self, place: &Path, own_path: bool) -> Result<Parts, TaskFileProblem> {
        let no_target = || match &self.data.target {
            Some(target) => Err(TaskFileProblem::Value {
                key: "data.target",
                found: format!("\"{target}\""),
                expected: "none: only a table has columns".to_owned(),
            }),
            None => Ok(()),
        };
        if own_path && self.data.path == "mnist" {
            no_target()?;
            let mnist::Embedded {
                train,
                validation,
                selection,
            } = mnist::embedded();
            return Ok(Parts {
                train,
                validation,
                selection: Some(selection),
                notes: Vec::new(),
                embedded: true,
            });
        }
        if own_path && let Some(table) = EmbeddedTable::by_name(&self.data.path) {
            let target = self.data.target.as_deref().unwrap_or(table.target);
            let (text, name) = (table.csv(), table.name);
            let validation = self.data.validation;
            let read = table::read_from(
                text.as_slice(),
                name,
                b',',
                target,
                self.kind(),
                validation,
                SELECTION_SEED,
            );
            return Ok(Parts::of_table(
                read.map_err(|problem| TaskFileProblem::Table {
                    path: name.into(),
                    problem,
                })?,
                true,
            ));
        }
        let ending = place.extension().unwrap_or_default().to_ascii_lowercase();
        if ending == "csv" || ending == "tsv" {
            let Some(target) = &self.data.target else {
                return Err(TaskFileProblem::Value {
                    key: "data.target",
                    found: "nothing".to_owned(),
                    expected: "the name of the column to predict".to_owned(),
                });
            };
            let (kind, validation) = (self.kind(), self.data.validation);
            let read = table::read(place, target, kind, validation, SELECTION_SEED);
            return Ok(Parts::of_table(
                read.map_err(|problem| TaskFileProblem::Table {
                    path: place.to_owned(),
                    problem,
                })?,
                false,
            ));
        }
        if place.is_file() {
            return Err(TaskFileProblem::Value {
                key: "data.path",
                found: place.display().to_string(),
                expected: "a .csv or .tsv table, a folder of IDX files, or a name: mnist, "
                    .to_owned()
                    + &EMBEDDED
                        .iter()
                        .map(|table| table.name)
                        .collect::<Vec<_>>()
                        .join(", "),
            });
        }
        no_target()?;
        let (train, validation) = directory::read(place, None).map_err(TaskFileProblem::Data)?;
        Ok(Parts {
            train: train.into(),
            validation: validation.into(),
            selection: None,
            notes: Vec::new(),
            embedded: false,
        })
    }
}

/// The network that is fitted to the data: that of [`fitted`] for images, two hidden layers for the rows of a table.
fn fitted_to(shape: Shape, outputs: usize) -> NetworkSpecification {
    if shape.height.min(shape.width) >= 2 {
        fitted(shape, outputs)
    } else {
        NetworkSpecification::multi_layer_perceptron(
            shape.count(),
            &[HIDDEN, HIDDEN],
            outputs,
            Activation::Relu,
        )
    }
}

#[cfg(test)]
mod tests;
