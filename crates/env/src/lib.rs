//! A descent as a reinforcement-learning environment, with its rewards.
//!
//! An [`Environment`] steers one [`Descent`](descender_task::Descent): an action changes the hyper-parameters, some
//! steps follow, and their feedback becomes an observation and a reward. [`EnvironmentSettings`] say how an episode
//! begins and ends, [`RewardSettings`] what is paid, and [`vector`] steps many environments side by side. [`steer`] is the loop of a whole descent under a
//! schedule, a controller ([`Guarded`]) or anything else that steers.
//!
//! ```
//! use descender_control::Action;
//! use descender_env::{Environment, EnvironmentSettings};
//! use descender_optim::Method;
//! use descender_task::{Problem, StartPoint, Task};
//!
//! let descent = Task::small().descent(Method::Sgd)?;
//! let settings = EnvironmentSettings { steps: 30, ..EnvironmentSettings::default() };
//! let mut environment = Environment::new(descent, Method::Sgd, settings)?;
//! environment.reset(StartPoint::default());
//! loop {
//!     assert_eq!(environment.observation().len(), 18);
//!     let keep = Action::Discrete(1); // × 1
//!     let outcome = environment.step(&keep);
//!     if outcome.terminated || outcome.truncated {
//!         break;
//!     }
//! }
//! assert_eq!(environment.summary().steps, 30);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod divergence;
mod environment;
mod error;
mod guarded;
mod recent;
pub mod reward;
mod settings;
mod smoothed;
mod steer;
mod stop;
mod summary;
#[cfg(test)]
mod testing;
pub mod vector;

pub use divergence::DivergenceSettings;
pub use environment::{Environment, StepOutcome};
pub use error::{EnvironmentError, SettingsError, StateError};
pub use guarded::{Guarded, UnsavableError};
pub use reward::{
    Ending, ExpectedHitSettings, FinalLossSettings, HitProbability, LogLossSettings,
    RewardSettings, ThreeTierSettings, TimeToThresholdSettings,
};
pub use settings::{BoundsMode, EnvironmentSettings, SURVIVAL_SAFETY, StartLearningRate};
pub use steer::{Scheduled, Steer, SteerEnd, Stepped, steer};
pub use stop::Stop;
pub use summary::{EndReason, EpisodeSummary};
