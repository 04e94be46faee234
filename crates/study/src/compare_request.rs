//! What a comparison in a folder compares.

use std::path::PathBuf;

use descender_compare::compare::CompareSettings;
use descender_compare::contender::Entry;
use descender_record::settings_text::shortest;
use descender_task::Problem;
use serde::{Deserialize, Serialize};

/// What is compared, in a form from which the comparison can be continued later.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareRequest {
    /// The name of the task.
    pub task: String,
    /// The folder of the task's data, if it needs one.
    pub data: Option<PathBuf>,
    /// The file of the controller, or a run folder that holds it.
    pub controller: Option<PathBuf>,
    /// Initial η of the controller's descents, instead of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_learning_rate: Option<f64>,
    /// The list of contenders.
    pub against: String,
    /// Number of start points.
    pub starts: u64,
    /// Steps of each descent.
    pub steps: u64,
    /// Seed of the start points and of the bootstrap.
    pub seed: u64,
    /// A batch loss at or below this is a hit.
    pub threshold: f64,
    /// The folder to which file names are relative.
    pub directory: PathBuf,
    /// Checksums of the task's data and of each entry with the files that it names.
    pub checksums: Vec<Checksum>,
}

/// The checksum of something that a comparison depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// What the checksum belongs to.
    pub name: String,
    /// CRC-32, hexadecimal.
    pub crc32: String,
}

impl CompareRequest {
    /// The settings of the comparison.
    #[must_use]
    pub fn settings(&self) -> CompareSettings {
        CompareSettings {
            starts: self.starts,
            steps: self.steps,
            seed: self.seed,
            threshold: self.threshold as f32,
        }
    }

    /// Records `settings`.
    #[must_use]
    pub fn with_settings(self, settings: &CompareSettings) -> Self {
        Self {
            starts: settings.starts,
            steps: settings.steps,
            seed: settings.seed,
            threshold: shortest(settings.threshold),
            ..self
        }
    }

    /// Records what the comparison depends on.
    #[must_use]
    pub fn with_checksums(self, problem: &dyn Problem, entries: &[Entry]) -> Self {
        let of_entry = |entry: &Entry| checksum(entry.name(), &entry.identity());
        let checksums = std::iter::once(checksum(problem.name(), problem.identity().as_bytes()))
            .chain(entries.iter().map(of_entry))
            .collect();
        Self { checksums, ..self }
    }

    /// What another request has otherwise, in words; `None` if both are of one comparison. Where the files are doesn't count: their
    /// checksums do.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        let texts = |request: &Self| {
            [
                (
                    "the task",
                    request
                        .checksums
                        .first()
                        .map_or("", |task| &task.name)
                        .to_owned(),
                ),
                ("--against", request.against.clone()),
                (
                    "the initial learning rate",
                    format!("{:?}", request.initial_learning_rate),
                ),
                ("--starts", request.starts.to_string()),
                ("--steps", request.steps.to_string()),
                ("--seed", request.seed.to_string()),
                ("--threshold", request.threshold.to_string()),
            ]
        };
        let settings = texts(self).into_iter().zip(texts(other));
        let mut differing = settings.filter(|(own, other)| own != other);
        if let Some((own, other)) = differing.next() {
            return Some(format!("{} ({} and {})", own.0, own.1, other.1));
        }
        if self.checksums.len() != other.checksums.len() {
            return Some("the list of methods".to_owned());
        }
        let mut checksums = self.checksums.iter().zip(&other.checksums);
        let differing = checksums.find(|(own, other)| own != other);
        differing.map(|(own, _)| format!("`{}`", own.name))
    }

    /// A checksum of all of it.
    pub(crate) fn identity(&self) -> u32 {
        let json = serde_json::to_vec(self).expect("plain data can be written as JSON");
        crc32fast::hash(&json)
    }
}

fn checksum(name: &str, content: &[u8]) -> Checksum {
    Checksum {
        name: name.to_owned(),
        crc32: format!("{:08x}", crc32fast::hash(content)),
    }
}
