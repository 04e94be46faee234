//! Why a training ended without a result.

use descender_agent::AgentError;
use descender_env::EnvironmentError;
use descender_task::{DescentError, TaskError};

/// Why a training ended without a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A stop was requested.
    #[error("stopped")]
    Stopped,
    /// The task cannot be used.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The optimizer cannot run on the problem.
    #[error(transparent)]
    Descent(#[from] DescentError),
    /// The environment cannot be used.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The agent cannot be used.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// A checkpoint holds a state that does not fit its settings.
    #[error("the checkpoint's state of {part} does not fit the settings: {message}")]
    State {
        /// What was to be restored.
        part: &'static str,
        /// What is wrong.
        message: String,
    },
    /// The problem is not the one of the checkpoint.
    #[error(
        "the task or its data have changed since the checkpoint was written; the run cannot go on ({0})"
    )]
    Changed(String),
    /// No candidate has finite weights.
    #[error("the learner diverged: no policy has finite weights; lower agent.learning_rate")]
    LearnerDiverged,
}
