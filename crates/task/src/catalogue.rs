//! The tasks with a name: those that the program carries, and one for the user's own images.
//!
//! Most are task files in the folder `tasks/` of this crate. [`Task::paper`] is the paper's task. [`Task::list`] lists all of them, and [`Task::by_name`] makes one.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use descender_nn::{Activation, NetworkSpecification};
use serde::Serialize;

use crate::built_in::{BUILT_IN, BuiltInTask};
use crate::data::{directory, mnist};
use crate::file;
use crate::network::fitted;
use crate::task::{SELECTION_SEED, SELECTION_SHARE, Task, TaskError};
use crate::variant;

/// The paper's batch size.
const BATCH_SIZE: usize = 32;

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
    /// `mnist-cnn`, the paper's task: the embedded MNIST (8,000 and 2,000 images), the paper's network, batch 32.
    #[must_use]
    pub fn paper() -> Task {
        let network = NetworkSpecification::paper();
        Task::embedded(PAPER, mnist::embedded(), network)
    }

    /// `mnist-small`, for tests and quick looks. A step takes microseconds.
    ///
    /// The first 1,000 and 500 of the embedded images, averaged down to 7 × 7 pixels; a perceptron 49-16-10 with ReLU
    /// (970 parameters); batch 32.
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
    /// A share of its training images ([`SELECTION_SHARE`]), chosen at random but always the same, become the selection
    /// data: they are not trained on.
    ///
    /// `classes` is the number of classes; `None` takes it from the training labels.
    ///
    /// # Errors
    /// If the folder's files are refused, the images are too large for a network, or there are fewer than 32.
    pub fn from_directory(directory: &Path, classes: Option<usize>) -> Result<Task, TaskError> {
        let task = Task::whole_directory(directory, classes)?;
        Ok(task.with_selection(SELECTION_SHARE, SELECTION_SEED))
    }

    /// [`Task::from_directory`] before any image becomes selection data.
    fn whole_directory(directory: &Path, classes: Option<usize>) -> Result<Task, TaskError> {
        let directory::FolderData {
            train,
            validation,
            notes,
        } = directory::read(directory, classes)?;
        let network = fitted(train.shape, train.answers.outputs());
        let description = format!(
            "{} images of {} in {} classes ({} for validation) from {}, a convolutional network fitted to them, \
             batches of {BATCH_SIZE}",
            train.len(),
            train.shape,
            train.answers.outputs(),
            validation.len(),
            directory.display()
        );
        let task = Task::new(
            FOLDER.name,
            description,
            train.into(),
            validation.into(),
            network,
            BATCH_SIZE,
        )?;
        Ok(Task {
            source: Some(directory.to_owned()),
            notes,
            ..task
        })
    }

    /// The tasks that [`Task::by_name`] knows.
    #[must_use]
    pub fn list() -> &'static [TaskListing] {
        static LIST: LazyLock<Vec<TaskListing>> = LazyLock::new(|| {
            let files = BUILT_IN.iter().map(|task| TaskListing {
                name: task.name,
                description: task.about(),
                needs_data: false,
            });
            [PAPER, SMALL]
                .into_iter()
                .chain(files)
                .chain([FOLDER])
                .collect()
        });
        &LIST
    }

    /// The task with this name, with the data of a folder if one is given.
    ///
    /// A name that ends in `.toml` is that of a [task file](crate::file).
    ///
    /// Changes may follow the name, as in `mnist-cnn;batch=16` (see [`Task::variant`]). `mnist-cnn` with a folder is
    /// `idx-cnn` and has that name, so the default task takes any data. Other built-in tasks of images keep their name and
    /// their network, and take a folder's images for MNIST's. Where the change `selection=F` doesn't say
    /// another share, [`SELECTION_SHARE`] of a folder's training images become selection data.
    ///
    /// # Errors
    /// If there is no such task, if it needs a folder or takes none, or if the folder's data are refused.
    pub fn by_name(name: &str, data: Option<&Path>) -> Result<Task, TaskError> {
        let (name, changes) = variant::split(name);
        let mut task = Task::plain(name, data)?;
        if !variant::chooses_selection(changes) {
            task = task.with_selection(SELECTION_SHARE, SELECTION_SEED);
        }
        task.variant(changes)
    }

    /// Whether a name, without its changes, is that of a [task file](crate::file): it ends in `.toml`.
    #[must_use]
    pub fn is_file_name(name: &str) -> bool {
        file::is_file_name(variant::split(name).0.trim())
    }

    /// The task without changes; that of a folder without selection data.
    fn plain(name: &str, data: Option<&Path>) -> Result<Task, TaskError> {
        let name_of = |listing: TaskListing| listing.name.to_owned();
        if let Some(task) = BuiltInTask::by_name(name) {
            return Ok(task.task(data)?);
        }
        match data {
            _ if Task::is_file_name(name) => Ok(Task::from_file(Path::new(name), data)?),
            _ if !Task::list().iter().any(|listing| listing.name == name) => {
                let known = Task::list()
                    .iter()
                    .map(|listing| listing.name)
                    .collect::<Vec<_>>()
                    .join(", ");
                let known = format!("{known}, or a task file that ends in .toml");
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
                instead: FOLDER.name,
            }),
            Some(directory) => Task::whole_directory(directory, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Problem;
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
    fn selection_images_are_a_share_of_the_training_images() {
        let folder = folder_of(400);
        let task = |name: &str| Task::by_name(name, Some(folder.path()));
        let sizes = |task: &Task| {
            (
                task.train.len(),
                task.selection.as_ref().map(|set| set.len()),
            )
        };
        let plain = task("idx-cnn").unwrap();
        assert_eq!(sizes(&plain), (360, Some(40)));
        let public = Task::from_directory(folder.path(), None).unwrap();
        assert_eq!(public.identity(), plain.identity());
        // Another share; other changes are made to what is left, in whatever order they are named.
        assert_eq!(
            sizes(&task("idx-cnn;selection=0.25").unwrap()),
            (300, Some(100))
        );
        for name in [
            "idx-cnn;data=0.5;selection=0.25",
            "idx-cnn;selection=0.25;data=0.5",
        ] {
            let changed = task(name).unwrap();
            assert_eq!(
                (changed.name.as_str(), sizes(&changed)),
                (name, (150, Some(100)))
            );
        }
        for (name, expected) in [
            ("idx-cnn;selection=0.95", "leaves a batch"),
            ("idx-cnn;selection=0", "above 0"),
            ("idx-cnn;selection=1.5", "above 0"),
        ] {
            let error = task(name).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let own = Task::by_name("mnist-small;selection=0.1", None);
        assert!(own.unwrap_err().to_string().contains("of its own"));
    }

    #[test]
    fn names_and_folders_that_do_not_go_together_are_refused() {
        let message = |name, data| Task::by_name(name, data).unwrap_err().to_string();
        assert!(
            message("mnist", None)
                .contains("`mnist`, expected one of mnist-cnn, mnist-small, mnist-logistic")
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
