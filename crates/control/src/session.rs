//! A controller at work on one descent, with the safety rules of deployed use.
//!
//! Two rules hold whatever the policy wants. η never leaves the controller's bounds. And where the loss of a step
//! is not finite, η goes to the lower bound at once, without asking the policy: what the policy would say there it
//! has not learned, and a small step does the least harm. The policy decides again at the next decision after a
//! finite loss.

use descender_optim::{Feedback, HyperParameters};
use serde::{Deserialize, Serialize};

use crate::{ControlLoop, ControlState, Policy, RestoreError};

/// A controller at work on one descent.
///
/// Made by [`Controller::start`](crate::Controller::start). Each step of the descent uses
/// [`Session::hyper_parameters`], and then tells its feedback to [`Session::record`].
#[derive(Clone, Debug)]
pub struct Session {
    control: ControlLoop,
    policy: Policy,
    observation: Vec<f32>,
    /// Whether the policy decided on the observation after the last step.
    decided: bool,
    fallbacks: u64,
}

/// What a [`Session`] must carry for an exact continuation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionState {
    control: ControlState,
    fallbacks: u64,
}

impl Session {
    /// The caller has checked that the policy fits the loop.
    pub(crate) fn new(control: ControlLoop, policy: Policy) -> Self {
        let observation = vec![0.0; control.observation_len()];
        Session {
            control,
            policy,
            observation,
            decided: false,
            fallbacks: 0,
        }
    }

    /// μ for the next step; η is inside the bounds.
    #[must_use]
    pub fn hyper_parameters(&self) -> &HyperParameters {
        self.control.hyper_parameters()
    }

    /// Takes in the feedback of a step that was made with [`Session::hyper_parameters`], decides if it is time,
    /// and returns μ for the next step. Allocates nothing.
    pub fn record(&mut self, feedback: &Feedback) -> &HyperParameters {
        self.control.record(feedback);
        self.decided = false;
        if !feedback.loss.is_finite() {
            self.control.fall_back();
            self.fallbacks = self.fallbacks.saturating_add(1);
        } else if self.control.is_decision() {
            self.control.observation(&mut self.observation);
            let action = self.policy.act(&self.observation);
            self.control.apply(&action);
            self.decided = true;
        }
        self.control.hyper_parameters()
    }

    /// What the policy saw when it decided after the step that was recorded last; `None` if it did not decide there.
    #[must_use]
    pub fn observed(&self) -> Option<&[f32]> {
        self.decided.then_some(self.observation.as_slice())
    }

    /// Number of steps after which η was put at the lower bound because the loss was not finite.
    #[must_use]
    pub fn fallbacks(&self) -> u64 {
        self.fallbacks
    }

    /// Begins a new descent with η = `learning_rate`, taken into the bounds.
    pub fn restart(&mut self, learning_rate: f32) {
        self.control.start(learning_rate);
        self.decided = false;
        self.fallbacks = 0;
    }

    /// What an exact continuation needs, besides the controller itself.
    #[must_use]
    pub fn state(&self) -> SessionState {
        SessionState {
            control: self.control.state().clone(),
            fallbacks: self.fallbacks,
        }
    }

    /// Continues from a state that a session of the same controller returned.
    ///
    /// # Errors
    /// If the state is of another controller; the session is then unchanged.
    pub fn restore(&mut self, state: SessionState) -> Result<(), RestoreError> {
        self.control.restore(state.control)?;
        self.decided = false;
        self.fallbacks = state.fallbacks;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
