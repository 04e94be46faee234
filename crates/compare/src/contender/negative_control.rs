//! Negative controls: contenders that a controller must beat if its training or its feedback is worth anything.
//!
//! Each is made from the controller of the comparison and keeps its optimizer, its initial η, its actions, its decision
//! interval and its bounds. They differ in what they take away:
//!
//! | name | what is left | what the controller must have to beat it |
//! |---|---|---|
//! | `untrained` | the network with fresh weights, different ones for each start | training: actions and bounds alone are not enough |
//! | `anchor` | the network with all weights 0: in a continuous space every action is the middle of its range | training: the interface, with nobody deciding, is not enough |
//! | `random` | a random action at each decision, from a different stream for each start | training: wandering at random is not enough |
//! | `blind` | the learned policy, which sees the mean of each feature at every decision | feedback: the policy's favourite action is not enough |
//! | `replay` | the controller's own mean at each step of η and of everything else that it sets, without feedback | feedback: a fixed schedule is not enough |
//!
//! `blind` and `replay` are made from what the controller does on [`CALIBRATION_STARTS`](super::CALIBRATION_STARTS)
//! starts that are used for nothing else ([`Calibration`]). A policy without memory always takes the same action when
//! it is blind, so η soon reaches a bound, or never moves.
//!
//! `replay` repeats the mean of everything that the controller sets: η, and the momentum or any other entry of μ that
//! its actions set. [`Calibration::schedule`] says which mean.
//!
//! Source: the report on SOLAR (2026) runs untrained and state-blind policies and the replay of the mean schedule.

use descender_control::{Controller, Policy};

use super::{Calibration, Contender, Steering};
use crate::comparison::Role;

/// A negative control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NegativeControl {
    /// The network with fresh weights.
    Untrained,
    /// The network with all weights 0.
    Anchor,
    /// The learned policy, fed constants.
    Blind,
    /// The mean hyper-parameters of the controller, open loop.
    Replay,
    /// Random actions.
    Random,
}

impl NegativeControl {
    /// All negative controls, in the order of the item `controls`.
    pub const ALL: [Self; 5] = [
        Self::Untrained,
        Self::Anchor,
        Self::Blind,
        Self::Replay,
        Self::Random,
    ];

    /// The name, as an item of a list.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Untrained => "untrained",
            Self::Anchor => "anchor",
            Self::Blind => "blind",
            Self::Replay => "replay",
            Self::Random => "random",
        }
    }

    /// A one-line description.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Untrained => "the controller's network with fresh weights, others for each start",
            Self::Anchor => {
                "the controller's network with all weights 0: the anchor of its actions"
            }
            Self::Blind => {
                "the controller's policy, fed the mean of each feature at every decision"
            }
            Self::Replay => "the controller's own mean hyper-parameters of each step, open loop",
            Self::Random => "one of the controller's actions at random at every decision",
        }
    }

    /// The control with this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|control| control.name() == name)
    }

    /// Whether it is made from the controller's calibration.
    #[must_use]
    pub const fn needs_calibration(self) -> bool {
        matches!(self, Self::Blind | Self::Replay)
    }

    /// The contender that it becomes for `controller`. `calibration` is used only if
    /// [`needs_calibration`](Self::needs_calibration).
    #[must_use]
    pub fn contender(self, controller: &Controller, calibration: &Calibration) -> Contender {
        let boxed = || Box::new(controller.clone());
        Contender {
            name: self.name().to_owned(),
            role: Role::Control,
            method: *controller.method(),
            steering: match self {
                Self::Untrained => Steering::Untrained(boxed()),
                Self::Anchor => Steering::Controller(Box::new(without_weights(controller))),
                Self::Blind => Steering::Blind {
                    controller: boxed(),
                    features: calibration.mean_features(),
                },
                Self::Replay => Steering::Recorded(calibration.schedule()),
                Self::Random => Steering::Random(boxed()),
            },
        }
    }
}

/// The controller with all weights of its policy 0.
fn without_weights(controller: &Controller) -> Controller {
    let policy = controller.policy();
    with_weights(controller, vec![0.0; policy.parameters().len()])
}

/// The controller with other weights.
pub(crate) fn with_weights(controller: &Controller, weights: Vec<f32>) -> Controller {
    let policy = controller.policy();
    Policy::with_head(policy.head(), policy.specification().clone(), weights)
        .map_err(|error| error.to_string())
        .and_then(|policy| {
            let control = controller.control().clone();
            let provenance = controller.provenance().clone();
            Controller::new(policy, control, *controller.method(), provenance)
                .map_err(|error| error.to_string())
        })
        .expect("the parts are a controller's, and the weights as many as its own and finite")
}
