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
//! target = "kind"                 # of a table: the column to predict; of a .npz archive: the array (y)
//! inputs = "x"                    # of a .npz archive: the array of inputs
//! validation = 0.2                # of a table: the share of rows for validation
//! selection = 0.1                 # the share of the training examples for rewards and choice
//!
//! [network]                       # or network = "fitted", the default
//! layers = ["linear 64", "relu", "linear"]
//! ```
//!
//! A layer is a line: `linear 64`, `relu`, `tanh`, `sigmoid`, `conv 16 5 stride 2 padding 2`, `max-pool 2 stride 2`,
//! `global-average-pool`, `layer-norm`, `dropout 0.2`, `gru 32 all`, `lstm 32`, `embedding 90 16`. A list in the list is a
//! residual: layers whose input is added to their output. [`Layer`](descender_nn::Layer) says what each computes, and why
//! there is no batch normalisation.
//!
//! In the place of data and network, `[function]` with `name = "quadratic"` or `"rosenbrock"`, `dimensions` and `noise` makes
//! a task of a formula.
//!
//! # Text
//!
//! A plain text (UTF-8) is data, too: at each character, what comes next is to be predicted.
//!
//! ```toml
//! loss = "next-token"             # the default for a text
//!
//! [data]
//! path = "book.txt"               # relative to this file; or "alice", which the program carries
//! kind = "text"                   # where the name does not end in .txt
//! window = 64                     # characters of an example, 1 to 4096
//! carry = true                    # each window begins with the state behind the one before; the default is false
//! validation = 0.2                # the share of the characters, at the end of the text, for validation
//! selection = 0.1                 # of those before, the share at the end for rewards and choice
//!
//! [network]                       # "fitted" is ["embedding 16", "gru 64", "linear"]
//! layers = ["embedding 16", "lstm 128", "linear"]
//! ```
//!
//! The three parts follow each other without overlap, and no window crosses a border. The symbols are the characters of the
//! training part, at most 255; those that are rare or never seen there are one symbol more. Every part is cut into
//! windows one behind the other. Without `carry`, windows are examples in a reshuffled order, and each begins with a state
//! of 0. With it, a batch is as many tracks through the training part, side by side: each window begins with the state
//! behind the one before it, as a constant (truncated back-propagation through time), and evaluations carry the state along
//! 32 tracks.
//!
//! In the layers of a text, `linear` is for each character by itself, `gru` and `lstm` hand on the states of all characters,
//! and `embedding FEATURES`, the first layer, knows the number of symbols. Layers that would see the characters that they
//! are to predict are refused. The accuracy is that of the next character; the bits per character stand beside it.

use std::path::Path;
use std::sync::Arc;

use descender_nn::{Activation, NetworkSpecification, Shape};
use serde::Deserialize;

pub(crate) mod error;
mod function;
mod layer_text;
mod npz;
mod table;
mod text;

pub use error::{TaskFileError, TaskFileProblem};
pub use layer_text::LayersError;
pub use npz::NpzError;
pub use table::TableError;
pub use text::TextError;

use crate::data::tables::{EMBEDDED, EmbeddedTable};
use crate::data::texts::{EMBEDDED_TEXTS, EmbeddedText};
use crate::data::{Dataset, directory, mnist};
use crate::goal::Goal;
use crate::loss::Loss;
use crate::network::fitted;
use crate::task::{SELECTION_SEED, SELECTION_SHARE, Task};
use error::MOST_BYTES;
use layer_text::{LayerText, Wanted};
use table::{Kind, Table};
use text::{Cut, LONGEST_WINDOW, USUAL_WINDOW, Windows, fitted_to_text};

/// The name of the images that the program carries.
const MNIST: &str = "mnist";
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
    inputs: Option<String>,
    #[serde(default = "usual_validation")]
    validation: f64,
    #[serde(default = "usual_selection")]
    selection: f64,
    kind: Option<DataKind>,
    window: Option<usize>,
    #[serde(default)]
    carry: bool,
}

/// What a file is, where its name doesn't say.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum DataKind {
    Text,
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
    made(&text, path, data)
}

