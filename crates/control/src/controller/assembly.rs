//! A controller, put together from parts that are known to fit.

use descender_optim::{Job, Method};

use super::tensor_name::tensor_name;
use super::{ImpossibleController, Provenance};
use crate::safety::SafetyNet;
use crate::{ActionSpace, ControlLoop, ControlSettings, Policy, PolicyHead, Session};

/// A frozen policy with its observation, its actions, its bounds, and the optimizer that it was trained to steer.
///
/// The parts are known to fit: the policy has one input for each feature and the outputs that its head needs for the actions, its
/// parameters are finite, and all settings can be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Controller {
    pub(super) policy: Policy,
    pub(super) control: ControlSettings,
    pub(super) method: Method,
    pub(super) provenance: Provenance,
}

impl Controller {
    /// Puts a controller together.
    ///
    /// # Errors
    /// If a part cannot be used, or two do not fit.
    pub fn new(
        policy: Policy,
        control: ControlSettings,
        method: Method,
        provenance: Provenance,
    ) -> Result<Self, ImpossibleController> {
        let control_loop = ControlLoop::new(&control, method)?;
        let (features, inputs) = (
            control_loop.observation_len(),
            policy.network().input_count(),
        );
        if features != inputs {
            return Err(ImpossibleController::Observation { features, inputs });
        }
        check_head(
            policy.head(),
            control_loop.action_space(),
            policy.network().output_count(),
        )?;
        for tensor in policy.network().tensors() {
            let values = &policy.parameters()[tensor.range.clone()];
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                let (tensor, value) = (tensor_name(tensor), values[index]);
                return Err(ImpossibleController::Parameter {
                    tensor,
                    index,
                    value,
                });
            }
        }
        Ok(Controller {
            policy,
            control,
            method,
            provenance,
        })
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Observation, actions, bounds, interval and initial η.
    #[must_use]
    pub fn control(&self) -> &ControlSettings {
        &self.control
    }

    /// The optimizer that the controller was trained to steer.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Where the controller comes from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The same controller, whose descents begin with η = `learning_rate`, taken into its bounds. Without effect where its
    /// actions place η anew.
    #[must_use]
    pub fn with_initial_learning_rate(mut self, learning_rate: f32) -> Self {
        self.control.initial_learning_rate = self.control.bounds.clip(learning_rate);
        self
    }

    /// A session for one descent, started at the controller's initial η.
    #[must_use]
    pub fn start(&self) -> Session {
        self.session(&self.control)
    }

    /// A session for one descent of this job: as [`Controller::start`], with the settings
    /// [fitted](ControlSettings::fitted) to the job. A job without steps, or of more than 2³² decisions, changes nothing.
    #[must_use]
    pub fn start_for(&self, job: &Job) -> Session {
        let fitted = self.control.fitted(job);
        match fitted.check() {
            Ok(()) => self.session(&fitted),
            Err(_) => self.start(),
        }
    }

    fn session(&self, settings: &ControlSettings) -> Session {
        let control = ControlLoop::new(settings, self.method)
            .expect("the settings were checked when the controller was made");
        let safety = &settings.safety;
        let net = (safety.enabled).then(|| SafetyNet::new(safety.clone(), self.method, &control));
        Session::new(control, self.policy.clone(), net)
    }
}

/// Checks that `head` can decide in `space` with a network of `outputs` outputs.
pub(super) fn check_head(
    head: PolicyHead,
    space: ActionSpace,
    outputs: usize,
) -> Result<(), ImpossibleController> {
    match head.output_count(space) {
        None => Err(ImpossibleController::Head { head, space }),
        Some(actions) if actions != outputs => {
            Err(ImpossibleController::Actions { actions, outputs })
        }
        Some(_) => Ok(()),
    }
}
