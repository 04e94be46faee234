//! Candidates: policies taken during a training, among which the controller is chosen.

use descender_control::Policy;
use descender_record::nullable_float::{self, nan};
use descender_statistics::interquartile_mean;
use serde::{Deserialize, Serialize};

/// A policy taken during training, with its scores; lower scores are better.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// Episodes that had ended when it was taken.
    pub episodes: u64,
    /// The policy.
    #[serde(with = "saved_policy")]
    pub policy: Policy,
    /// Score on each of the first selection starts.
    pub scores: Vec<f64>,
    /// Score on each of the further selection starts, for a finalist.
    pub final_scores: Vec<f64>,
}

impl Candidate {
    /// Whether the policy consists of numbers: a learner that diverged has none.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let weights = self.policy.parameters();
        weights.iter().all(|weight| weight.is_finite())
    }

    /// Interquartile mean of the scores on the first selection starts.
    #[must_use]
    pub fn score(&self) -> f64 {
        interquartile_mean(&self.scores)
    }

    /// Interquartile mean of the scores on the further selection starts, which did not decide whether it became a
    /// finalist. Without such scores, that of the first starts.
    #[must_use]
    pub fn final_score(&self) -> f64 {
        match self.final_scores.as_slice() {
            [] => self.score(),
            scores => interquartile_mean(scores),
        }
    }
}

/// A policy in a checkpoint: its head, its network and its parameters.
mod saved_policy {
    use descender_control::{Policy, PolicyHead};
    use descender_nn::NetworkSpecification;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        policy: &Policy,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        (policy.head(), policy.specification(), policy.parameters()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Policy, D::Error> {
        let (head, specification, parameters) =
            <(PolicyHead, NetworkSpecification, Vec<f32>)>::deserialize(deserializer)?;
        Policy::with_head(head, specification, parameters).map_err(D::Error::custom)
    }
}

/// The scores of a candidate on the selection starts. Lower scores are better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateScore {
    /// The number of episodes that had ended.
    pub episodes: u64,
    /// The score on the first selection starts.
    #[serde(with = "nullable_float", default = "nan")]
    pub score: f64,
    /// The score on all selection starts, for a finalist; NaN for the others.
    #[serde(with = "nullable_float", default = "nan")]
    pub final_score: f64,
    /// Whether it became the controller.
    pub chosen: bool,
}
