//! A controller at work on one descent, with the safety rules of deployed use.
//!
//! Two rules hold whatever the policy wants. η never leaves the controller's bounds. And where the loss of a step
//! is not finite, η goes to the lower bound at once, without asking the policy: what the policy would say there it
//! has not learned, and a small step does the least harm. The policy decides again at the next decision after a
//! finite loss.
//!
//! Where the [safety net](crate::safety) is on, it takes the place of the second rule, and a broken descent can go back
//! to a good state.

use descender_optim::{Feedback, HyperParameters};
use serde::{Deserialize, Serialize};

use crate::safety::{SafetyNet, SafetyState};
use crate::{
    Action, ActionSpace, Advice, ControlLoop, ControlState, Intervention, Policy, RestoreError,
};

/// A controller at work on one descent.
///
/// Made by [`Controller::start`](crate::Controller::start). Each step of the descent uses
/// [`Session::hyper_parameters`], and then tells its feedback to [`Session::record`].
///
/// With a [safety net](crate::safety) the session also says when to keep the state of the descent and when to go back
/// ([`Session::advice`]). A training loop that does so, under a policy that asks for an η of 10:
///
/// ```
/// use descender_control::*;
/// use descender_nn::{Activation, NetworkSpecification};
/// use descender_optim::{Feedback, Method, Optimizer};
///
/// let mut control = ControlSettings {
///     bounds: Bounds { lower: 0.001, upper: 10.0 },
///     action: ActionSettings::factors([1.0, 100.0]),
///     ..ControlSettings::default()
/// };
/// control.safety.enabled = true;
/// control.safety.fallback.descent_steps = 400;
/// // A policy without hidden layers whose bias prefers the second action.
/// let network = NetworkSpecification::multi_layer_perceptron(18, &[], 2, Activation::Relu);
/// let mut parameters = vec![0.0; 18 * 2 + 2];
/// parameters[18 * 2 + 1] = 1.0;
/// let policy = Policy::new(network, parameters)?;
/// let controller = Controller::new(policy, control, Method::Sgd, Provenance::default())?;
///
/// // Minimise θ²/2 + 1.
/// let mut session = controller.start();
/// let mut optimizer = Optimizer::new(*controller.method(), 1)?;
/// let mut theta = [1.0_f32];
/// let mut keeper = Keeper::new((theta, optimizer.clone()));
/// for step in 0..400 {
///     let (loss, gradient) = (theta[0] * theta[0] / 2.0 + 1.0, theta);
///     let statistics = optimizer.step(session.hyper_parameters(), &mut theta, &gradient);
///     session.record(&Feedback { step, loss, statistics });
///     match session.advice() {
///         Advice::Proceed => {}
///         Advice::Save => keeper.save((theta, optimizer.clone())),
///         Advice::Restore => (theta, optimizer) = keeper.restore().clone(),
///         Advice::Restart => (theta, optimizer) = keeper.restart().clone(),
///     }
/// }
/// assert!(theta[0].abs() < 1e-3);
/// assert_eq!(session.interventions().len(), 3); // then the fallback stayed
/// assert_eq!(
///     session.interventions()[0].to_string(),
///     "step 2: the loss 13.4 is 8.93 times that of the first step; back to the start, learning rate 10 → 0.0993 for \
///      50 steps"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    control: ControlLoop,
    policy: Policy,
    observation: Vec<f32>,
    /// Whether the policy decided on the observation after the last step.
    decided: bool,
    fallbacks: u64,
    net: Option<SafetyNet>,
}

/// What a [`Session`] must carry for an exact continuation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionState {
    control: ControlState,
    fallbacks: u64,
    net: Option<SafetyState>,
}

impl Session {
    /// The caller has checked that the policy fits the loop.
    pub(crate) fn new(control: ControlLoop, policy: Policy, net: Option<SafetyNet>) -> Self {
        let observation = vec![0.0; control.observation_len()];
        Session {
            control,
            policy,
            observation,
            decided: false,
            fallbacks: 0,
            net,
        }
    }

    /// μ for the next step; η is inside the bounds, but may be below the lower one where the safety net's fallback sets it.
    #[must_use]
    pub fn hyper_parameters(&self) -> &HyperParameters {
        self.control.hyper_parameters()
    }

