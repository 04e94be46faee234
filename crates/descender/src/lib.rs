//! Reinforcement-learning controllers that set an optimizer's hyper-parameters while a neural network trains.
//!
//! [`Training`] is the front door: it trains a controller on a [`Problem`](task::Problem), chooses it on selection starts,
//! and compares it on starts that nothing has seen. A problem is a built-in task or a model of your own.
//!
//! ```text
//!     data ─ task ─ descent ──feedback──▶ observation ─ policy ─ action ─▶ μ ─┐
//!              ▲                                                              │
//!              └──────────────── one step of h(μ) ◀──────────────────────────┘
//! ```
//!
//! Train a controller and let it steer a descent:
//!
//! ```
//! use std::ops::ControlFlow;
//! use descender::Training;
//! use descender::env::{Guarded, Stop, steer};
//! use descender::task::{Problem, Split, StartPoint, StartPurpose, Task};
//!
//! let trained = Training::on(Task::small()).steps(60).episodes(64).against("sgd:0.1", 4).run()?;
//!
//! let controller = trained.controller();
//! let mut descent = Task::small().descent(*controller.method())?;
//! descent.reset(StartPoint { purpose: StartPurpose::Report, seed: 7, index: 0 });
//! let mut guarded = Guarded::new(controller.start(), &*descent)?;
//! steer(&mut *descent, &mut guarded, 60, &Stop::default(), |_| ControlFlow::Continue(()));
//! let end = descent.evaluate(Split::Validation).expect("a task has validation data");
//! assert!(end.loss < 2.3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crates below are re-exported, lowest floor first. The folder `examples` has whole programs: train and use, a model,
//! an agent and a reward of one's own, and a hand-written training loop under a controller.

#![forbid(unsafe_code)]

pub mod program;
mod training;

pub use training::{Trained, Training, TrainingFailure};

pub use descender_agent as agent;
pub use descender_compare as compare;
pub use descender_control as control;
pub use descender_env as env;
pub use descender_figure as figure;
pub use descender_jobs as jobs;
pub use descender_nn as nn;
pub use descender_optim as optim;
pub use descender_paper as paper;
pub use descender_random as random;
pub use descender_record as record;
pub use descender_report as report;
pub use descender_statistics as statistics;
pub use descender_study as study;
pub use descender_task as task;
pub use descender_tensorboard as tensorboard;
pub use descender_train as train;