/// The task of a task file's text; `path` gives it its name, and its data their place.
pub(crate) fn made(text: &str, path: &Path, data: Option<&Path>) -> Result<Task, TaskFileProblem> {
    if function::is_one(text) {
        return match data {
            None => function::task(text, path),
            Some(data) => Err(TaskFileProblem::Value {
                key: "data",
                found: data.display().to_string(),
                expected: "none: a function has no data".to_owned(),
            }),
        };
    }
    let text: Text = toml::from_str(text)
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
    let network = match (&text.network, parts.symbols) {
        (NetworkText::Named(_), None) => fitted_to(shape, outputs),
        (NetworkText::Named(_), Some(symbols)) => fitted_to_text(shape.height, symbols),
        (NetworkText::Listed(Listed { layers }), symbols) => {
            let wanted = symbols.map_or(Wanted::Values(outputs), Wanted::Symbols);
            layer_text::network(layers, shape, wanted).map_err(TaskFileProblem::Layers)?
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
    task.source = parts.embedded.is_none().then_some(place);
    task.embedded = parts.embedded.filter(|name| *name != MNIST);
    task.steps = text.steps;
    task.goal = match text.objective {
        ObjectiveName::ValidationLoss => Goal::ValidationLoss,
        ObjectiveName::FirstHit => Goal::FirstHit(text.threshold.unwrap_or(0.02)),
    };
    let usual = match parts.symbols {
        Some(_) => Loss::NextToken,
        None => task.loss,
    };
    task.loss = text.loss.unwrap_or(usual);
    task.carry = text.data.carry;
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
    /// Number of symbols of a text.
    symbols: Option<usize>,
    /// The name of those that the program carries.
    embedded: Option<&'static str>,
}

impl Parts {
    fn of_table(table: Table, embedded: Option<&'static str>) -> Self {
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
        Parts {
            train: train.into(),
            validation: validation.into(),
            selection: Some(selection.into()),
            notes,
            symbols: Some(symbols),
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
            Loss::CrossEntropy | Loss::NextToken => Kind::Classes,
            _ => Kind::Numbers,
        })
    }

    /// How a text is cut.
    fn cut(&self) -> Cut {
        Cut {
            window: self.data.window.unwrap_or(USUAL_WINDOW),
            validation: self.data.validation,
            selection: self.data.selection,
        }
    }

    /// Refuses what only a text, or only another kind of data has.
    fn check_kind(&self, is_text: bool) -> Result<(), TaskFileProblem> {
        let refuse = |key, found: String, expected: &str| {
            Err(TaskFileProblem::Value {
                key,
                found,
                expected: expected.to_owned(),
            })
        };
        let none = "none: the data are no text";
        match (is_text, &self.data, self.loss) {
            (true, _, Some(loss @ (Loss::Squared | Loss::Huber))) => {
                refuse("loss", loss.to_string(), "\"next-token\" for a text")
            }
            (false, _, Some(Loss::NextToken)) => refuse(
                "loss",
                Loss::NextToken.to_string(),
                "another loss: the data are no text",
            ),
            (
                true,
                DataText {
                    target: Some(target),
                    ..
                },
                _,
            ) => refuse(
                "data.target",
                format!("\"{target}\""),
                "none: of a text, the next character is predicted",
            ),
            (
                false,
                DataText {
                    window: Some(window),
                    ..
                },
                _,
            ) => refuse("data.window", window.to_string(), none),
            (false, DataText { carry: true, .. }, _) => {
                refuse("data.carry", true.to_string(), none)
            }
            _ => Ok(()),
        }
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
        if let Some(loss @ (Loss::Quadratic | Loss::Rosenbrock)) = self.loss {
            return refuse(
                "loss",
                &loss,
                "a loss of data; a formula is a task of its own, with [function]",
            );
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
        if let Some(window) = self.data.window
            && !(1..=LONGEST_WINDOW).contains(&window)
        {
            return refuse("data.window", &window, "1 to 4096 characters");
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
        let ending = place.extension().unwrap_or_default().to_ascii_lowercase();
        if ending != "npz"
            && let Some(inputs) = &self.data.inputs
        {
            return Err(TaskFileProblem::Value {
                key: "data.inputs",
                found: format!("\"{inputs}\""),
                expected: "none: only a .npz archive has arrays".to_owned(),
            });
        }
        let carried = EmbeddedText::by_name(&self.data.path).filter(|_| own_path);
        let is_text =
            carried.is_some() || ending == "txt" || self.data.kind == Some(DataKind::Text);
        self.check_kind(is_text)?;
        if is_text {
            let read = match carried {
                Some(text) => text::windows(&text.text(), text.name, self.cut()),
                None => text::read(place, self.cut()),
            };
            let windows = read.map_err(|problem| TaskFileProblem::Text {
                path: carried.map_or_else(|| place.to_owned(), |text| text.name.into()),
                problem,
            })?;
            return Ok(Parts::of_text(windows, carried.map(|text| text.name)));
        }
        if own_path && self.data.path == MNIST {
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
                symbols: None,
                embedded: Some(MNIST),
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
                Some(name),
            ));
        }
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
                None,
            ));
        }
        if ending == "npz" {
            let keys = [self.data.inputs.as_deref(), self.data.target.as_deref()];
            let (kind, validation) = (self.kind(), self.data.validation);
            let read = npz::read(place, keys, kind, validation, SELECTION_SEED);
            let read = read.map_err(|problem| TaskFileProblem::Npz {
                path: place.to_owned(),
                problem,
            });
            return Ok(Parts::of_table(read?, None));
        }
        if place.is_file() {
            return Err(TaskFileProblem::Value {
                key: "data.path",
                found: place.display().to_string(),
                expected:
                    "a .csv or .tsv table, a .npz archive, a .txt text, a folder of IDX files, or a name: mnist, "
                        .to_owned()
                        + &(EMBEDDED.iter().map(|table| table.name))
                            .chain(EMBEDDED_TEXTS.iter().map(|text| text.name))
                            .collect::<Vec<_>>()
                            .join(", "),
            });
        }
        no_target()?;
        let data = directory::read(place, None).map_err(TaskFileProblem::Data)?;
        Ok(Parts {
            train: data.train.into(),
            validation: data.validation.into(),
            selection: None,
            notes: data.notes,
            symbols: None,
            embedded: None,
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
