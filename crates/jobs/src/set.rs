//! Sets of jobs: what the jobs of a set can be, as a file says it.
//!
//! ```toml
//! name = "mine"
//! data = ["mnist", "mixture", "wine"]           # drawn from; named twice: twice as often
//! networks = ["perceptron", "convolution"]
//! steps = [100, 1000]                           # evenly in the logarithm
//! batches = [16, 64]
//! noise = { share = 0.4, from = 0.05, to = 0.4 } # so many of the jobs have such a share of wrong labels
//! ```
//!
//! Job number i of a set is the same wherever it is drawn. Jobs to train on, jobs to choose by and jobs to report on are
//! drawn from streams of their own, so that none is used twice.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where the examples of a job come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataSource {
    /// The embedded MNIST, averaged down to 14 × 14 pixels.
    Mnist,
    /// The embedded MNIST as it is, 28 × 28 pixels.
    MnistFull,
    /// Points around two centres a class, which lie at random.
    Mixture,
    /// Classes drawn by a random network.
    Teacher,
    /// Numbers of a random network, with noise.
    TeacherNumbers,
    /// The embedded table of digits of 8 × 8 pixels.
    Digits,
    /// The embedded table of wines.
    Wine,
    /// The embedded table of tumours.
    Cancer,
    /// The embedded table of irises.
    Iris,
    /// The embedded table of penguins.
    Penguins,
    /// The embedded table of votes.
    Vote,
    /// A task of one's own; no set draws it.
    #[serde(skip_deserializing)]
    Own,
}

impl DataSource {
    /// Whether its examples are images.
    #[must_use]
    pub const fn is_images(&self) -> bool {
        matches!(self, Self::Mnist | Self::MnistFull)
    }
}

/// The kind of a job's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkFamily {
    /// Layers of one width; without hidden layers logistic or linear regression.
    Perceptron,
    /// A convolution with pooling, then two linear layers; for images.
    Convolution,
    /// Gated recurrent units over the rows of an image.
    Gru,
    /// Long short-term memory over the rows of an image.
    Lstm,
    /// Two residual blocks with layer normalisation.
    Residual,
    /// That of a task of one's own; no set draws it.
    #[serde(skip_deserializing)]
    Own,
}

impl NetworkFamily {
    /// Whether it reads images only.
    #[must_use]
    pub const fn needs_images(self) -> bool {
        matches!(self, Self::Convolution | Self::Gru | Self::Lstm)
    }
}

/// A number that only some of the jobs have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sometimes {
    /// The share of jobs that have it.
    pub share: f64,
    /// The least.
    pub from: f64,
    /// The greatest.
    pub to: f64,
}

/// What the jobs of a set can be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSet {
    /// The name.
    pub name: String,
    /// What the set is, in a line.
    #[serde(default)]
    pub about: String,
    /// Where examples come from, each equally often.
    pub data: Vec<DataSource>,
    /// The kinds of networks, each equally often.
    pub networks: Vec<NetworkFamily>,
    /// Hidden units of a layer.
    #[serde(default = "usual::widths")]
    pub widths: Vec<usize>,
    /// Hidden layers of a perceptron.
    #[serde(default = "usual::depths")]
    pub depths: Vec<usize>,
    /// Examples of a batch.
    #[serde(default = "usual::batches")]
    pub batches: Vec<usize>,
    /// The fewest and the most steps.
    #[serde(default = "usual::steps")]
    pub steps: [u64; 2],
    /// The fewest and the most training examples. A table gives what it has.
    #[serde(default = "usual::examples")]
    pub examples: [usize; 2],
    /// The share of wrong labels, in all parts of the data.
    #[serde(default = "usual::noise")]
    pub noise: Sometimes,
    /// What the inputs are multiplied by, drawn evenly in the logarithm.
    #[serde(default = "usual::scale")]
    pub scale: Sometimes,
    /// The most work of a descent, in multiplications and additions.
    #[serde(default = "usual::work")]
    pub work: f64,
    /// The seed of the jobs.
    #[serde(default = "usual::seed")]
    pub seed: u64,
}

/// What a set has where its file says nothing.
mod usual {
    use super::Sometimes;

    pub(super) fn widths() -> Vec<usize> {
        vec![16, 32, 64, 128]
    }

    pub(super) fn depths() -> Vec<usize> {
        vec![0, 1, 1, 2, 2, 3]
    }

    pub(super) fn batches() -> Vec<usize> {
        vec![8, 16, 32, 64, 128]
    }

    pub(super) fn steps() -> [u64; 2] {
        [60, 400]
    }

    pub(super) fn examples() -> [usize; 2] {
        [64, 8000]
    }

    pub(super) fn noise() -> Sometimes {
        Sometimes {
            share: 0.4,
            from: 0.05,
            to: 0.4,
        }
    }

    pub(super) fn scale() -> Sometimes {
        Sometimes {
            share: 0.5,
            from: 0.1,
            to: 30.0,
        }
    }

    pub(super) fn work() -> f64 {
        1.2e9
    }

    pub(super) fn seed() -> u64 {
        1
    }
}

/// Why a set of jobs was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobSetError {
    /// The file can't be read.
    #[error("{}: cannot read the set of jobs", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no description of a set.
    #[error("{}: {message}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        message: String,
    },
    /// A value can't be used.
    #[error("the set of jobs {set}: {key} = {found}: expected {expected}")]
    Value {
        /// The set.
        set: String,
        /// The key.
        key: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
}

