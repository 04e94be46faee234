//! The settings of control: what a controller sees, what it may do, how often, and between which bounds.
//!
//! Settings are plain data that a configuration file fills. Nothing uses them before [`ControlSettings::check`]
//! has passed; every constructor of this crate calls it.

use descender_optim::Job;
use serde::{Deserialize, Serialize};

use crate::{
    ActionSettings, BaseSchedule, Bounds, ObservationSettings, SafetySettings, SettingsError,
};

/// How a descent is controlled: the part of a controller that is not learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ControlSettings {
    /// Steps of the descent between two decisions, 1 or more. Default 1 (the paper).
    pub interval: u32,
    /// Decisions in a descent; 0 (the default): as `interval` says. Above 0 the control is *relative*: for each job
    /// the interval, and every other measure of time, comes from its steps ([`ControlSettings::fitted`]).
    #[serde(skip_serializing_if = "is_zero")]
    pub decisions: u32,
    /// η before the first decision, inside the bounds. Default 0.1 (the paper says 1, above its own upper bound;
    /// 0.1 is ours). Actions that place η anew begin at its anchor instead: they have no initial η.
    pub initial_learning_rate: f32,
    /// Bounds on η.
    pub bounds: Bounds,
    /// What the policy sees.
    pub observation: ObservationSettings,
    /// What the policy may do.
    pub action: ActionSettings,
    /// The safety net of use; off by default. Training has none.
    pub safety: SafetySettings,
}

impl Default for ControlSettings {
    /// The paper's: the 18 features, the factors 0.9, 1 and 1/0.9 at every step, η in [0.001, 0.5].
    fn default() -> Self {
        ControlSettings {
            interval: 1,
            decisions: 0,
            initial_learning_rate: 0.1,
            bounds: Bounds::default(),
            observation: ObservationSettings::default(),
            action: ActionSettings::default(),
            safety: SafetySettings::default(),
        }
    }
}

