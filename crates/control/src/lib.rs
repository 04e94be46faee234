//! From a descent's feedback to hyper-parameters: observation, policy, action, safety, and the controller file.
//!
//! ```text
//! feedback ─ record ─▶ Observation ─ features ─▶ Policy ─ Action ─▶ ActionDefinition, Bounds ─▶ μ
//! ```
//!
//! A [`ControlLoop`] is this line without the policy; training runs it inside an environment. A [`Controller`]
//! adds a frozen [`Policy`] and can be saved to one file; a [`Session`] is a controller at work on one descent.
//! The crate depends on no tensor library, so that any training loop can embed it.
//!
//! A controller in a training loop (`load` reads one that was trained; here it is made by hand):
//!
//! ```
//! use descender_control::{ControlSettings, Controller, Policy, Provenance};
//! use descender_nn::{Activation, NetworkSpecification};
//! use descender_optim::{Feedback, Method, Optimizer};
//!
//! // A policy without hidden layers whose bias prefers action 2, "multiply the learning rate by 1/0.9".
//! let network = NetworkSpecification::multi_layer_perceptron(18, &[], 3, Activation::Relu);
//! let mut parameters = vec![0.0; 18 * 3 + 3];
//! parameters[18 * 3 + 2] = 1.0;
//! let policy = Policy::new(network, parameters)?;
//! let controller =
//!     Controller::new(policy, ControlSettings::default(), Method::Sgd, Provenance::default())?;
//!
//! // Minimise θ²/2 with it.
//! let mut session = controller.start();
//! let mut optimizer = Optimizer::new(*controller.method(), 1)?;
//! let mut theta = [1.0_f32];
//! for step in 0..100 {
//!     let (loss, gradient) = (theta[0] * theta[0] / 2.0, theta);
//!     let statistics = optimizer.step(session.hyper_parameters(), &mut theta, &gradient);
//!     session.record(&Feedback { step, loss, statistics });
//! }
//! assert!(theta[0].abs() < 1e-6);
//! assert_eq!(session.hyper_parameters().learning_rate, 0.5); // the upper bound
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod action;
mod bounds;
mod control_loop;
mod controller;
mod export;
mod observation;
mod own;
mod policy;
mod policy_head;
mod restore_error;
pub mod safety;
mod session;
mod settings;
mod settings_error;
#[cfg(test)]
mod test_chain;

pub use action::*;
pub use bounds::{Bounds, Placement};
pub use control_loop::{ControlLoop, ControlState};
pub use controller::{
    Controller, ControllerError, ControllerProblem, Description, FORMAT_VERSION, FormatError,
    ImpossibleController, OwnParts, Provenance, SHIPPED, ShippedController,
};
pub use export::PolicyExportError;
pub use observation::*;
pub use own::{NotBuiltIn, Own};
pub use policy::{Policy, PolicyError};
pub use policy_head::{PolicyHead, expected_return, highest};
pub use restore_error::RestoreError;
pub use safety::{Advice, Cause, Fallback, Intervention, Keeper, SafetySettings};
pub use session::{Session, SessionState};
pub use settings::ControlSettings;
pub use settings_error::SettingsError;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
