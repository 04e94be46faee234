//! One line of `episodes.jsonl`: what happened in one episode of a controller's training.
//!
//! The file is written line by line while training runs and read by the report. Reading is tolerant: unknown fields and
//! empty lines are ignored, and a number that is missing or `null` is NaN. A last line that was cut short when the
//! program stopped, and so has no line feed, is left out. Anything else that is wrong is an error that names file and
//! line.

use descender_record::FileError;
use descender_record::nullable_float::{self, nan};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// One episode. Numbers that are not finite are `null` in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpisodeRecord {
    /// The number of the episode, counted from 0.
    pub episode: u64,
    /// The environment in which it ran, counted from 0.
    #[serde(default)]
    pub environment: u64,
    /// The index of its start point among the training starts; always the same for a fixed start.
    #[serde(default)]
    pub start: u64,
    /// The length of the descent in steps.
    pub steps: u64,
    /// The score: the sum of the rewards, undiscounted; with the reward `expected-hit`, each is weighted by the
    /// probability that the episode gets that far.
    #[serde(with = "nullable_float", default = "nan")]
    pub score: f64,
    /// Why it ended: `time`, `score`, `bounds`, `diverged` or `reached`.
    #[serde(default)]
    pub end: String,
    /// The first step with a batch loss at or below the threshold, counted from 0; `null` if there was none.
    #[serde(default)]
    pub first_hit: Option<u64>,
    /// The smallest batch loss; `null` if none was finite.
    #[serde(with = "nullable_float", default = "nan")]
    pub minimum_loss: f32,
    /// The mean of the last 50 finite batch losses; `null` if there was none.
    #[serde(with = "nullable_float", default = "nan")]
    pub final_loss: f32,
    /// The mean of η over the steps.
    #[serde(with = "nullable_float", default = "nan")]
    pub mean_learning_rate: f32,
    /// The smallest η.
    #[serde(with = "nullable_float", default = "nan")]
    pub minimum_learning_rate: f32,
    /// The largest η.
    #[serde(with = "nullable_float", default = "nan")]
    pub maximum_learning_rate: f32,
    /// The exploration rate ε in the last call of the learner; `null` before the first.
    #[serde(with = "nullable_float", default = "nan")]
    pub epsilon: f32,
    /// The learner's loss in its last call when the episode ended; `null` before the first.
    #[serde(with = "nullable_float", default = "nan")]
    pub learner_loss: f32,
}

