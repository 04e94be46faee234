//! Reinforcement-learning agents that learn to control an optimizer.
//!
//! An [`Agent`] sees observations of descents, acts, is told what came of it, and learns; its [`Agent::policy`] is
//! what a controller is made of. [`build`] makes one from its settings:
//!
//! ```
//! use descender_agent::{AgentSettings, build, dqn::DqnSettings};
//! use descender_control::ActionSpace;
//!
//! let settings = AgentSettings::Dqn(DqnSettings { hidden: vec![16], ..DqnSettings::quick() });
//! let mut agent = build(&settings, 5, ActionSpace::Discrete(3), 2, 1)?;
//! let action = agent.act(0, &[0.0; 5]);
//! # let _ = action;
//! # Ok::<(), descender_agent::AgentError>(())
//! ```
//!
//! The parts that agents are made of — [`replay`], [`n_step`] returns, exploration — stand on their own. Nothing
//! here allocates while it learns, and the same seed and calls give the same bits.
#![forbid(unsafe_code)]

mod agent;
pub mod dqn;
mod error;
pub mod evolution;
mod exploration;
pub mod n_step;
mod purpose;
pub mod replay;
mod settings;

pub use agent::{Agent, LearnReport, Transition};
pub use descender_control::SettingsError;
pub use error::{AgentError, StateError};
pub use exploration::Exploration;
pub use settings::{AgentSettings, build};
