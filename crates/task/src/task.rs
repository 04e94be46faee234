//! Tasks: a data set, a network and a loss, under a name.
//!
//! The tasks with a name are in `catalogue`.

use std::path::PathBuf;
use std::sync::Arc;

use descender_nn::{Network, NetworkSpecification, Shape};

mod error;

pub use error::TaskError;

use crate::data::{Answers, Dataset};
use crate::descent::Split;
use crate::goal::Goal;
use crate::loss::Loss;

/// Seed of the draw of selection data: they are part of a task with a name, so they are always the same.
pub(crate) const SELECTION_SEED: u64 = 0;

/// Share of a folder's training images that become selection data, where the change `selection=F` doesn't say another.
pub const SELECTION_SHARE: f64 = 0.1;
/// Steps of a descent of a task that says no other number.
const BUDGET: u64 = 750;

/// What is learned: a data set, a network and a loss, and the size of a batch.
///
/// The fields are open; [`check`](Task::check) tells whether they fit together, and a descent asks it.
#[derive(Clone, Debug)]
pub struct Task {
    /// The name, as in `descender list tasks`.
    pub name: String,
    /// What it is, in one line.
    pub description: String,
    /// The examples that are learned.
    pub train: Arc<Dataset>,
    /// Examples that are never learned, for validation.
    pub validation: Arc<Dataset>,
    /// Examples for the rewards and the choice of controllers, so that no controller ever sees the validation data by
    /// which it is judged; `None` where a task has none.
    pub selection: Option<Arc<Dataset>>,
    /// The network.
    pub network: Network,
    /// What is minimised.
    pub loss: Loss,
    /// Number of examples in a batch. Every batch is full: the rest of an epoch is dropped.
    pub batch_size: usize,
    /// Whether a training example goes on where another one ended: a batch is as many tracks through the training data,
    /// whose examples are successive pieces of one sequence, and each example begins with the states of the network's
    /// recurrent layers behind the one before, which count as constants (truncated back-propagation through time).
    /// Evaluations carry the states, too, along at most 32 tracks.
    pub carry: bool,
    /// Steps of a descent where nothing else is asked for.
    pub steps: u64,
    /// What a controller of it is wanted for.
    pub goal: Goal,
    /// The file or the folder that the data come from; `None` for data that the program carries.
    pub source: Option<PathBuf>,
    /// The name of the data that the program carries, where they are a table or a text.
    pub embedded: Option<&'static str>,
    /// What became of the data when they were read, a line each.
    pub notes: Vec<String>,
}

impl Task {
    /// A task of one's own, under the usual loss of its answers: cross-entropy of classes, squares of numbers. No states are
    /// carried.
    ///
    /// # Errors
    /// If the network is impossible, or [`check`](Task::check) refuses the parts.
    pub fn new(
        name: impl Into<String>,
        description: impl Into<String>,
        train: Arc<Dataset>,
        validation: Arc<Dataset>,
        network: NetworkSpecification,
        batch_size: usize,
    ) -> Result<Task, TaskError> {
        let (name, description) = (name.into(), description.into());
        let network = Network::new(network).map_err(|problem| TaskError::Network {
            name: name.clone(),
            problem,
        })?;
        let loss = match train.answers {
            Answers::Classes { .. } => Loss::CrossEntropy,
            Answers::Numbers { .. } => Loss::Squared,
        };
        let task = Task {
            name,
            description,
            loss,
            selection: None,
            train,
            validation,
            network,
            batch_size,
            carry: false,
            steps: BUDGET,
            goal: Goal::default(),
            source: None,
            embedded: None,
            notes: Vec::new(),
        };
        task.check()?;
        Ok(task)
    }

    /// A part of the data; `None` if the task has no such part.
    #[must_use]
    pub fn data(&self, split: Split) -> Option<Arc<Dataset>> {
        match split {
            Split::Training => Some(Arc::clone(&self.train)),
            Split::Selection => self.selection.clone(),
            Split::Validation => Some(Arc::clone(&self.validation)),
        }
    }

    /// The task with `share` of its training examples taken away to be selection data: at least one, chosen by `seed`,
    /// and no more than leave a batch; the last ones, where states are [carried](Task::carry). A task that has selection
    /// data, or too few examples, stays as it is.
    #[must_use]
    pub fn with_selection(self, share: f64, seed: u64) -> Task {
        let most = self.train.len().saturating_sub(self.batch_size);
        let count = ((self.train.len() as f64 * share.clamp(0.0, 1.0)).ceil() as usize).min(most);
        if self.selection.is_some() || count == 0 {
            return self;
        }
        let (selection, train) = match self.carry {
            true => {
                let left = self.train.len() - count;
                let selection = self.train.picked(left..self.train.len());
                (selection, self.train.first(left))
            }
            false => self.train.split(count, seed),
        };
        Task {
            train: train.into(),
            selection: Some(selection.into()),
            ..self
        }
    }

    /// Number of batches in an epoch.
    #[must_use]
    pub fn steps_per_epoch(&self) -> usize {
        self.train.len() / self.batch_size.max(1)
    }

