//! Variants of a task, to see how a controller does where it wasn't trained.
//!
//! A variant is named by the task and its changes, such as `mnist-cnn;batch=16` or `mnist-cnn;data=0.25;noise=0.2`:
//!
//! | change | what it does |
//! |---|---|
//! | `batch=N` | batches of N examples |
//! | `width=F` | every hidden layer has F times as many channels or units (rounded, at least 1) |
//! | `data=F` | only the first F·n of the n training examples, 0 < F ≤ 1 |
//! | `noise=F` | a share F of the training labels is wrong: another class, drawn evenly; always the same labels |
//! | `selection=F` | a share F of the training examples becomes selection data, before any other change |
//!
//! Validation data stay as they are, and so do the selection data of a task that has its own.

use std::sync::Arc;

use descender_nn::{Layer, Network, NetworkSpecification};
use descender_random::{Purpose, below, stream};

use crate::data::{Answers, Dataset};
use crate::task::{SELECTION_SEED, Task, TaskError};

/// Wrong labels; always drawn under seed 0, as they are part of the task.
const LABEL_NOISE: Purpose = Purpose::new(14, "label noise");

/// The change that makes selection data.
const SELECTION: &str = "selection";
/// All changes, for messages.
const CHANGES: &str = "batch=N, width=F, data=F, noise=F or selection=F";

/// Splits a name into that of the task and its changes; the latter are empty for a plain task.
pub(crate) fn split(name: &str) -> (&str, &str) {
    name.split_once(';').unwrap_or((name, ""))
}

/// The changes of a list such as `batch=16;noise=0.2`.
fn changes_of(changes: &str) -> impl Iterator<Item = &str> {
    changes
        .split(';')
        .map(str::trim)
        .filter(|change| !change.is_empty())
}

/// A change's key and value.
fn parts(change: &str) -> Option<(&str, &str)> {
    let (key, value) = change.split_once('=')?;
    Some((key.trim(), value.trim()))
}

/// Whether a list of changes says which share of the training examples becomes selection data.
pub(crate) fn chooses_selection(changes: &str) -> bool {
    changes_of(changes)
        .filter_map(parts)
        .any(|(key, _)| key == SELECTION)
}

impl Task {
    /// The variant of this task that `changes` describes, such as `batch=16;noise=0.2`.
    ///
    /// # Errors
    /// If a change is unknown, its value is impossible, or it leaves nothing that can be trained.
    pub fn variant(mut self, changes: &str) -> Result<Task, TaskError> {
        self = self.with_selection_change(changes)?;
        let base = self.name.clone();
        let refuse = |change: &str, expected: &'static str| TaskError::Variant {
            task: base.clone(),
            change: change.to_owned(),
            expected,
        };
        for change in changes_of(changes) {
            let (key, value) = parts(change).ok_or_else(|| refuse(change, CHANGES))?;
            let fraction = |most: f64, expected| {
                number_up_to(value, most).ok_or_else(|| refuse(change, expected))
            };
            match key {
                "batch" => {
                    self.batch_size = value
                        .parse()
                        .ok()
                        .filter(|size| (1..=self.train.len()).contains(size))
                        .ok_or_else(|| {
                            refuse(change, "a batch from 1 to the number of training examples")
                        })?;
                }
                "width" => {
                    let factor = fraction(16.0, "a factor above 0 and at most 16")?;
                    let specification = widened(self.network.specification(), factor);
                    self.network =
                        Network::new(specification).map_err(|problem| TaskError::Network {
                            name: self.name.clone(),
                            problem,
                        })?;
                }
                "data" => {
                    let share = fraction(1.0, "a share above 0 and at most 1")?;
                    let count = (self.train.len() as f64 * share).round() as usize;
                    self.train = Arc::new(self.train.first(count.max(1)));
                }
                "noise" => {
                    let share = fraction(1.0, "a share above 0 and at most 1")?;
                    let changed = mislabelled(&self.train, share)
                        .ok_or_else(|| refuse(change, "a task of classes, for wrong labels"))?;
                    self.train = Arc::new(changed);
                }
                SELECTION => {} // above, before the others
                _ => return Err(refuse(change, CHANGES)),
            }
            self.name = format!("{};{key}={value}", self.name);
        }
        self.check()?;
        Ok(self)
    }

    /// The task after the change `selection=F`, if it is among the changes.
    fn with_selection_change(self, changes: &str) -> Result<Task, TaskError> {
        let chosen = changes_of(changes).find(|change| chooses_selection(change));
        let Some((change, (_, value))) = chosen.and_then(|change| Some((change, parts(change)?)))
        else {
            return Ok(self);
        };
        let refuse = |expected| TaskError::Variant {
            task: self.name.clone(),
            change: change.to_owned(),
            expected,
        };
        if self.selection.is_some() {
            return Err(refuse(
                "no such change: the task has selection data of its own",
            ));
        }
        let share =
            number_up_to(value, 1.0).ok_or_else(|| refuse("a share above 0 and at most 1"))?;
        let expected = refuse("a share that leaves a batch of training examples");
        let wanted = (self.train.len() as f64 * share).ceil() as usize;
        let task = self.with_selection(share, SELECTION_SEED);
        match &task.selection {
            Some(selection) if selection.len() == wanted => Ok(task),
            _ => Err(expected),
        }
    }
}

