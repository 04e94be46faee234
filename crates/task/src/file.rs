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

use descender_nn::{Activation, NetworkSpecification, Shape};
use std::path::Path;

pub(crate) mod error;
mod function;
mod layer_text;
mod npz;
mod table;
mod task_data;
mod task_text;
mod text;

pub use error::{TaskFileError, TaskFileProblem};
pub use layer_text::LayersError;
pub use npz::NpzError;
pub use table::TableError;
pub use task_data::embedded_table;
pub use text::TextError;

use crate::goal::Goal;
use crate::loss::Loss;
use crate::network::fitted;
use crate::task::{SELECTION_SEED, Task};
use error::MOST_BYTES;
use layer_text::Wanted;
use task_data::{MNIST, TaskData};
use task_text::{Listed, NetworkText, ObjectiveName, TaskText};
use text::fitted_to_text;

/// Hidden units of the two layers that are fitted to a table.
const HIDDEN: usize = 64;

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
    let text: TaskText = toml::from_str(text)
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
    let parts = TaskData::read(&text, &place, data.is_none())?;
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
