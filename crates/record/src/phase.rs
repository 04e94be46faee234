//! The phases of a run and of a comparison.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a program is doing, for reports of progress and time.
///
/// The phases are in the order in which they run; the four of the training alternate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Phase {
    /// The descents of a training, side by side.
    #[serde(rename = "stepping the descents")]
    Descending,
    /// The agent's actions, memory and learning.
    #[serde(rename = "acting and learning")]
    Learning,
    /// Trials that score a policy during the training.
    #[serde(rename = "scoring policies")]
    Scoring,
    /// Writing checkpoints.
    #[serde(rename = "writing checkpoints")]
    Saving,
    /// Trials that choose the controller among the finalists.
    #[serde(rename = "choosing the controller")]
    Choosing,
    /// Descents on which the controller's behaviour is recorded.
    #[serde(rename = "watching the controller")]
    Watching,
    /// Descents of a comparison's controller, from which its negative controls are made.
    #[serde(rename = "calibrating the controls")]
    Calibrating,
    /// Descents that tune a comparison's rivals.
    #[serde(rename = "tuning the rivals")]
    Tuning,
    /// Descents on held-out starts.
    #[serde(rename = "comparing")]
    Comparing,
    /// Writing the report.
    #[serde(rename = "writing the report")]
    Reporting,
}

impl Phase {
    /// All phases, in their order.
    pub const ALL: [Phase; 10] = [
        Phase::Descending,
        Phase::Learning,
        Phase::Scoring,
        Phase::Saving,
        Phase::Choosing,
        Phase::Watching,
        Phase::Calibrating,
        Phase::Tuning,
        Phase::Comparing,
        Phase::Reporting,
    ];

    /// The phase in a few words, as people and manifests read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Descending => "stepping the descents",
            Phase::Learning => "acting and learning",
            Phase::Scoring => "scoring policies",
            Phase::Saving => "writing checkpoints",
            Phase::Choosing => "choosing the controller",
            Phase::Watching => "watching the controller",
            Phase::Calibrating => "calibrating the controls",
            Phase::Tuning => "tuning the rivals",
            Phase::Comparing => "comparing",
            Phase::Reporting => "writing the report",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_the_name() {
        for (number, phase) in Phase::ALL.into_iter().enumerate() {
            assert_eq!(phase as usize, number);
            let written = serde_json::to_string(&phase).unwrap();
            assert_eq!(written, format!("\"{phase}\""));
            assert_eq!(serde_json::from_str::<Phase>(&written).unwrap(), phase);
        }
    }
}