impl ControlSettings {
    /// Checks every field.
    ///
    /// # Errors
    /// Names the first field that cannot be used, its value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.interval == 0 {
            return Err(SettingsError::field(
                "interval",
                self.interval,
                "1 step or more between two decisions",
            ));
        }
        self.bounds
            .check()
            .map_err(|error| error.within("bounds"))?;
        if !self.bounds.contains(self.initial_learning_rate) {
            return Err(SettingsError::field(
                "initial_learning_rate",
                self.initial_learning_rate,
                "a learning rate inside the bounds",
            ));
        }
        self.observation
            .check()
            .map_err(|error| error.within("observation"))?;
        self.action
            .check()
            .map_err(|error| error.within("action"))?;
        self.safety
            .check()
            .map_err(|error| error.within("safety"))?;
        let peak = self.safety.fallback.peak_learning_rate;
        if peak > self.bounds.upper {
            return Err(SettingsError::field(
                "safety.fallback.peak_learning_rate",
                peak,
                "a learning rate not above bounds.upper",
            ));
        }
        Ok(())
    }

    /// Whether it steers descents of any length: see [`decisions`](Self::decisions).
    #[must_use]
    pub fn is_relative(&self) -> bool {
        self.decisions > 0
    }

    /// The settings for descents of this job. Where they are relative ([`decisions`](Self::decisions) above 0), the
    /// interval is ⌈steps / decisions⌉, and base schedule, warm-up, observation and the fallback of the safety net
    /// are scaled to the job's steps. Others stay as they are: they were made for descents of one length.
    #[must_use]
    pub fn fitted(&self, job: &Job) -> Self {
        let mut fitted = self.clone();
        if self.is_relative() && job.steps > 0 {
            let interval = job.steps.div_ceil(u64::from(self.decisions));
            fitted.interval = u32::try_from(interval).unwrap_or(u32::MAX);
            if let ActionSettings::Anchored(anchored) = &mut fitted.action {
                anchored.total_steps = job.steps as f32;
            }
            fitted.observation.fit(job);
            fitted.safety.fallback.descent_steps = job.steps;
        }
        fitted
    }

    /// What this job has outside of the range that the control was trained for, a text each; nothing where it reads no
    /// job.
    #[must_use]
    pub fn outside(&self, job: &Job) -> Vec<String> {
        match &self.observation {
            ObservationSettings::Job(observation) => observation.outside(job),
            _ => Vec::new(),
        }
    }

    /// The lengths of a descent by which an anchored control paces itself: the key of each setting, and its steps. A
    /// recursive control (the paper's) and a relative one have none: they steer descents of any length.
    #[must_use]
    pub fn paces(&self) -> Vec<(&'static str, f32)> {
        let ActionSettings::Anchored(anchored) = &self.action else {
            return Vec::new();
        };
        if self.is_relative() {
            return Vec::new(); // of any length
        }
        let mut paces = Vec::new();
        if anchored.schedule != BaseSchedule::Constant || anchored.warm_up > 0.0 {
            paces.push(("action.total_steps", anchored.total_steps));
        }
        let (key, of_job) = ("observation.total_steps", "observation.job.steps");
        paces.extend(match &self.observation {
            ObservationSettings::Progress(observation) => Some((key, observation.total_steps)),
            ObservationSettings::Timetable(observation) => Some((key, observation.total_steps)),
            ObservationSettings::Job(observation) => Some((of_job, observation.job.steps as f32)),
            _ => None,
        });
        if self.safety.enabled {
            let steps = self.safety.fallback.descent_steps;
            paces.push(("safety.fallback.descent_steps", steps as f32));
        }
        paces
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Anchored, JobObservationSettings, PaperObservationSettings};

    #[test]
    fn the_default_is_the_paper_s() {
        let settings = ControlSettings::default();
        settings.check().unwrap();
        assert_eq!(settings.interval, 1);
        assert_eq!(
            settings.bounds,
            Bounds {
                lower: 0.001,
                upper: 0.5
            }
        );
        assert_eq!(
            settings.action,
            ActionSettings::factors(vec![0.9, 1.0, 1.0 / 0.9])
        );
        assert!(matches!(
            settings.observation,
            ObservationSettings::Paper(_)
        ));
    }

    #[test]
    fn a_relative_control_is_fitted_to_the_job_and_another_stays() {
        let job = Job {
            steps: 1010,
            batch_size: Some(8),
            ..Job::default()
        };
        let relative = ControlSettings {
            decisions: 40,
            observation: JobObservationSettings::default().into(),
            action: Anchored::default().into(),
            ..ControlSettings::default()
        };
        let fitted = relative.fitted(&job);
        fitted.check().unwrap();
        assert_eq!(fitted.interval, 26);
        assert_eq!(fitted.observation.total_steps(), Some(1010.0));
        assert_eq!(fitted.safety.fallback.descent_steps, 1010);
        let ActionSettings::Anchored(anchored) = &fitted.action else {
            panic!("the action is anchored");
        };
        assert_eq!(anchored.total_steps, 1010.0);
        assert!(relative.paces().is_empty());
        let plain = ControlSettings::default();
        assert_eq!(plain.fitted(&job), plain);
    }

    #[test]
    fn an_error_names_field_value_and_expectation() {
        let message = |change: &dyn Fn(&mut ControlSettings)| {
            let mut settings = ControlSettings::default();
            change(&mut settings);
            settings.check().unwrap_err().to_string()
        };
        assert_eq!(
            message(&|settings| settings.interval = 0),
            "interval = 0: expected 1 step or more between two decisions"
        );
        assert_eq!(
            message(&|settings| settings.initial_learning_rate = 0.7),
            "initial_learning_rate = 0.7: expected a learning rate inside the bounds"
        );
        assert_eq!(
            message(&|settings| settings.safety.fallback.peak_learning_rate = 0.7),
            "safety.fallback.peak_learning_rate = 0.7: expected a learning rate not above bounds.upper"
        );
        assert!(message(&|settings| settings.initial_learning_rate = f32::NAN).contains("NaN"));
        assert!(
            message(&|settings| settings.bounds.lower = 0.0)
                .starts_with("bounds.lower = 0.0: expected")
        );
        assert!(
            message(&|settings| settings.bounds.upper = f32::INFINITY)
                .starts_with("bounds.upper = inf")
        );
        assert!(
            message(&|settings| settings.bounds = Bounds {
                lower: 0.5,
                upper: 0.1
            })
            .starts_with("bounds.upper = 0.1")
        );
        assert!(
            message(&|settings| settings.action = ActionSettings::factors(vec![1.0, -2.0]))
                .starts_with("action.factors[1] = -2.0: expected")
        );
        assert!(
            message(&|settings| settings.action = ActionSettings::factors(vec![]))
                .starts_with("action.factors = []: expected")
        );
        assert!(
            message(
                &|settings| settings.observation = PaperObservationSettings {
                    total_steps: f32::NAN
                }
                .into()
            )
            .starts_with("observation.total_steps = NaN")
        );
    }

    #[test]
    fn json_round_trip_and_partial_settings() {
        let settings = ControlSettings {
            interval: 10,
            observation: ObservationSettings::compact(),
            action: ActionSettings::factors(vec![0.5, 1.0, 2.0]),
            ..ControlSettings::default()
        };
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(
            serde_json::from_str::<ControlSettings>(&text).unwrap(),
            settings
        );
        let partial: ControlSettings =
            serde_json::from_str(r#"{"observation": {"name": "compact"}}"#).unwrap();
        assert_eq!(
            partial,
            ControlSettings {
                observation: ObservationSettings::compact(),
                ..ControlSettings::default()
            }
        );
        assert!(serde_json::from_str::<ControlSettings>(r#"{"intervall": 3}"#).is_err());
    }
}
