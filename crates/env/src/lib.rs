#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod divergence;
mod ending;
mod environment;
mod error;
mod guarded;
pub mod hit_probability;
mod recent;
pub mod reward;
pub mod rewards;
mod selection_probe;
mod settings;
mod smoothed;
mod steer;
mod stop;
mod summary;
#[cfg(test)]
mod testing;
pub mod vector;

pub use descender_control::Own;
pub use divergence::DivergenceSettings;
pub use ending::Ending;
pub use environment::{Environment, StepOutcome};
pub use error::{EnvironmentError, EnvironmentSettingsError, EnvironmentStateError};
pub use guarded::{Guarded, UnsavableError};
pub use hit_probability::HitProbability;
pub use reward::{DecisionReward, EpisodeShape, ProbeExamples, Reward, RewardNeeds, StepReward};
pub use rewards::*; // with the settings of everything built in
pub use settings::{BoundsMode, EnvironmentSettings, SURVIVAL_SAFETY, StartLearningRate};
pub use steer::{Scheduled, Steer, SteerEnd, Stepped, steer};
pub use stop::Stop;
pub use summary::{EndReason, EpisodeSummary};
