//! The trait of everything that turns a descent's feedback into features.

use std::fmt;

use descender_optim::{Feedback, HyperParameters};

use crate::{ActionDefinition, RestoreError};

/// What a policy sees of one descent: the features, and the memory that they need.
///
/// An observation is [reset](Observation::reset) at the start of each descent, [records](Observation::record) each
/// step and [notes](Observation::note_action) each decision. `reset`, `record`, `note_action` and `write` run inside
/// the training loops of other people: they must not allocate.
///
/// An observation of one's own goes into the settings by value. The value is a prototype: each descent gets a clone.
///
/// ```
/// use descender_control::{ControlLoop, ControlSettings, Observation, RestoreError};
/// use descender_optim::{Feedback, HyperParameters, Method, StepStatistics};
///
/// /// One feature: the logarithm of the last loss, between −10 and 10.
/// #[derive(Clone, Debug, Default)]
/// struct LastLoss {
///     log_loss: f32,
/// }
///
/// impl Observation for LastLoss {
///     fn name(&self) -> &str {
///         "last-loss"
///     }
///
///     fn feature_names(&self) -> Vec<&str> {
///         vec!["log_loss"]
///     }
///
///     fn reset(&mut self, _mu: &HyperParameters) {
///         self.log_loss = 0.0;
///     }
///
///     fn record(&mut self, feedback: &Feedback, _mu: &HyperParameters) {
///         let log_loss = feedback.loss.ln();
///         self.log_loss = if log_loss.is_nan() { 10.0 } else { log_loss.clamp(-10.0, 10.0) };
///     }
///
///     fn write(&self, out: &mut [f32]) {
///         out[0] = self.log_loss;
///     }
///
///     fn save(&self, out: &mut Vec<u8>) {
///         out.extend(self.log_loss.to_le_bytes());
///     }
///
///     fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
///         let bytes = state.try_into().map_err(|_| RestoreError::Observation)?;
///         self.log_loss = f32::from_le_bytes(bytes);
///         Ok(())
///     }
///
///     fn boxed_clone(&self) -> Box<dyn Observation> {
///         Box::new(self.clone())
///     }
/// }
///
/// let settings =
///     ControlSettings { observation: LastLoss::default().into(), ..ControlSettings::default() };
/// let mut control = ControlLoop::new(&settings, Method::Sgd)?;
/// let statistics = StepStatistics::default();
/// control.record(&Feedback { step: 0, loss: 1.0_f32.exp(), statistics });
/// let mut features = [0.0];
/// control.observation(&mut features);
/// assert!((features[0] - 1.0).abs() < 1e-6);
/// # Ok::<(), descender_control::SettingsError>(())
/// ```
pub trait Observation: fmt::Debug + Send + Sync {
    /// The name, as in configurations and controller files.
    fn name(&self) -> &str;

    /// Names of the features, in the order in which they are written. Their number never changes.
    fn feature_names(&self) -> Vec<&str>;

    /// Steps that the observation's measure of time is scaled to: the length of the descents that it was made for.
    /// By default it has no measure of time.
    fn total_steps(&self) -> Option<f32> {
        None
    }

    /// Is told the actions of the control, once, before the first descent. By default it needs no knowledge of them.
    fn prepare(&mut self, actions: &dyn ActionDefinition) {
        let _ = actions;
    }

    /// Forgets everything: a new descent begins with μ.
    fn reset(&mut self, mu: &HyperParameters);

    /// Takes in the feedback of one step, which was made with μ.
    fn record(&mut self, feedback: &Feedback, mu: &HyperParameters);

    /// How many examples that are not learned a descent should be [probed](Observation::probe) at before the coming
    /// decision; `None`, the default, where no probe is wanted there.
    fn wants_probe(&self) -> Option<usize> {
        None
    }

    /// Takes in the mean loss of examples that are not learned, which was [asked for](Observation::wants_probe). Who has
    /// no such examples doesn't call it. By default it passes unnoticed.
    fn probe(&mut self, loss: f32) {
        let _ = loss;
    }

    /// Takes in a decision: μ as it was before and as it is now, bounds included. By default it passes unnoticed.
    fn note_action(&mut self, before: &HyperParameters, after: &HyperParameters) {
        let _ = (before, after);
    }

    /// Writes the features. `out` has one entry for each. They should be finite and of order 1, whatever the feedback
    /// was.
    fn write(&self, out: &mut [f32]);

    /// Appends the exact state to `out`, in any form of one's own. Must not allocate anything else: under a safety net
    /// this runs in a step, into a buffer that has room for twice the length of the state before the first step.
    fn save(&self, out: &mut Vec<u8>);

    /// Becomes what it was when `state` was saved: from then on it writes the same bits.
    ///
    /// # Errors
    /// [`RestoreError::Observation`] if the bytes are no state of an observation with the same settings. The
    /// observation is then unchanged.
    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError>;

    /// Becomes what it was when `kept` was saved, except for the time: the descent goes back there, and the steps that
    /// were made since are spent. The default is [`Observation::restore`]; an observation that counts steps keeps its
    /// count.
    ///
    /// # Errors
    /// As [`Observation::restore`].
    fn rewind(&mut self, kept: &[u8]) -> Result<(), RestoreError> {
        self.restore(kept)
    }

    /// A copy of its own, with its state.
    fn boxed_clone(&self) -> Box<dyn Observation>;
}

impl Clone for Box<dyn Observation> {
    fn clone(&self) -> Self {
        self.boxed_clone()
    }
}
