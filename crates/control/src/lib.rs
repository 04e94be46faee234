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
mod controller;
mod observation;
mod policy;
mod session;
mod settings;

pub use action::{Action, ActionSettings, ActionSpace};
pub use bounds::{Bounds, Placement};
pub use control_loop::{ControlLoop, ControlState, RestoreError};
pub use controller::{
    Controller, ControllerError, ControllerProblem, Description, FORMAT_VERSION, FormatError, ImpossibleController,
    Provenance,
};
pub use observation::{ObservationSettings, Observer};
pub use policy::{Policy, PolicyError};
pub use session::{Session, SessionState};
pub use settings::{ControlSettings, SettingsError};
