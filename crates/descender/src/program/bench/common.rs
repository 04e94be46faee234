//! What all measurements share.

use descender_task::DescentError;
use descender_train::TrainError;
use serde::Serialize;

/// Steps after which a descent begins anew: the paper's ten epochs.
pub(super) const DESCENT_STEPS: u64 = 2_500;
/// η of descents that nobody controls.
pub(super) const LEARNING_RATE: f32 = 0.1;
/// Microseconds of the parts of a step on one thread, medians over the steps. Each includes a reading of the clock,
/// some hundredths of a microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Microseconds {
    /// Forward pass, loss and backward pass of the task's network, one batch.
    pub(crate) forward_backward: f64,
    /// SGD update and the statistics of gradient and parameters, one pass.
    pub(crate) update_and_statistics: f64,
    /// All that the environment adds to the descent's step: action to η, feedback, reward, 18 features.
    pub(crate) observation: f64,
    /// The choice of the action, ε-greedy: one forward pass of the agent's network.
    pub(crate) policy: f64,
    /// Storing the transition, and one update of the agent: sampling, targets, gradient, Adam.
    pub(crate) learner: f64,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BenchError {
    /// An impossible time.
    #[error("seconds = {0}: expected a number above 0 and at most 86400")]
    Seconds(f64),
    /// An impossible number of threads.
    #[error("threads = {0}: expected 1 to 4096")]
    Threads(usize),
    /// The task cannot be descended on.
    #[error(transparent)]
    Descent(#[from] DescentError),
    /// The paper's preset cannot be trained on the task.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The system gives no threads.
    #[error("cannot start the threads")]
    Start(#[from] rayon::ThreadPoolBuildError),
}

/// The middle value, of an even number the upper of the two; NaN of none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
