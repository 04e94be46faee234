//! The loop that ties observation, action, bounds and μ together, without the policy.
//!
//! Training (an environment) and use (a [`Session`](crate::Session)) run the same loop, so that a policy sees in
//! use exactly what it saw in training:
//!
//! ```text
//! start(η0)
//! repeat: one step of the descent with hyper_parameters()
//!         record(feedback)
//!         if is_decision(): observation(out); choose an action; apply(action)
//! ```
//!
//! As in Algorithm 1 of the paper, the first decision comes after one step with μ0; from then on there is one
//! after every `interval` steps.

use descender_optim::{Feedback, HyperParameters, Method};
use serde::{Deserialize, Serialize};

use crate::{
    Action, ActionSettings, ActionSpace, Bounds, ControlSettings, Observation, Placement,
    RestoreError, SettingsError,
};

/// Observation, action, bounds and μ of one descent.
#[derive(Clone, Debug)]
pub struct ControlLoop {
    interval: u64,
    bounds: Bounds,
    action: ActionSettings,
    method: Method,
    observation: Box<dyn Observation>,
    /// How many features it has.
    features: usize,
    hyper_parameters: HyperParameters,
    /// The last decision, while μ follows it.
    decision: Option<Action>,
    /// Steps recorded since the start.
    steps: u64,
}

/// What a [`ControlLoop`] must carry for an exact continuation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlState {
    /// The name of the observation.
    observation_name: String,
    /// Its state, in its own form.
    observation: Vec<u8>,
    hyper_parameters: HyperParameters,
    /// The last decision, while μ follows it.
    decision: Option<Action>,
    /// Steps recorded since the start.
    steps: u64,
}

impl ControlLoop {
    /// A loop for descents under `method`, started at the settings' initial η.
    ///
    /// # Errors
    /// If a setting of the control or of the method cannot be used.
    pub fn new(settings: &ControlSettings, method: Method) -> Result<Self, SettingsError> {
        settings.check()?;
        method.check().map_err(SettingsError::Optimizer)?;
        let observation = settings.observation.start(settings.action.definition()?)?;
        let hyper_parameters = method.hyper_parameters(settings.initial_learning_rate);
        let mut control = ControlLoop {
            interval: u64::from(settings.interval),
            bounds: settings.bounds,
            action: settings.action.clone(),
            method,
            features: observation.feature_names().len(),
            observation,
            hyper_parameters,
            decision: None,
            steps: 0,
        };
        control.start(settings.initial_learning_rate);
        Ok(control)
    }

    /// Begins a new descent with η = `learning_rate`, or the anchor where the actions place η anew, taken into the
    /// bounds.
    pub fn start(&mut self, learning_rate: f32) {
        let mut mu = self
            .method
            .hyper_parameters(self.bounds.clip(learning_rate));
        self.action.begin(&mut mu);
        mu.learning_rate = self.bounds.clip(mu.learning_rate);
        self.hyper_parameters = mu;
        self.observation.reset(&self.hyper_parameters);
        self.decision = None;
        self.steps = 0;
    }

    /// μ for the next step.
    #[must_use]
    pub fn hyper_parameters(&self) -> &HyperParameters {
        &self.hyper_parameters
    }

    /// Takes in the feedback of the step that was made with [`ControlLoop::hyper_parameters`], which then follow the last
    /// decision to the next step ([`ActionDefinition::follow`](crate::ActionDefinition::follow)).
    pub fn record(&mut self, feedback: &Feedback) {
        self.observation.record(feedback, &self.hyper_parameters);
        self.steps = self.steps.saturating_add(1);
        if let Some(action) = &self.decision {
            let mu = &mut self.hyper_parameters;
            self.action.follow(action, self.steps, mu);
            mu.learning_rate = self.bounds.clip(mu.learning_rate);
        }
    }

    /// How many examples that are not learned the observation wants the loss of, before the step that was just made is
    /// recorded; `None` where a decision doesn't follow it, or no probe is wanted.
    #[must_use]
    pub fn wants_probe(&self) -> Option<usize> {
        let decides = self.steps.is_multiple_of(self.interval);
        decides.then(|| self.observation.wants_probe()).flatten()
    }

    /// Takes in the mean loss that [`ControlLoop::wants_probe`] asked for.
    pub fn probe(&mut self, loss: f32) {
        self.observation.probe(loss);
    }