    /// How many examples that are not learned the policy wants the mean loss of, asked after a step and before
    /// [`Session::record`]; `None` where no decision follows, or no probe is wanted. A policy that gets no
    /// [probe](Session::probe) does without.
    #[must_use]
    pub fn wants_probe(&self) -> Option<usize> {
        self.control.wants_probe()
    }

    /// Takes in the mean loss of examples that are not learned, at the present parameters.
    pub fn probe(&mut self, loss: f32) {
        self.control.probe(loss);
    }

    /// Takes in the feedback of a step that was made with [`Session::hyper_parameters`], decides if it is time,
    /// and returns μ for the next step. Allocates nothing.
    pub fn record(&mut self, feedback: &Feedback) -> &HyperParameters {
        self.record_with(feedback, Policy::act)
    }

    /// As [`Session::record`], but `decide` chooses the action where the policy would: it is given the policy and what
    /// the policy sees.
    pub fn record_with(
        &mut self,
        feedback: &Feedback,
        decide: impl FnOnce(&mut Policy, &[f32]) -> Action,
    ) -> &HyperParameters {
        let mu = *self.control.hyper_parameters();
        self.control.record(feedback);
        self.decided = false;
        let free = match &mut self.net {
            Some(net) => net.record(feedback, &mu, &mut self.control),
            None if feedback.loss.is_finite() => true,
            None => {
                self.control.fall_back();
                self.fallbacks = self.fallbacks.saturating_add(1);
                false
            }
        };
        if free && self.control.is_decision() {
            self.control.observation(&mut self.observation);
            let action = decide(&mut self.policy, &self.observation);
            self.control.apply(&action);
            self.decided = true;
        }
        self.control.hyper_parameters()
    }

    /// What to do after the step that was recorded last, for a caller that can keep and restore the state of its
    /// descent (a [`Keeper`](crate::Keeper) holds the states). Without a safety net always [`Advice::Proceed`].
    #[must_use]
    pub fn advice(&self) -> Advice {
        self.net.as_ref().map_or(Advice::Proceed, SafetyNet::advice)
    }

    /// What the safety net did in this descent, in the order of the steps.
    #[must_use]
    pub fn interventions(&self) -> &[Intervention] {
        self.net.as_ref().map_or(&[], SafetyNet::interventions)
    }

    /// Whether there is a safety net.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.net.is_some()
    }

    /// The shape of a decision.
    #[must_use]
    pub fn action_space(&self) -> ActionSpace {
        self.control.action_space()
    }

    /// What the policy saw when it decided after the step that was recorded last; `None` if it did not decide there.
    #[must_use]
    pub fn observed(&self) -> Option<&[f32]> {
        self.decided.then_some(self.observation.as_slice())
    }

    /// Number of steps after which η was put at the lower bound because the loss was not finite; 0 under a safety net.
    #[must_use]
    pub fn fallbacks(&self) -> u64 {
        self.fallbacks
    }

    /// Begins a new descent with η = `learning_rate`, taken into the bounds.
    pub fn restart(&mut self, learning_rate: f32) {
        self.control.start(learning_rate);
        self.decided = false;
        self.fallbacks = 0;
        if let Some(net) = &mut self.net {
            net.restart(&self.control);
        }
    }

    /// What an exact continuation needs, besides the controller itself.
    #[must_use]
    pub fn state(&self) -> SessionState {
        SessionState {
            control: self.control.state(),
            fallbacks: self.fallbacks,
            net: self.net.as_ref().map(|net| net.state().clone()),
        }
    }

    /// Continues from a state that a session of the same controller returned.
    ///
    /// # Errors
    /// If the state is of another controller; the session is then unchanged.
    pub fn restore(&mut self, state: SessionState) -> Result<(), RestoreError> {
        match (&mut self.net, state.net) {
            (Some(net), Some(kept)) => {
                self.control.restore_imposed(state.control)?;
                net.restore(kept);
            }
            (None, None) => self.control.restore(state.control)?,
            _ => return Err(RestoreError::SafetyNet),
        }
        self.decided = false;
        self.fallbacks = state.fallbacks;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