    /// What can run but is probably not intended: classes without an example, as where labels begin at 1 or have gaps. A
    /// sequence may well lack one.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        if self.train.is_sequence() {
            return Vec::new();
        }
        let trained = self.train.label_counts();
        let tested = self.validation.label_counts();
        let classes = 0..trained.len();
        let untrained: Vec<usize> = classes
            .clone()
            .filter(|&class| trained[class] == 0)
            .collect();
        let untested = classes.filter(|&class| trained[class] > 0 && tested.get(class) == Some(&0));
        let warning = |data: &Dataset, missing: &[usize], end: &str| {
            (!missing.is_empty()).then(|| {
                let (name, last) = (&data.name, trained.len() - 1);
                let classes = listed(missing);
                format!("{name}: no example of {classes}, where labels are 0 to {last}{end}")
            })
        };
        let end = match untrained[..] {
            [0] => "; do they begin at 1? The network has an output for it all the same",
            _ => "; the network has an output for each of them all the same",
        };
        let untested: Vec<usize> = untested.collect();
        [
            warning(&self.train, &untrained, end),
            warning(&self.validation, &untested, ""),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// If a data set is refused by [`Dataset::check`], shapes or classes of the two sets differ, the network takes
    /// another input or has another number of outputs, states are to be carried and it has none, or the batch is empty or larger than the training set.
    pub fn check(&self) -> Result<(), TaskError> {
        let (train, validation) = (&*self.train, &*self.validation);
        train.check()?;
        let mismatch = |part, found: &dyn ToString, expected: String| {
            Err(TaskError::Mismatch {
                name: self.name.clone(),
                part,
                found: found.to_string(),
                expected,
            })
        };
        let parts = [
            (
                "shape of the validation data",
                "answers of the validation data",
                Some(validation),
            ),
            (
                "shape of the selection data",
                "answers of the selection data",
                self.selection.as_deref(),
            ),
        ];
        for (shape, answers, data) in parts {
            let Some(data) = data else { continue };
            data.check()?;
            if data.shape != train.shape {
                return mismatch(shape, &data.shape, train.shape.to_string());
            }
            if !data.answers.is_like(&train.answers) {
                return mismatch(answers, &data.answers.words(), train.answers.words());
            }
        }
        if !self.loss.takes(&train.answers) {
            let fitting = Loss::ALL
                .into_iter()
                .filter(|loss| loss.takes(&train.answers));
            let names: Vec<&str> = fitting.map(Loss::name).collect();
            let expected = format!("{} for {}", names.join(" or "), train.answers.words());
            return mismatch("loss", &self.loss, expected);
        }
        let input = self.network.specification().input;
        if input != train.shape && input != Shape::flat(train.input_len()) {
            return mismatch(
                "input of the network",
                &input,
                format!("{}, the shape of the data", train.shape),
            );
        }
        let outputs = self.network.output_count();
        if outputs != train.answers.outputs() {
            let expected = format!("{} for {}", train.answers.outputs(), train.answers.words());
            return mismatch("number of outputs of the network", &outputs, expected);
        }
        if self.carry && self.network.state_count() == 0 {
            let expected = "a network with a gru or an lstm layer, or none".to_owned();
            return mismatch("what is carried", &"the state of no layer", expected);
        }
        if self.batch_size == 0 || self.batch_size > train.len() {
            let expected = format!("1 to {}, the number of training examples", train.len());
            return mismatch("batch size", &self.batch_size, expected);
        }
        Ok(())
    }
}

/// Some classes in words: "the class 0", "the classes 0, 2 and 7 more".
fn listed(classes: &[usize]) -> String {
    /// Classes that are named.
    const SHOWN: usize = 8;
    let names: Vec<String> = classes.iter().take(SHOWN).map(usize::to_string).collect();
    let (names, more) = (names.join(", "), classes.len().saturating_sub(SHOWN));
    match (classes.len(), more) {
        (1, _) => format!("the class {names}"),
        (_, 0) => format!("the classes {names}"),
        _ => format!("the classes {names} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::mnist;

    #[test]
    fn parts_that_do_not_fit_together_are_refused() {
        let refused = |change: fn(&mut Task), part: &str| {
            let mut task = Task::small();
            change(&mut task);
            let message = task.check().unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        };
        refused(|task| task.batch_size = 0, "batch size is 0");
        refused(
            |task| task.network = Task::paper().network,
            "input of the network is 28 × 28 × 1",
        );
        refused(
            |task| task.validation = mnist::embedded().validation,
            "shape of the validation data",
        );
        let eleven = |data: &mut Arc<Dataset>| {
            let Answers::Classes { count, .. } = &mut Arc::make_mut(data).answers else {
                panic!("images have labels");
            };
            *count = 11;
        };
        refused(
            |task| {
                let data = Arc::make_mut(&mut task.validation);
                data.answers = Answers::classes(11, vec![0; data.len()]);
            },
            "answers of the validation data is 11 classes, expected 10 classes",
        );
        refused(
            |task| {
                let data = Arc::make_mut(&mut task.train);
                data.answers = Answers::classes(10, vec![10; data.len()]);
            },
            "label 10 at entry 0",
        );
        refused(
            |task| task.loss = Loss::Huber,
            "cross-entropy for 10 classes",
        );
        let mut wide = Task::small();
        eleven(&mut wide.train);
        eleven(&mut wide.validation);
        eleven(wide.selection.as_mut().unwrap());
        let message = wide.check().unwrap_err().to_string();
        assert!(
            message.contains("outputs of the network is 10, expected 11"),
            "{message}"
        );
    }
}