const BUILT_IN: [&str; 5] = [
    include_str!("../sets/jobs.toml"),
    include_str!("../sets/architectures.toml"),
    include_str!("../sets/data-sets.toml"),
    include_str!("../sets/horizons.toml"),
    include_str!("../sets/overfitting.toml"),
];

impl JobSet {
    /// The sets that come with the program.
    #[must_use]
    pub fn built_in() -> Vec<JobSet> {
        BUILT_IN
            .map(|text| {
                toml::from_str(text)
                    .expect("the built-in sets are part of the program, and its tests read them")
            })
            .into()
    }

    /// The built-in set of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<JobSet> {
        Self::built_in().into_iter().find(|set| set.name == name)
    }

    /// The set that a task's name stands for: a built-in one, or that of a file; `None` if it names a task.
    ///
    /// # Errors
    /// If the file describes a set and can't be used.
    pub fn find(name: &str) -> Result<Option<JobSet>, JobSetError> {
        if let Some(set) = JobSet::by_name(name) {
            return Ok(Some(set));
        }
        let path = Path::new(name);
        match JobSet::is_set(path) {
            true => JobSet::from_file(path).map(Some),
            false => Ok(None),
        }
    }

    /// Whether a TOML file describes a set of jobs rather than a task: it has `networks`.
    #[must_use]
    pub fn is_set(path: &Path) -> bool {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let table: Result<toml::Table, _> = toml::from_str(&text);
        table.is_ok_and(|table| table.contains_key("networks"))
    }

    /// The set that a file describes.
    ///
    /// # Errors
    /// If the file can't be read, or a key or value can't be used; the message names it.
    pub fn from_file(path: &Path) -> Result<JobSet, JobSetError> {
        let text = std::fs::read_to_string(path).map_err(|source| JobSetError::Read {
            path: path.to_owned(),
            source,
        })?;
        let set: JobSet = toml::from_str(&text).map_err(|error| JobSetError::Text {
            path: path.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })?;
        set.check()?;
        Ok(set)
    }

    /// Checks every value.
    ///
    /// # Errors
    /// Names the first that can't be used.
    pub fn check(&self) -> Result<(), JobSetError> {
        let refuse = |key, found: String, expected| {
            Err(JobSetError::Value {
                set: self.name.clone(),
                key,
                found,
                expected,
            })
        };
        if self.data.is_empty() {
            return refuse("data", "[]".to_owned(), "at least one source of examples");
        }
        let images = self.data.iter().any(DataSource::is_images);
        if !self
            .networks
            .iter()
            .any(|family| images || !family.needs_images())
        {
            let found = format!("{:?}", self.networks);
            return refuse(
                "networks",
                found,
                "at least one kind that can read the data",
            );
        }
        for (key, list, least) in [
            ("widths", &self.widths, 1),
            ("batches", &self.batches, 1),
            ("depths", &self.depths, 0),
        ] {
            if list.is_empty()
                || list
                    .iter()
                    .any(|number| !(least..=100_000).contains(number))
            {
                let found = format!("{list:?}");
                return refuse(
                    key,
                    found,
                    "a list of numbers, neither empty nor beyond reason",
                );
            }
        }
        let [least, most] = self.steps;
        if least == 0 || most < least || most > 10_000_000 {
            let found = format!("[{least}, {most}]");
            return refuse("steps", found, "[fewest, most], 1 or more");
        }
        let [least, most] = self.examples;
        if least < 64 || most < least || most > 1_000_000 {
            let found = format!("[{least}, {most}]");
            return refuse("examples", found, "[fewest, most], 64 to 1000000");
        }
        let Sometimes { share, from, to } = self.noise;
        if !(0.0..=1.0).contains(&share)
            || !(0.0..1.0).contains(&from)
            || !(from..1.0).contains(&to)
        {
            let found = format!("{:?}", self.noise);
            return refuse("noise", found, "shares from 0 to 1, from ≤ to");
        }
        let Sometimes { share, from, to } = self.scale;
        let usable = from.is_finite() && to.is_finite() && from > 0.0 && from <= to;
        if !(0.0..=1.0).contains(&share) || !usable {
            let found = format!("{:?}", self.scale);
            return refuse("scale", found, "a share from 0 to 1, and 0 < from ≤ to");
        }
        if !(self.work.is_finite() && self.work >= 1e6) {
            return refuse("work", self.work.to_string(), "a million or more");
        }
        Ok(())
    }

    /// The set without these sources of examples and kinds of networks, for leaving some out of a training.
    #[must_use]
    pub fn without(&self, left_out: &[String]) -> JobSet {
        let kept = |name: String| !left_out.contains(&name);
        let mut set = self.clone();
        set.data.retain(|source| kept(name_of(source)));
        set.networks.retain(|family| kept(name_of(family)));
        set.name = format!("{} without {}", self.name, left_out.join(", "));
        set
    }

    /// The set with these sources of examples or kinds of networks alone.
    #[must_use]
    pub fn only(&self, chosen: &[String]) -> JobSet {
        let mut set = self.clone();
        if self
            .data
            .iter()
            .any(|source| chosen.contains(&name_of(source)))
        {
            set.data.retain(|source| chosen.contains(&name_of(source)));
        }
        if self
            .networks
            .iter()
            .any(|family| chosen.contains(&name_of(family)))
        {
            set.networks
                .retain(|family| chosen.contains(&name_of(family)));
        }
        set.name = format!("{} with {} alone", self.name, chosen.join(", "));
        set
    }
}

/// The name of a source or a kind, as in files.
#[must_use]
pub fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
