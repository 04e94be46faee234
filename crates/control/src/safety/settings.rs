//! The settings of the safety net.

use std::fmt;

use descender_optim::{Method, Schedule, ScheduleState};
use serde::{Deserialize, Serialize};

use crate::SettingsError;

/// When the safety net steps in, and what it does then; see the [module](crate::safety).
///
/// ```
/// use descender_control::{ControlSettings, SafetySettings};
///
/// let settings = ControlSettings {
///     safety: SafetySettings { enabled: true, ..SafetySettings::default() },
///     ..ControlSettings::default()
/// };
/// settings.check()?;
/// # Ok::<(), descender_control::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SafetySettings {
    /// Whether there is a net at all. Default no.
    pub enabled: bool,
    /// Window of the fast average of the loss in steps, 1 or more. Default 10.
    pub fast_steps: u32,
    /// Window of the slow average (the running mean) of the loss in steps, above the fast one. Default 50.
    pub slow_steps: u32,
    /// The fast average is too high above this many times the lowest slow one, or this many times the first loss. Above
    /// 1. Default 1.5.
    pub rise: f32,
    /// How many standard errors the fast average must lie above the lowest slow one for that. 0 or more. Default 4.
    pub noise: f32,
    /// Steps at the beginning in which the fast average is compared with the first loss only. Default 20.
    pub warm_up: u32,
    /// Steps in a row without progress (see `stall_fraction`) that make a stall; 0: no stall is looked for. Default 100.
    pub stall_after: u32,
    /// There has been no progress while the slow average is not below this many times the first loss. Above 0 and at
    /// most 1. Default 0.955.
    pub stall_fraction: f32,
    /// Least number of steps between two saved states, 1 or more. Default 10.
    pub save_every: u32,
    /// After a rise, η is at most this many times the highest η of the steps that are undone. Above 0 and at most 1.
    /// Default 0.5.
    pub cut: f32,
    /// Steps under the fallback (with the cut) before the policy is asked again, 1 or more. Default 50.
    pub hold: u32,
    /// Interventions after which the fallback stays, 1 or more; after a stall it stays at once. Default 3.
    pub trips: u32,
    /// What sets η in place of the policy.
    pub fallback: Fallback,
}

impl Default for SafetySettings {
    fn default() -> Self {
        SafetySettings {
            enabled: false,
            fast_steps: 10,
            slow_steps: 50,
            rise: 1.5,
            noise: 4.0,
            warm_up: 20,
            stall_after: 100,
            stall_fraction: 0.955,
            save_every: 10,
            cut: 0.5,
            hold: 50,
            trips: 3,
            fallback: Fallback::default(),
        }
    }
}

/// The schedule that takes over when a policy has failed: the controller's own optimizer, all of its μ as its settings
/// say, and η by a schedule of the time alone. η is never above the upper bound of the control. It may fall below the lower
/// one, since a schedule that decays ends near 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fallback {
    /// How η goes over the descent. Default `linear` (down to 0). Schedules that look at losses are rejected: a
    /// fallback must not depend on what went wrong.
    pub schedule: Schedule,
    /// The highest η, finite; 0 (the default): what people usually begin with under the optimizer
    /// ([`Method::usual_learning_rate`]: 0.1 for SGD, 0.001 for Adam), or the upper bound, if that is lower. A rate above the
    /// upper bound is rejected.
    pub peak_learning_rate: f32,
    /// Steps of the descent, 1 or more: the schedule's T. Undone steps count. Default 500.
    pub descent_steps: u64,
}

impl Default for Fallback {
    fn default() -> Self {
        Fallback {
            schedule: Schedule::parse("linear").expect("there is a schedule of this name"),
            peak_learning_rate: 0.0,
            descent_steps: 500,
        }
    }
}

impl Fallback {
    pub(super) fn start(&self, method: &Method) -> ScheduleState {
        let peak = match self.peak_learning_rate {
            0.0 => method.usual_learning_rate(),
            peak => peak,
        };
        self.schedule.start(peak, self.descent_steps)
    }

    fn check(&self) -> Result<(), SettingsError> {
        self.schedule
            .check()
            .map_err(|error| SettingsError::Schedule {
                field: "schedule".into(),
                error,
            })?;
        if self.schedule.watches_losses() {
            return Err(SettingsError::field(
                "schedule",
                self.schedule.name(),
                "a schedule of the time alone",
            ));
        }
        if !(self.peak_learning_rate.is_finite() && self.peak_learning_rate >= 0.0) {
            return Err(SettingsError::field(
                "peak_learning_rate",
                self.peak_learning_rate,
                "a finite learning rate, or 0 for the optimizer's usual one",
            ));
        }
        at_least_one("descent_steps", self.descent_steps)
    }
}

