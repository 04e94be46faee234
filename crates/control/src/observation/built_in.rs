//! What the settings of an observation need so that it is built in.

use super::Observation;
use crate::SettingsError;

/// The settings of an observation that configurations can name: it is listed in
/// [`ObservationSettings`](super::ObservationSettings).
pub(super) trait BuiltInObservation {
    /// The name, as in configurations: the name of its variant in kebab case.
    const NAME: &'static str;
    /// One line that says what the features are.
    const DESCRIPTION: &'static str;
    /// Names of the features, in the order in which they are written.
    const FEATURES: &'static [&'static str];

    /// Checks every field.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    fn check(&self) -> Result<(), SettingsError>;

    /// Steps that the observation's measure of time is scaled to; `None`, the default, without such a measure.
    fn total_steps(&self) -> Option<f32> {
        None
    }

    /// Scales the measure of time to descents of `total_steps` steps. Default: there is none to scale.
    fn pace(&mut self, total_steps: f32) {
        let _ = total_steps;
    }

    /// The observation, as before the first step.
    fn start(&self) -> Box<dyn Observation>;
}
