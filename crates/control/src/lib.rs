//! From a descent's feedback to hyper-parameters: observation, policy, action, safety, and the controller file.
//!
//! ```text
//! feedback ─ record ─▶ Observer ─ features ─▶ Policy ─ Action ─▶ ActionSettings, Bounds ─▶ μ
//! ```
//!
//! A [`ControlLoop`] is this line without the policy; training runs it inside an environment. A [`Controller`]
//! adds a frozen [`Policy`] and can be saved to one file; a [`Session`] is a controller at work on one descent.
//! The crate depends on no tensor library, so that any training loop can embed it.

#![forbid(unsafe_code)]

mod action;
mod bounds;
mod control_loop;
mod observation;
mod settings;

pub use action::{Action, ActionSettings, ActionSpace};
pub use bounds::{Bounds, Placement};
pub use control_loop::{ControlLoop, ControlState, RestoreError};
pub use observation::{ObservationSettings, Observer};
pub use settings::{ControlSettings, SettingsError};