impl SafetySettings {
    /// Checks every field, whether the net is on or off.
    ///
    /// # Errors
    /// Names the first field that cannot be used, its value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        at_least_one("fast_steps", self.fast_steps.into())?;
        if self.slow_steps <= self.fast_steps {
            return Err(SettingsError::field(
                "slow_steps",
                self.slow_steps,
                "more steps than fast_steps",
            ));
        }
        if !(self.rise.is_finite() && self.rise > 1.0) {
            return Err(SettingsError::field(
                "rise",
                self.rise,
                "a finite factor above 1",
            ));
        }
        if !(self.noise.is_finite() && self.noise >= 0.0) {
            return Err(SettingsError::field(
                "noise",
                self.noise,
                "a finite number of standard errors, 0 or more",
            ));
        }
        for (field, share) in [("stall_fraction", self.stall_fraction), ("cut", self.cut)] {
            if !(share > 0.0 && share <= 1.0) {
                return Err(SettingsError::field(
                    field,
                    share,
                    "a factor above 0 and at most 1",
                ));
            }
        }
        at_least_one("save_every", self.save_every.into())?;
        at_least_one("hold", self.hold.into())?;
        at_least_one("trips", self.trips.into())?;
        self.fallback
            .check()
            .map_err(|error| error.within("fallback"))
    }
}

/// The net in words, in lines that are indented as those of a controller.
impl fmt::Display for SafetySettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SafetySettings {
            enabled: _,
            fast_steps,
            slow_steps,
            rise,
            noise,
            warm_up,
            stall_after,
            stall_fraction,
            save_every,
            cut,
            hold,
            trips,
            fallback,
        } = self;
        let indent = " ".repeat(11);
        writeln!(formatter, "a net that trips where the loss is not finite,")?;
        writeln!(
            formatter,
            "{indent}its mean over {fast_steps} steps is above {rise} times the lowest over {slow_steps} (from step \
             {warm_up} on, and by {noise} standard errors)",
        )?;
        writeln!(formatter, "{indent}or above {rise} times the first loss,")?;
        if *stall_after > 0 {
            writeln!(
                formatter,
                "{indent}or is not below {stall_fraction} times the first loss for {stall_after} steps;"
            )?;
        }
        writeln!(
            formatter,
            "{indent}then it goes back to a good state (one is kept every {save_every} steps), and for {hold} steps η is \
             the fallback's,"
        )?;
        writeln!(
            formatter,
            "{indent}at most {cut} times what it was; after {trips} such interventions the fallback stays:"
        )?;
        write!(
            formatter,
            "{indent}the schedule {}",
            fallback.schedule.name()
        )?;
        match fallback.peak_learning_rate {
            0.0 => write!(formatter, " from the optimizer's usual learning rate")?,
            peak => write!(formatter, " from {peak}")?,
        }
        write!(formatter, " over {} steps", fallback.descent_steps)
    }
}

fn at_least_one(field: &str, count: u64) -> Result<(), SettingsError> {
    match count {
        0 => Err(SettingsError::field(field, count, "1 or more")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ControlSettings;
    use crate::test_chain::chain;

    #[test]
    fn the_net_is_off_by_default_and_in_settings_that_do_not_know_it() {
        let old: ControlSettings = serde_json::from_str(r#"{"interval": 5}"#).unwrap();
        assert_eq!(old.safety, SafetySettings::default());
        assert!(!old.safety.enabled);
        old.check().unwrap();
        let text = r#"{"enabled": true, "fallback": {"schedule": {"name": "cosine"}, "peak_learning_rate": 0.3}}"#;
        let some: SafetySettings = serde_json::from_str(text).unwrap();
        some.check().unwrap();
        assert_eq!(
            (some.fallback.descent_steps, some.fallback.schedule.name()),
            (500, "cosine")
        );
        let again = serde_json::from_str(&serde_json::to_string(&some).unwrap()).unwrap();
        assert_eq!(some, again);
    }

    #[test]
    fn an_error_names_the_field() {
        let message = |change: &dyn Fn(&mut SafetySettings)| {
            let mut settings = ControlSettings::default();
            change(&mut settings.safety);
            chain(&settings.check().unwrap_err())
        };
        let begins = |change: &dyn Fn(&mut SafetySettings), words: &str| {
            let message = message(change);
            assert!(message.starts_with(words), "{message}");
        };
        begins(
            &|s| s.fast_steps = 0,
            "safety.fast_steps = 0: expected 1 or more",
        );
        begins(
            &|s| s.slow_steps = 10,
            "safety.slow_steps = 10: expected more",
        );
        begins(
            &|s| s.rise = 1.0,
            "safety.rise = 1.0: expected a finite factor above 1",
        );
        begins(&|s| s.noise = f32::NAN, "safety.noise = NaN");
        begins(&|s| s.stall_fraction = 1.5, "safety.stall_fraction = 1.5");
        begins(&|s| s.save_every = 0, "safety.save_every = 0");
        begins(&|s| s.cut = 0.0, "safety.cut = 0.0");
        begins(&|s| s.hold = 0, "safety.hold = 0");
        begins(&|s| s.trips = 0, "safety.trips = 0");
        begins(
            &|s| s.fallback.peak_learning_rate = f32::INFINITY,
            "safety.fallback.peak_learning_rate = inf",
        );
        begins(
            &|s| s.fallback.descent_steps = 0,
            "safety.fallback.descent_steps = 0",
        );
        begins(
            &|s| s.fallback.schedule = Schedule::parse("reduce-on-plateau").unwrap(),
            "safety.fallback.schedule = \"reduce-on-plateau\": expected a schedule of the time alone",
        );
        let linear = |factor| {
            Schedule::Linear(descender_optim::Linear {
                final_factor: factor,
            })
        };
        let text = message(&|s| s.fallback.schedule = linear(7.0));
        assert!(
            text.starts_with("safety.fallback.schedule: ") && text.contains("final_factor"),
            "{text}"
        );
    }
}
