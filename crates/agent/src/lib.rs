#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod agent;
mod builder;
pub mod dqn;
mod episode_return;
mod error;
pub mod evolution;
mod exploration;
mod linear_system;
pub mod n_step;
pub mod noisy;
pub mod prioritized_replay;
mod purpose;
pub mod rainbow;
pub mod random_search;
mod registry;
pub mod regression;
pub mod replay;
pub mod reward_scale;
mod saved_state;
mod settings;
pub mod sum_tree;
mod whole_policy;

pub use agent::{Agent, LearnReport, Transition};
pub use builder::AgentBuilder;
pub use descender_control::Own;
pub use descender_control::SettingsError;
pub use error::{AgentError, AgentStateError};
pub use exploration::Exploration;
pub use linear_system::LinearSystem;
pub use settings::{AgentSettings, build};