/// The number that `text` is, if it is above 0 and at most `most`.
fn number_up_to(text: &str, most: f64) -> Option<f64> {
    let number = text.parse().ok();
    number.filter(|number: &f64| *number > 0.0 && *number <= most)
}

/// The network with its hidden layers `factor` times as wide; the last layer keeps its outputs.
fn widened(specification: &NetworkSpecification, factor: f64) -> NetworkSpecification {
    let scaled = |width: usize| ((width as f64 * factor).round() as usize).max(1);
    let mut changed = specification.clone();
    let last = changed
        .layers
        .iter()
        .rposition(|layer| matches!(layer, Layer::Linear { .. } | Layer::Conv2d { .. }));
    for (position, layer) in changed.layers.iter_mut().enumerate() {
        match layer {
            _ if Some(position) == last => {}
            Layer::Conv2d { out_channels, .. } => *out_channels = scaled(*out_channels),
            Layer::Linear { outputs } => *outputs = scaled(*outputs),
            Layer::Gru { hidden, .. } | Layer::Lstm { hidden, .. } => *hidden = scaled(*hidden),
            _ => {}
        }
    }
    changed
}

/// The data set with a share of its labels wrong; `None` where it has no labels. Which ones depends on their number
/// alone.
fn mislabelled(dataset: &Dataset, share: f64) -> Option<Dataset> {
    let mut generator = stream(0, LABEL_NOISE, 0);
    let mut changed = dataset.clone();
    let Answers::Classes { count, labels, .. } = &mut changed.answers else {
        return None;
    };
    let wrong = (labels.len() as f64 * share).round() as usize;
    // The first places of a shuffled order.
    let mut order: Vec<usize> = (0..labels.len()).collect();
    for place in 0..wrong {
        let other = place + below(&mut generator, order.len() - place);
        order.swap(place, other);
        let label = &mut labels[order[place]];
        let shift = 1 + below(&mut generator, *count - 1);
        *label = ((usize::from(*label) + shift) % *count) as u8;
    }
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_changes_what_it_names() {
        let task =
            Task::by_name("mnist-small;batch=16;width=0.5;data=0.25;noise=0.2", None).unwrap();
        let plain = Task::small();
        assert_eq!(
            task.name,
            "mnist-small;batch=16;width=0.5;data=0.25;noise=0.2"
        );
        assert_eq!((task.batch_size, task.train.len()), (16, 250));
        assert_eq!(task.network.parameter_count(), 49 * 8 + 8 + 8 * 10 + 10);
        let labels = |task: &Task| match &task.train.answers {
            Answers::Classes { labels, .. } => labels.clone(),
            Answers::Numbers { .. } => Vec::new(),
        };
        let wrong = labels(&task)
            .iter()
            .zip(&labels(&plain))
            .filter(|(a, b)| a != b)
            .count();
        assert_eq!(wrong, 50, "a fifth of 250, each certainly wrong");
        assert_eq!(task.train.inputs, plain.train.first(250).inputs);
        assert_eq!(*task.validation, *plain.validation);
        let again = Task::by_name(&task.name, None).unwrap();
        assert_eq!(*again.train, *task.train);
    }

    #[test]
    fn half_the_paper_s_width_is_a_network_that_descends() {
        let task = Task::by_name("mnist-cnn;width=0.5", None).unwrap();
        // 1→8: 208, 8→16: 3,216, 784→10: 7,850.
        assert_eq!(task.network.parameter_count(), 208 + 3_216 + 7_850);
    }

    #[test]
    fn impossible_changes_are_refused_by_name() {
        for (changes, expected) in [
            ("batch=0", "batch=0"),
            ("batch=2000", "batch=2000"),
            ("width=-1", "width=-1"),
            ("data=1.5", "data=1.5"),
            ("noise=NaN", "noise=NaN"),
            ("depth=3", "depth=3"),
            ("batch", "`batch`"),
        ] {
            let error = Task::small().variant(changes).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(
            Task::small().variant("data=0.001").is_err(),
            "less than a batch"
        );
    }
}
