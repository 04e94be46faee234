//! Tasks: a data set, a network and a loss, under a name.
//!
//! The loss is the softmax cross-entropy in all of them. [`Task::paper`] is the paper's task; the others are listed
//! by [`Task::list`].

use std::path::Path;
use std::sync::Arc;

use descender_nn::{Activation, Network, NetworkSpecification, Shape};
use serde::Serialize;

mod error;

pub use error::TaskError;

use crate::data::{Dataset, directory, mnist};
use crate::descent::Split;
use crate::network::fitted;

/// The paper's batch size.
const BATCH_SIZE: usize = 32;
/// Share of a folder's training images that become selection data.
const SELECTION_SHARE: f64 = 0.2;

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

/// One line of `descender list tasks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TaskListing {
    /// The name that [`Task::by_name`] takes.
    pub name: &'static str,
    /// What it is, in one line.
    pub description: &'static str,
    /// Whether it needs a folder with data.
    pub needs_data: bool,
}

const PAPER: TaskListing = TaskListing {
    name: "mnist-cnn",
    description: "the paper's task: 8,000 MNIST images (2,000 for validation), a convolutional network of 28,938 \
                  parameters, batches of 32",
    needs_data: false,
};
const SMALL: TaskListing = TaskListing {
    name: "mnist-small",
    description: "for tests and quick looks: 1,000 MNIST images (500 for validation) averaged down to 7 × 7, a \
                  perceptron 49-16-10, batches of 32",
    needs_data: false,
};
const FOLDER: TaskListing = TaskListing {
    name: "idx-cnn",
    description: "your images: the four IDX files of a folder (MNIST, Fashion-MNIST, …), a convolutional network \
                  fitted to their size, batches of 32",
    needs_data: true,
};

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

    /// `mnist-cnn`, the paper's task: the embedded MNIST (8,000 and 2,000 images), the paper's network, batch 32.
    #[must_use]
    pub fn paper() -> Task {
        let network = NetworkSpecification::paper();
        Task::embedded(PAPER, mnist::embedded(), network)
    }

    /// `mnist-small`, for tests and quick looks: the first 1,000 and 500 of the embedded images, averaged down to
    /// 7 × 7 pixels, a perceptron 49-16-10 with ReLU (970 parameters), batch 32, so that a step takes microseconds.
    #[must_use]
    pub fn small() -> Task {
        let mnist::Embedded {
            train,
            validation,
            selection,
        } = mnist::embedded();
        let sets = [(train, 1_000), (validation, 500), (selection, 500)];
        let [train, validation, selection] = sets.map(|(set, count)| {
            let pooled = set.first(count).average_pooled(4);
            Arc::new(pooled.expect("28 is divisible by 4, and the embedded images are 28 × 28"))
        });
        let network = NetworkSpecification::multi_layer_perceptron(49, &[16], 10, Activation::Relu);
        let data = mnist::Embedded {
            train,
            validation,
            selection,
        };
        Task::embedded(SMALL, data, network)
    }

    /// A task of the embedded data, which is known to fit together.
    fn embedded(
        listing: TaskListing,
        data: mnist::Embedded,
        network: NetworkSpecification,
    ) -> Task {
        let mnist::Embedded {
            train,
            validation,
            selection,
        } = data;
        let task =
            Task::new(listing.name, listing.description, train, validation, network, BATCH_SIZE)
                .expect("the embedded data and these networks are part of the program, and its tests make every task");
        Task {
            selection: Some(selection),
            ..task
        }
    }

    /// `idx-cnn`: the data set of a folder (see [`directory`]), with a network [`fitted`] to it, batch 32.
    ///
    /// A fifth of its training images, chosen at random, become the selection data: they are not trained on.
    ///
    /// `classes` is the number of classes; `None` takes it from the training labels.
    ///
    /// # Errors
    /// If the folder's files are refused, the images are too large for a network, or there are fewer than 32.
    pub fn from_directory(directory: &Path, classes: Option<usize>) -> Result<Task, TaskError> {
        let (train, validation) = directory::read(directory, classes)?;
        let network = fitted(train.shape, train.classes);
        let description = format!(
            "{} images of {} in {} classes ({} for validation) from {}, a convolutional network fitted to them, \
             batches of {BATCH_SIZE}",
            train.len(),
            train.shape,
            train.classes,
            validation.len(),
            directory.display()
        );
        Task::new(
            FOLDER.name,
            description,
            train.into(),
            validation.into(),
            network,
            BATCH_SIZE,
        )
        .map(|task| task.with_selection(SELECTION_SHARE, 0))
    }

    /// The tasks that [`Task::by_name`] knows.
    #[must_use]
    pub fn list() -> &'static [TaskListing] {
        &[PAPER, SMALL, FOLDER]
    }

    /// The task of a name, with the data of a folder where one is given.
    ///
    /// A name may go on with changes, as in `mnist-cnn;batch=16` (see [`Task::variant`]).
    /// `mnist-cnn` with a folder is `idx-cnn` (and says so in its name), so that the default task takes any data.
    ///
    /// # Errors
    /// If there is no such task, it needs a folder or takes none, or the folder's data are refused.
    pub fn by_name(name: &str, data: Option<&Path>) -> Result<Task, TaskError> {
        let (name, changes) = crate::variant::split(name);
        Task::plain(name, data)?.variant(changes)
    }

    fn plain(name: &str, data: Option<&Path>) -> Result<Task, TaskError> {
        let name_of = |listing: TaskListing| listing.name.to_owned();
        match data {
            _ if !Task::list().iter().any(|listing| listing.name == name) => {
                let known = Task::list()
                    .iter()
                    .map(|listing| listing.name)
                    .collect::<Vec<_>>()
                    .join(", ");
                Err(TaskError::UnknownName {
                    name: name.to_owned(),
                    known,
                })
            }
            None if name == PAPER.name => Ok(Task::paper()),
            None if name == SMALL.name => Ok(Task::small()),
            None => Err(TaskError::NeedsData {
                name: name_of(FOLDER),
            }),
            Some(directory) if name == SMALL.name => Err(TaskError::TakesNoData {
                name: name_of(SMALL),
                directory: directory.display().to_string(),
            }),
            Some(directory) => Task::from_directory(directory, None),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_files::{Files, images, labels, write};

    #[test]
    fn every_listed_task_can_be_made_and_bears_its_name() {
        let folder = folder_of(40);
        for listing in Task::list() {
            let data = listing.needs_data.then_some(folder.path());
            let task = Task::by_name(listing.name, data).unwrap();
            assert_eq!(task.name, listing.name);
            assert!(task.check().is_ok());
        }
    }

    #[test]
    fn the_papers_task_has_the_papers_numbers() {
        let task = Task::paper();
        assert_eq!(
            (task.train.len(), task.validation.len(), task.batch_size),
            (8_000, 2_000, 32)
        );
        assert_eq!(
            (task.network.parameter_count(), task.steps_per_epoch()),
            (28_938, 250)
        );
    }

    #[test]
    fn the_small_task_is_small() {
        let task = Task::small();
        assert_eq!(
            (task.train.len(), task.validation.len(), task.batch_size),
            (1_000, 500, 32)
        );
        assert_eq!(task.network.parameter_count(), 49 * 16 + 16 + 16 * 10 + 10);
    }

    #[test]
    fn names_and_folders_that_do_not_go_together_are_refused() {
        let message = |name, data| Task::by_name(name, data).unwrap_err().to_string();
        assert!(
            message("mnist", None)
                .contains("`mnist`, expected one of mnist-cnn, mnist-small, idx-cnn")
        );
        assert!(message("idx-cnn", None).contains("needs a folder"));
        assert!(
            message("mnist-small", Some(Path::new("here"))).contains("data in here use `idx-cnn`")
        );
        assert!(message("mnist-cnn", Some(Path::new("no/where"))).contains("no/where"));
        let folder = folder_of(31);
        assert!(
            message("idx-cnn", Some(folder.path())).contains("batch size is 32, expected 1 to 31")
        );
    }

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

    /// A folder with `count` training images of 6 × 5 pixels in three classes.
    fn folder_of(count: usize) -> tempfile::TempDir {
        let pixels: Vec<u8> = (0..count * 30).map(|value| (value % 251) as u8).collect();
        let classes: Vec<u8> = (0..count).map(|value| (value % 3) as u8).collect();
        write(&Files {
            train_images: images(6, 5, &pixels),
            train_labels: labels(&classes),
            test_images: images(6, 5, &pixels[..60]),
            test_labels: labels(&classes[..2]),
            ..Files::default()
        })
    }
}
