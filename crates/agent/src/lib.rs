#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod a2c;
mod action_distribution;
mod advantage;
mod agent;
mod builder;
pub mod dqn;
mod episode_return;
mod error;
pub mod evolution;
mod exploration;
mod linear_system;
pub mod n_step;
mod on_policy;
mod on_policy_check;
mod on_policy_networks;
pub mod ppo;
mod purpose;
pub mod random_search;
mod registry;
pub mod regression;
pub mod replay;
mod rollout;
mod saved_state;
mod settings;
pub mod tabular;
mod whole_policy;

pub use agent::{Agent, LearnReport, Transition};
pub use builder::AgentBuilder;
pub use descender_control::Own;
pub use descender_control::SettingsError;
pub use error::{AgentError, AgentStateError};
pub use exploration::Exploration;
pub use linear_system::LinearSystem;
pub use settings::{AgentSettings, build};
