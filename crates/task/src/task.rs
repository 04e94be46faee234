//! Tasks: a data set, a network and a loss, under a name.
//!
//! The loss is the softmax cross-entropy in all of them. The tasks with a name are in `catalogue`.

use std::sync::Arc;

use descender_nn::{Network, NetworkSpecification, Shape};

mod error;

pub use error::TaskError;

use crate::data::Dataset;
use crate::descent::Split;

/// Seed of the draw of selection data: they are part of a task with a name, so they are always the same.
pub(crate) const SELECTION_SEED: u64 = 0;

/// What is learned: a data set, a network and a loss (softmax cross-entropy), and the size of a batch.
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
    /// Number of examples in a batch. Every batch is full: the rest of an epoch is dropped.
    pub batch_size: usize,
}

impl Task {
    /// A task of one's own.
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
        let task = Task {
            name,
            description,
            selection: None,
            train,
            validation,
            network,
            batch_size,
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
    /// and no more than leave a batch. A task that has selection data, or too few examples, stays as it is.
    #[must_use]
    pub fn with_selection(self, share: f64, seed: u64) -> Task {
        let most = self.train.len().saturating_sub(self.batch_size);
        let count = ((self.train.len() as f64 * share.clamp(0.0, 1.0)).ceil() as usize).min(most);
        if self.selection.is_some() || count == 0 {
            return self;
        }
        let (selection, train) = self.train.split(count, seed);
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

    /// What can run but is probably not intended: classes without an example, as where labels begin at 1 or have gaps.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let trained = self.train.label_counts();
        let tested = self.validation.label_counts();
        let classes = 0..self.train.classes;
        let untrained: Vec<usize> = classes
            .clone()
            .filter(|&class| trained[class] == 0)
            .collect();
        let untested = classes.filter(|&class| trained[class] > 0 && tested.get(class) == Some(&0));
        let warning = |data: &Dataset, missing: &[usize], end: &str| {
            (!missing.is_empty()).then(|| {
                let (name, last) = (&data.name, self.train.classes - 1);
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
    /// another input or has another number of outputs, or the batch is empty or larger than the training set.
    pub fn check(&self) -> Result<(), TaskError> {
        let (train, validation) = (&*self.train, &*self.validation);
        train.check()?;
        validation.check()?;
        let mismatch = |part, found: &dyn ToString, expected: String| {
            Err(TaskError::Mismatch {
                name: self.name.clone(),
                part,
                found: found.to_string(),
                expected,
            })
        };
        if validation.shape != train.shape {
            return mismatch(
                "shape of the validation data",
                &validation.shape,
                train.shape.to_string(),
            );
        }
        if validation.classes != train.classes {
            let (found, expected) = (validation.classes, train.classes.to_string());
            return mismatch("number of classes of the validation data", &found, expected);
        }
        if let Some(selection) = &self.selection {
            selection.check()?;
            if selection.shape != train.shape {
                return mismatch(
                    "shape of the selection data",
                    &selection.shape,
                    train.shape.to_string(),
                );
            }
            if selection.classes != train.classes {
                let (found, expected) = (selection.classes, train.classes.to_string());
                return mismatch("number of classes of the selection data", &found, expected);
            }
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
        if outputs != train.classes {
            return mismatch(
                "number of outputs of the network",
                &outputs,
                format!("{} classes", train.classes),
            );
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
        refused(
            |task| Arc::make_mut(&mut task.validation).classes = 11,
            "number of classes",
        );
        refused(
            |task| Arc::make_mut(&mut task.train).labels[3] = 10,
            "label 10 at entry 3",
        );
        refused(
            |task| {
                Arc::make_mut(&mut task.train).classes = 11;
                Arc::make_mut(&mut task.validation).classes = 11;
                task.selection.as_mut().map(Arc::make_mut).unwrap().classes = 11;
            },
            "outputs of the network is 10, expected 11 classes",
        );
    }
}
