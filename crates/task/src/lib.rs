//! Data sets, networks and start points, and the descent of a network.
//!
//! A [`Task`] is what is learned: a data set, a network, a loss and a batch size. A [`StartPoint`] fixes where a
//! descent of it begins. A [`Descent`] is one training run, steered step by step by hyper-parameters from outside;
//! [`NetworkDescent`] is the descent of a task under an optimizer.
//!
//! ```
//! use std::sync::Arc;
//! use descender_optim::Method;
//! use descender_task::{Descent, NetworkDescent, StartPoint, Task};
//!
//! let task = Arc::new(Task::small());
//! let mut descent = NetworkDescent::new(task, Method::Sgd)?;
//! descent.reset(StartPoint { index: 3, ..StartPoint::default() });
//! let mu = Method::Sgd.hyper_parameters(0.5);
//! let first = descent.step(&mu).loss;
//! let last = (0..300).map(|_| descent.step(&mu).loss).last();
//! assert!(last.is_some_and(|last| last < first));
//! assert!(descent.evaluate().accuracy > 0.7);
//! # Ok::<(), descender_task::DescentError>(())
//! ```

#![forbid(unsafe_code)]

pub mod data;

mod batch_order;
mod descent;
mod network;
mod network_descent;
mod start;
mod task;
mod variant;

pub use data::{DataError, DataSummary, Dataset, DatasetError};
pub use descent::{Descent, Evaluation, StateError};
pub use network::fitted;
pub use network_descent::{DescentError, NetworkDescent};
pub use start::{StartPoint, StartPurpose};
pub use task::{Task, TaskError, TaskListing};
