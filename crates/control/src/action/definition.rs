//! The trait of everything that says what a decision does to μ.

use std::fmt;

use descender_optim::{HyperParameter, HyperParameters};

use super::{Action, ActionSpace};
use crate::SettingsError;

/// Which actions there are, and what each does to the hyper-parameters μ.
///
/// A definition has no memory: what an action does depends on the action, on the step, and on μ. It works on the whole
/// of μ, and knows nothing of bounds; a [`ControlLoop`](crate::ControlLoop) takes η into its bounds afterwards.
///
/// A definition of one's own goes into the settings by value:
///
/// ```
/// use descender_control::{Action, ActionDefinition, ActionSpace, ControlLoop, ControlSettings};
/// use descender_optim::{HyperParameter, HyperParameters, Method};
///
/// /// Two actions: keep η, or halve it.
/// #[derive(Debug)]
/// struct Halve;
///
/// impl ActionDefinition for Halve {
///     fn name(&self) -> &str {
///         "halve"
///     }
///
///     fn space(&self) -> ActionSpace {
///         ActionSpace::Discrete(2)
///     }
///
///     fn apply(&self, action: &Action, _step: u64, mu: &mut HyperParameters) {
///         if *action == Action::Discrete(1) {
///             mu.learning_rate /= 2.0;
///         }
///     }
///
///     fn entries(&self) -> Vec<HyperParameter> {
///         vec![HyperParameter::LearningRate]
///     }
///
///     fn largest_log_change(&self) -> f32 {
///         std::f32::consts::LN_2
///     }
///
///     fn descriptions(&self) -> Vec<String> {
///         vec!["keep the learning rate".into(), "halve the learning rate".into()]
///     }
/// }
///
/// let settings = ControlSettings { action: Halve.into(), ..ControlSettings::default() };
/// let mut control = ControlLoop::new(&settings, Method::Sgd)?;
/// control.start(0.4);
/// control.apply(&Action::Discrete(1));
/// assert_eq!(control.hyper_parameters().learning_rate, 0.2);
/// # Ok::<(), descender_control::SettingsError>(())
/// ```
pub trait ActionDefinition: fmt::Debug + Send + Sync {
    /// The name, as in configurations and controller files.
    fn name(&self) -> &str;

    /// Checks every setting. By default there is nothing to check.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    fn check(&self) -> Result<(), SettingsError> {
        Ok(())
    }

    /// The shape of a decision.
    fn space(&self) -> ActionSpace;

    /// Changes μ to what it is before the first decision. By default it stays as it is.
    fn begin(&self, mu: &mut HyperParameters) {
        let _ = mu;
    }

    /// Changes μ as `action` says, before step `step` (from 0). An action that is not in the
    /// [space](ActionDefinition::space) changes nothing. Must not allocate.
    fn apply(&self, action: &Action, step: u64, mu: &mut HyperParameters);

    /// Changes μ to what it is before step `step`, between two decisions of which `action` was the last. By default μ
    /// stays as it is: it changes at decisions alone. A definition that multiplies μ by a function of the step overrides
    /// this, so that the function is followed at every step. Must not allocate.
    fn follow(&self, action: &Action, step: u64, mu: &mut HyperParameters) {
        let _ = (action, step, mu);
    }

    /// The entries of μ that an action may change, in any order.
    fn entries(&self) -> Vec<HyperParameter>;

    /// The largest |ln(η after / η before)| that one action can cause: the unit in which observations express what the
    /// last action did. Default 1.
    fn largest_log_change(&self) -> f32 {
        1.0
    }

    /// What each action (or each dimension of a continuous one) does, in words, in their order.
    fn descriptions(&self) -> Vec<String>;
}