    /// Whether a decision is due now: after the first step and after each `interval` further ones.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        self.steps >= 1 && (self.steps - 1).is_multiple_of(self.interval)
    }

    /// Steps recorded since the start.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Number of features of an observation.
    #[must_use]
    pub fn observation_len(&self) -> usize {
        self.features
    }

    /// The shape of a decision.
    #[must_use]
    pub fn action_space(&self) -> ActionSpace {
        self.action.space()
    }

    /// The bounds on η.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Writes the features of the descent so far.
    ///
    /// # Panics
    /// If `out` does not have [`ControlLoop::observation_len`] entries.
    pub fn observation(&self, out: &mut [f32]) {
        assert_eq!(
            out.len(),
            self.features,
            "the slice has as many entries as the observation has features"
        );
        self.observation.write(out);
    }

    /// Changes μ as `action` says and takes η into the bounds. Tells where the action had put η before that, so
    /// that an environment can end the episode. An action outside of the space changes nothing.
    pub fn apply(&mut self, action: &Action) -> Placement {
        let before = self.hyper_parameters;
        let mut after = before;
        self.action.apply(action, self.steps, &mut after);
        let placement = self.bounds.place(after.learning_rate);
        after.learning_rate = self.bounds.clip(after.learning_rate);
        self.hyper_parameters = after;
        self.observation.note_action(&before, &after);
        self.keep(action);
        placement
    }

    /// Remembers a decision; allocates only for the first of a descent.
    fn keep(&mut self, action: &Action) {
        match (&mut self.decision, action) {
            (Some(Action::Continuous(kept)), Action::Continuous(values)) => {
                kept.clone_from(values);
            }
            (decision, action) => *decision = Some(action.clone()),
        }
    }

    /// Puts η at the lower bound: what a deployed controller does when the loss is not finite.
    pub(crate) fn fall_back(&mut self) {
        let before = self.hyper_parameters;
        self.hyper_parameters.learning_rate = self.bounds.lower;
        self.decision = None;
        self.observation
            .note_action(&before, &self.hyper_parameters);
    }

    /// Puts μ at what the safety net says, which keeps η below the upper bound; it may be below the lower one.
    pub(crate) fn impose(&mut self, hyper_parameters: HyperParameters) {
        let before = std::mem::replace(&mut self.hyper_parameters, hyper_parameters);
        self.decision = None;
        self.observation.note_action(&before, &hyper_parameters);
    }

    /// Writes the state of the observation to `out`, in place of what is there.
    pub(crate) fn save_observation(&self, out: &mut Vec<u8>) {
        out.clear();
        self.observation.save(out);
    }

    /// Makes the observation what it was when `kept` was saved, except for the time. What is no state of it changes
    /// nothing.
    pub(crate) fn rewind_observation(&mut self, kept: &[u8]) {
        // An error leaves the observation as it is.
        let _ = self.observation.rewind(kept);
    }

    /// What an exact continuation needs.
    #[must_use]
    pub fn state(&self) -> ControlState {
        let mut observation = Vec::new();
        self.observation.save(&mut observation);
        ControlState {
            observation_name: self.observation.name().to_owned(),
            observation,
            hyper_parameters: self.hyper_parameters,
            decision: self.decision.clone(),
            steps: self.steps,
        }
    }

    /// Continues from a state that a loop with the same settings and method returned.
    ///
    /// # Errors
    /// If the state belongs to another observation, or its η is outside the bounds; the loop is then unchanged.
    pub fn restore(&mut self, state: ControlState) -> Result<(), RestoreError> {
        let learning_rate = state.hyper_parameters.learning_rate;
        if !self.bounds.contains(learning_rate) {
            let Bounds { lower, upper } = self.bounds;
            return Err(RestoreError::LearningRate {
                learning_rate,
                lower,
                upper,
            });
        }
        self.restore_imposed(state)
    }

    /// As [`ControlLoop::restore`], for a state whose μ may be the safety net's.
    pub(crate) fn restore_imposed(&mut self, state: ControlState) -> Result<(), RestoreError> {
        if state.observation_name != self.observation.name() {
            return Err(RestoreError::Observation);
        }
        self.observation.restore(&state.observation)?;
        self.hyper_parameters = state.hyper_parameters;
        self.decision = state.decision;
        self.steps = state.steps;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
