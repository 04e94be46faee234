//! Data sets, networks and start points, and the descent of a network.
//!
//! A [`Problem`] is whatever can be descended on again and again; a [`Task`] is one of data, network and loss. A
//! [`StartPoint`] fixes where a descent begins. A [`Descent`] is one training run, steered step by step by
//! hyper-parameters from outside; [`NetworkDescent`] is the descent of a task under an optimizer.
//!
//! ```
//! use descender_optim::Method;
//! use descender_task::{Descent, Problem, Split, StartPoint, Task};
//!
//! let mut descent = Task::small().descent(Method::Sgd)?;
//! descent.reset(StartPoint { index: 3, ..StartPoint::default() });
//! let mu = [Method::Sgd.hyper_parameters(0.5)];
//! let first = descent.step(&mu).loss;
//! let last = (0..300).map(|_| descent.step(&mu).loss).last();
//! assert!(last.is_some_and(|last| last < first));
//! assert!(descent.evaluate(Split::Validation).is_some_and(|end| end.accuracy > 0.7));
//! # Ok::<(), descender_task::DescentError>(())
//! ```

#![forbid(unsafe_code)]

pub mod data;
pub mod file;

mod batch_order;
mod built_in;
mod catalogue;
mod descent;
mod descent_error;
mod function;
mod goal;
mod loss;
mod metric;
mod network;
mod network_descent;
mod problem;
mod start;
mod state_error;
mod task;
mod task_problem;
mod task_summary;
mod variant;

pub use catalogue::TaskListing;
pub use data::{Answers, DataError, Dataset, DatasetError};
pub use descender_optim::{Job, Targets};
pub use descent::{Capabilities, Descent, Evaluation, Fit, Split};
pub use descent_error::DescentError;
pub use goal::Goal;
pub use loss::Loss;
pub use metric::Metric;
pub use network::fitted;
pub use network_descent::NetworkDescent;
pub use problem::Problem;
pub use start::{StartPoint, StartPurpose};
pub use state_error::StateError;
pub use task::{SELECTION_SHARE, Task, TaskError};
pub use task_summary::{DataSummary, PartSummary};
