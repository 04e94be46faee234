//! Reinforcement-learning controllers that set an optimizer's hyper-parameters while a neural network trains.
//!
//! This crate is the facade: it gathers the library's crates, lowest floor first, under one name. The command
//! `descender` is built from the same crate.
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
//! use std::sync::Arc;
//! use descender::control::{Controller, Provenance};
//! use descender::train::configuration::Resolver;
//! use descender::study::{run::task_of, train::Trainer};
//! use descender::task::{Descent, NetworkDescent, StartPoint, StartPurpose};
//!
//! let settings = Resolver::new(Some("quick"))?
//!     .set("task=mnist-small")?
//!     .set("episodes=4")?
//!     .set("environment.steps=60")?
//!     .finish()?;
//! let task = Arc::new(task_of(&settings)?);
//!
//! let mut trainer = Trainer::new(settings.clone(), &task)?;
//! while !trainer.is_done() {
//!     trainer.round()?; // one decision in every environment; the agent learns
//! }
//! let control = settings.environment.control.clone();
//! let controller = Controller::new(trainer.policy(), control, settings.optimizer, Provenance::default())?;
//!
//! let mut descent = NetworkDescent::new(task, settings.optimizer)?;
//! descent.reset(StartPoint { purpose: StartPurpose::Report, seed: 1, index: 0 });
//! let mut session = controller.start();
//! for _ in 0..100 {
//!     let feedback = descent.step(session.hyper_parameters());
//!     session.record(&feedback);
//! }
//! assert!(descent.evaluate().loss < 2.3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub use descender_agent as agent;
pub use descender_control as control;
pub use descender_env as env;
pub use descender_nn as nn;
pub use descender_optim as optim;
pub use descender_random as random;
pub use descender_study as study;
pub use descender_task as task;
