//! A controller at work on a descent, with a safety net that can send the descent back.

use descender_control::{Action, Advice, Keeper, Policy, Session};
use descender_optim::{Feedback, HyperParameters};
use descender_task::Descent;

use crate::selection_probe::selection_probe;
use crate::steer::Steer;

/// A [`Session`] together with the states of its descent that its safety net may go back to.
///
/// Without a net nothing is kept. With one, the descent must be one that can be [saved](Descent::save).
///
/// ```
/// use descender_control::{ControlSettings, Controller, Policy, Provenance};
/// use descender_env::{Guarded, Steer};
/// use descender_nn::{Activation, NetworkSpecification};
/// use descender_optim::Method;
/// use descender_task::{Descent, Problem, StartPoint, Task};
///
/// let network = NetworkSpecification::multi_layer_perceptron(18, &[], 3, Activation::Relu);
/// let policy = Policy::new(network, vec![0.0; 18 * 3 + 3])?;
/// let control = ControlSettings::default();
/// let controller = Controller::new(policy, control, Method::Sgd, Provenance::default())?;
///
/// let mut descent = Task::small().descent(Method::Sgd)?;
/// descent.reset(StartPoint::default());
/// let mut guarded = Guarded::new(controller.start(), &*descent)?;
/// for _ in 0..10 {
///     let feedback = descent.step(guarded.hyper_parameters());
///     if !guarded.record(&feedback, &mut *descent) {
///         break; // the loss is not finite, and nothing could be restored
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Guarded {
    session: Session,
    keeper: Option<Keeper<Vec<u8>>>,
    /// Losses of the examples that the policy asks for.
    probed: Vec<f32>,
}

/// A safety net needs descents that can be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the controller's safety net needs a descent that can be saved, and this one can't be")]
pub struct UnsavableError;

impl Guarded {
    /// The session's controller over `descent`, which stands at its start.
    ///
    /// # Errors
    /// [`UnsavableError`] if the session has a safety net and the descent can't be saved.
    pub fn new(session: Session, descent: &dyn Descent) -> Result<Self, UnsavableError> {
        let keeper = match session.is_guarded() {
            true => Some(Keeper::new(descent.save().ok_or(UnsavableError)?)),
            false => None,
        };
        Ok(Self {
            session,
            keeper,
            probed: Vec::new(),
        })
    }

    /// The controller at work.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Takes in the feedback of a step, with the probe that the policy wants, where the descent has one. `decide` chooses
    /// the action where the policy would. Tells whether the descent can go on, as [`obey`](Guarded::obey).
    pub fn record_with(
        &mut self,
        feedback: &Feedback,
        descent: &mut dyn Descent,
        decide: impl FnOnce(&mut Policy, &[f32]) -> Action,
    ) -> bool {
        if let Some(examples) = self.session.wants_probe() {
            let loss = selection_probe(descent, examples, &mut self.probed);
            self.session.probe(loss);
        }
        self.session.record_with(feedback, decide);
        self.obey(descent, feedback.loss)
    }

    /// Follows the session's advice after a step with this loss. Tells whether the descent can go on: it can't where the
    /// loss was not finite and nothing was restored.
    pub fn obey(&mut self, descent: &mut dyn Descent, loss: f32) -> bool {
        let Some(keeper) = &mut self.keeper else {
            return loss.is_finite();
        };
        let back = match self.session.advice() {
            Advice::Proceed => None,
            Advice::Save => {
                if let Some(state) = descent.save() {
                    keeper.save(state);
                }
                None
            }
            Advice::Restore => Some(keeper.restore()),
            Advice::Restart => Some(keeper.restart()),
        };
        match back {
            None => loss.is_finite(),
            Some(state) => descent.restore(state).is_ok(),
        }
    }
}

impl Steer for Guarded {
    fn hyper_parameters(&mut self) -> &[HyperParameters] {
        std::slice::from_ref(self.session.hyper_parameters())
    }

    fn record(&mut self, feedback: &Feedback, descent: &mut dyn Descent) -> bool {
        self.record_with(feedback, descent, Policy::act)
    }
}
