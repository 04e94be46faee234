#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod a2c;
mod action_distribution;
mod action_noise;
mod actor_critic;
mod actor_critic_settings;
mod advantage;
mod agent;
mod builder;
mod critic;
pub mod ddpg;
mod deterministic_actor;
pub mod dqn;
mod episode_return;
mod error;
pub mod evolution;
mod exploration;
mod gradient;
mod linear_system;
pub mod n_step;
mod on_policy;
mod on_policy_check;
mod on_policy_networks;
mod polyak;
pub mod ppo;
mod purpose;
pub mod random_search;
mod registry;
pub mod regression;
pub mod replay;
mod rollout;
pub mod sac;
mod saved_state;
mod saved_state;
mod settings;
mod settings;
mod squashed_gaussian;
mod state_action;
mod stochastic_actor;
pub mod tabular;
pub mod td3;
mod temperature;
#[cfg(test)]
mod torch_updates;
mod trained_network;
mod twin_critics;
mod whole_policy;

pub use agent::{Agent, LearnReport, Transition};
pub use builder::AgentBuilder;
pub use descender_control::Own;
pub use descender_control::SettingsError;
pub use error::{AgentError, AgentStateError};
pub use exploration::Exploration;
pub use linear_system::LinearSystem;
pub use settings::{AgentSettings, build};
