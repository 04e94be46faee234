//! The values that a controller file names and cannot hold.

use std::sync::Arc;

use crate::{
    ActionDefinition, ActionSettings, ControlSettings, Observation, ObservationSettings, Own,
};

/// Observations and action definitions by value, for [`Controller::load_with`](crate::Controller::load_with).
///
/// A controller file names its own observation and actions, and holds no value of them. Here a file finds them by name;
/// more of them may be given than a file needs.
///
/// ```
/// # use descender_control::{Action, ActionDefinition, ActionSpace};
/// # use descender_optim::{HyperParameter, HyperParameters};
/// # #[derive(Debug)]
/// # struct Halve;
/// # impl ActionDefinition for Halve {
/// #     fn name(&self) -> &str { "halve" }
/// #     fn space(&self) -> ActionSpace { ActionSpace::Discrete(2) }
/// #     fn apply(&self, action: &Action, _step: u64, mu: &mut HyperParameters) {
/// #         if *action == Action::Discrete(1) { mu.learning_rate /= 2.0; }
/// #     }
/// #     fn entries(&self) -> Vec<HyperParameter> { vec![HyperParameter::LearningRate] }
/// #     fn descriptions(&self) -> Vec<String> { vec!["keep".into(), "halve".into()] }
/// # }
/// use descender_control::{ControlSettings, Controller, OwnParts, Policy, Provenance};
/// use descender_nn::{Activation, NetworkSpecification};
/// use descender_optim::Method;
///
/// // `Halve` is an `ActionDefinition` of two actions.
/// let control = ControlSettings { action: Halve.into(), ..ControlSettings::default() };
/// let network = NetworkSpecification::multi_layer_perceptron(18, &[], 2, Activation::Relu);
/// let policy = Policy::new(network, vec![0.0; 18 * 2 + 2])?;
/// let controller = Controller::new(policy, control, Method::Sgd, Provenance::default())?;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("controller.safetensors");
/// controller.save(&path)?;
///
/// assert!(Controller::load(&path).is_err());
/// let parts = OwnParts::new().with_action(Halve);
/// assert_eq!(Controller::load_with(&path, &parts)?, controller);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OwnParts {
    observations: Vec<Own<dyn Observation>>,
    actions: Vec<Own<dyn ActionDefinition>>,
}

impl OwnParts {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With this observation, too; the value is a prototype.
    #[must_use]
    pub fn with_observation(mut self, observation: impl Observation + 'static) -> Self {
        let name = observation.name().to_owned();
        self.observations
            .push(Own::new(name, Arc::new(observation)));
        self
    }

    /// With this action definition, too.
    #[must_use]
    pub fn with_action(mut self, action: impl ActionDefinition + 'static) -> Self {
        let name = action.name().to_owned();
        self.actions.push(Own::new(name, Arc::new(action)));
        self
    }

    /// The parts that stand in `control` by value.
    #[must_use]
    pub fn of(control: &ControlSettings) -> Self {
        let mut parts = Self::default();
        if let ObservationSettings::Own(own) = &control.observation {
            parts.observations.push(own.clone());
        }
        if let ActionSettings::Own(own) = &control.action {
            parts.actions.push(own.clone());
        }
        parts
    }

    /// Provides the values that `control` names. What is built in, and what is not among the parts, stays as it is.
    pub fn provide(&self, control: &mut ControlSettings) {
        if let ObservationSettings::Own(own) = &mut control.observation {
            self.observations.iter().any(|part| own.provide_from(part));
        }
        if let ActionSettings::Own(own) = &mut control.action {
            self.actions.iter().any(|part| own.provide_from(part));
        }
    }
}
