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

#![forbid(unsafe_code)]

pub use descender_agent as agent;
pub use descender_control as control;
pub use descender_env as env;
pub use descender_nn as nn;
pub use descender_optim as optim;
pub use descender_study as study;
pub use descender_task as task;