/// A file of episodes that cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EpisodeRecordError {
    /// The file cannot be opened or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line is not an episode.
    #[error("{}, line {line}: expected one episode as a JSON object", .file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// The number of the line, counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl EpisodeRecord {
    /// The episode as one line of JSON, without the line feed.
    ///
    /// # Errors
    /// Those of `serde_json`; none of these fields can cause one.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// All episodes of the file `path`, in the order of its lines.
    ///
    /// # Errors
    /// [`EpisodeRecordError`] when the file cannot be read or a complete line is not an episode.
    pub fn read_all(path: &Path) -> Result<Vec<Self>, EpisodeRecordError> {
        let file_error = |source| EpisodeRecordError::from(FileError::new("read", path)(source));
        let mut reader = BufReader::new(File::open(path).map_err(file_error)?);
        let mut records = Vec::new();
        let mut bytes = Vec::new();
        for line in 1.. {
            bytes.clear();
            if reader.read_until(b'\n', &mut bytes).map_err(file_error)? == 0 {
                break;
            }
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice(&bytes) {
                Ok(record) => records.push(record),
                // Only the last line can lack its line feed: it was being written.
                Err(_) if bytes.last() != Some(&b'\n') => break,
                Err(source) => {
                    return Err(EpisodeRecordError::Line {
                        file: path.to_owned(),
                        line,
                        source,
                    });
                }
            }
        }
        Ok(records)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use descender_record::whole_message;
    use std::fs;

    /// Made-up episodes that get better.
    pub(crate) fn sample(count: u64) -> Vec<EpisodeRecord> {
        (0..count)
            .map(|episode| {
                // A jitter that looks random and is not.
                let jitter = (episode as f32 * 12.9898).sin();
                let progress = episode as f32 / count as f32;
                EpisodeRecord {
                    episode,
                    environment: episode % 2,
                    start: episode,
                    steps: 500,
                    score: f64::from(-40.0 + 60.0 * progress + 12.0 * jitter),
                    end: "truncated".to_owned(),
                    first_hit: (episode % 7 != 3)
                        .then_some((420.0 - 200.0 * progress + 40.0 * jitter) as u64),
                    minimum_loss: 0.01,
                    final_loss: 0.09,
                    mean_learning_rate: 0.05 + 0.2 * progress + 0.02 * jitter,
                    minimum_learning_rate: 0.03,
                    maximum_learning_rate: 0.1 + 0.25 * progress,
                    epsilon: 0.6 - 0.5 * progress,
                    learner_loss: if episode == 0 {
                        f32::NAN
                    } else {
                        0.4 * (-3.0 * progress).exp() + 0.02 * jitter
                    },
                }
            })
            .collect()
    }

    fn read(text: impl AsRef<[u8]>) -> Result<Vec<EpisodeRecord>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("episodes.jsonl");
        fs::write(&path, text).unwrap();
        EpisodeRecord::read_all(&path).map_err(|error| {
            whole_message(&error).replace(&folder.path().display().to_string(), "")
        })
    }

    #[test]
    fn a_line_is_the_contract_and_comes_back() {
        let mut record = sample(2).remove(1);
        (
            record.score,
            record.mean_learning_rate,
            record.maximum_learning_rate,
        ) = (1.5, 0.1, 0.25);
        (record.first_hit, record.epsilon, record.learner_loss) = (None, 0.5, f32::NAN);
        let line = record.to_line().unwrap();
        assert_eq!(
            line,
            concat!(
                r#"{"episode":1,"environment":1,"start":1,"steps":500,"score":1.5,"end":"truncated","first_hit":null,"#,
                r#""minimum_loss":0.01,"final_loss":0.09,"mean_learning_rate":0.1,"minimum_learning_rate":0.03,"#,
                r#""maximum_learning_rate":0.25,"epsilon":0.5,"learner_loss":null}"#
            )
        );
        let back = read(format!("{line}\n")).unwrap().remove(0);
        assert!(back.learner_loss.is_nan());
        assert_eq!(
            EpisodeRecord {
                learner_loss: 0.0,
                ..back
            },
            EpisodeRecord {
                learner_loss: 0.0,
                ..record
            }
        );
    }

    #[test]
    fn reading_passes_over_what_does_no_harm() {
        let text = "\n{\"episode\":0,\"steps\":9,\"novelty\":[1]}\r\n  \n{\"episode\":1,\"steps\":8,\"score\":2}\n{\"epi";
        let records = read(text).unwrap();
        assert_eq!(
            records
                .iter()
                .map(|record| record.steps)
                .collect::<Vec<_>>(),
            [9, 8]
        );
        assert!(records[0].score.is_nan() && records[0].learner_loss.is_nan());
        assert_eq!(records[1].score, 2.0);
        // The last line may be complete without its line feed.
        assert_eq!(read("{\"episode\":3,\"steps\":1}").unwrap().len(), 1);
        assert_eq!(read("").unwrap(), []);
    }

    #[test]
    fn an_error_names_file_and_line() {
        for (text, expected) in [
            (
                &b"{\"episode\":0,\"steps\":9}\n{\"episode\":-1,\"steps\":9}\n"[..],
                "/episodes.jsonl, line 2: ",
            ),
            (b"\n\nnonsense\n", "/episodes.jsonl, line 3: "),
            (b"{\"steps\":9}\n", "missing field `episode`"),
            (b"\xff\xfe\n", "line 1: expected one episode"),
            (b"{\"episode\":0,\"steps\":9,\"score\":\"x\"}\n", "line 1: "),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let error = EpisodeRecord::read_all(Path::new("/no/such/episodes.jsonl")).unwrap_err();
        assert!(
            error.to_string() == "cannot read /no/such/episodes.jsonl",
            "{error}"
        );
    }
}
