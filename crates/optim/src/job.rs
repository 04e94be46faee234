//! What a controller is told of the training that it steers.

use serde::{Deserialize, Serialize};

/// The description of a job: the budget always, the rest where it is known.
///
/// A controller that reads it can act differently on a short and on a long training, on a small and on a large network.
/// What is not known is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Steps of a whole descent.
    pub steps: u64,
    /// Examples in a batch.
    pub batch_size: Option<u64>,
    /// Training examples.
    pub examples: Option<u64>,
    /// Parameters of the network.
    pub parameters: Option<u64>,
    /// Root mean square of the inputs.
    pub input_scale: Option<f32>,
    /// What is predicted.
    pub targets: Option<Targets>,
    /// Weight arrays of the network: those with two or more dimensions, one for a layer.
    #[serde(default)]
    pub layers: Option<u64>,
    /// Geometric mean, over the weight arrays, of the number of inputs of a unit: C·k² for a convolution of k × k over C
    /// channels, inputs and states together for a recurrent layer, 1 for an embedding.
    #[serde(default)]
    pub fan_in: Option<f32>,
}

/// What a network predicts, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Targets {
    /// One of so many classes.
    Classes(u64),
    /// So many numbers.
    Numbers(u64),
}

impl Job {
    /// Steps in an epoch of full batches; `None` where examples or batch size are not known.
    #[must_use]
    pub fn steps_per_epoch(&self) -> Option<u64> {
        Some(self.examples? / self.batch_size?.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_known_where_its_parts_are() {
        let job = Job {
            steps: 10,
            batch_size: Some(32),
            examples: Some(1_000),
            ..Job::default()
        };
        assert_eq!(job.steps_per_epoch(), Some(31));
        let unknown = Job {
            examples: None,
            ..job
        };
        assert_eq!(unknown.steps_per_epoch(), None);
    }
}
