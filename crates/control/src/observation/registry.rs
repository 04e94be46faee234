//! What an observation needs in order to be built in, and the macro that makes
//! [`ObservationSettings`](super::ObservationSettings) from their list.

use descender_optim::Job;

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
    fn features() -> &'static [&'static str];

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

    /// Becomes that of descents of this job. Default: the measure of time is scaled to its steps.
    fn fit(&mut self, job: &Job) {
        self.pace(job.steps as f32);
    }

    /// The observation, as before the first step.
    fn start(&self) -> Box<dyn Observation>;
}

/// Makes [`ObservationSettings`] from the list of the built-in observations.
macro_rules! built_in_observations {
    ($($(#[$doc:meta])* $Variant:ident($module:ident::$Settings:ident)),+ $(,)?) => {
        $(pub use $module::$Settings;)+

        /// Which observation, and its settings.
        ///
        /// In a configuration, `name` says which, and its settings follow.
        ///
        /// In the formulas, a loss L is first taken into [1e-6, 1e4] (1e4 where it is not finite) and a magnitude into
        /// [1e-12, 1e12]; t counts the steps recorded; each feature is cut at ±10. These scalings are ours.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "name", rename_all = "kebab-case")]
        #[expect(clippy::large_enum_variant, reason = "settings are few, and live as long as a run")]
        pub enum ObservationSettings {
            $($(#[$doc])* $Variant($Settings),)+
            /// An observation that is not built in. The value is a prototype: each descent gets a clone.
            Own(Own<dyn Observation>),
        }

        impl ObservationSettings {
            /// Name and one-line description of every observation that is built in.
            #[must_use]
            pub fn names() -> &'static [(&'static str, &'static str)] {
                &[$(($Settings::NAME, $Settings::DESCRIPTION)),+]
            }

            /// Name of this observation.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$Variant(_) => $Settings::NAME,)+
                    Self::Own(own) => own.name(),
                }
            }

            /// Names of the features, in the order in which they are written; none if the value is absent.
            #[must_use]
            pub fn feature_names(&self) -> Vec<&str> {
                match self {
                    $(Self::$Variant(_) => $Settings::features().to_vec(),)+
                    Self::Own(own) => own.value().map_or(Vec::new(), Observation::feature_names),
                }
            }

            /// Steps that the observation's measure of time is scaled to: the length of the descents that it was made
            /// for. `None` if it has no measure of time.
            #[must_use]
            pub fn total_steps(&self) -> Option<f32> {
                match self {
                    $(Self::$Variant(settings) => settings.total_steps(),)+
                    Self::Own(own) => own.value().and_then(Observation::total_steps),
                }
            }

            /// Checks every field.
            ///
            /// # Errors
            /// Names the field that cannot be used, or the observation whose value is absent.
            pub fn check(&self) -> Result<(), SettingsError> {
                match self {
                    $(Self::$Variant(settings) => settings.check(),)+
                    Self::Own(own) => own.require(PART).map(|_| ()).map_err(SettingsError::from),
                }
            }

            /// An observation for descents under `actions`, as before the first step.
            ///
            /// # Errors
            /// If a field cannot be used, or the value is absent.
            pub fn start(&self, actions: &dyn ActionDefinition) -> Result<Box<dyn Observation>, SettingsError> {
                self.check()?;
                let mut observation = match self {
                    $(Self::$Variant(settings) => settings.start(),)+
                    Self::Own(own) => own.require(PART)?.boxed_clone(),
                };
                observation.prepare(actions);
                Ok(observation)
            }

            /// Becomes that of descents of this job: one that reads the job reads this one, and a measure of time is
            /// scaled to its steps.
            pub fn fit(&mut self, job: &Job) {
                match self {
                    $(Self::$Variant(settings) => settings.fit(job),)+
                    Self::Own(_) => {} // a value knows its own time
                }
            }

            /// Scales the measure of time, where there is one, to descents of `total_steps` steps.
            pub fn pace(&mut self, total_steps: f32) {
                match self {
                    $(Self::$Variant(settings) => settings.pace(total_steps),)+
                    Self::Own(_) => {} // a value knows its own time
                }
            }
        }

        $(impl From<$Settings> for ObservationSettings {
            fn from(settings: $Settings) -> Self {
                Self::$Variant(settings)
            }
        })+
    };
}
pub(super) use built_in_observations;
