//! What can be asked of a [`Schedule`]: lists, look-up by name, settings, and its start.

use serde::Serialize;

use crate::schedule_state::ScheduleState;
use crate::schedules::Schedule;
use crate::{OptimizerError, curve, setting};

/// A schedule as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScheduleInfo {
    /// The name, as in settings and on the command line.
    pub name: &'static str,
    /// One line on what it does.
    pub description: &'static str,
    /// The schedule with its default settings.
    pub schedule: Schedule,
    /// Names and default values of its settings, as [`Schedule::with_setting`] reads them.
    pub settings: Vec<(&'static str, String)>,
}

impl Schedule {
    /// Every schedule with its default settings.
    pub fn names() -> Vec<ScheduleInfo> {
        Schedule::defaults()
            .into_iter()
            .map(|schedule| ScheduleInfo {
                name: schedule.name(),
                description: schedule.description(),
                settings: schedule.settings(),
                schedule,
            })
            .collect()
    }

    /// The schedule called `name` with its default settings.
    pub fn by_name(name: &str) -> Option<Schedule> {
        Schedule::names()
            .into_iter()
            .find(|info| info.name == name)
            .map(|info| info.schedule)
    }

    /// Like [`Schedule::by_name`], with an error that lists the known names.
    ///
    /// # Errors
    /// No schedule has this name.
    pub fn parse(name: &str) -> Result<Schedule, OptimizerError> {
        Schedule::by_name(name).ok_or_else(|| OptimizerError::UnknownName {
            kind: "schedule",
            name: name.into(),
            known: Schedule::names()
                .iter()
                .map(|info| info.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    /// Names and values of the settings, as [`Schedule::with_setting`] reads them.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        setting::list(self.clone().table())
    }

    /// The same schedule with the setting `key` at `value`.
    ///
    /// # Errors
    /// The schedule has no such setting (the error names those it has), or the value is not allowed.
    pub fn with_setting(&self, key: &str, value: &str) -> Result<Schedule, OptimizerError> {
        let mut schedule = self.clone();
        setting::set(&self.owner(), schedule.table(), key, value)?;
        Ok(schedule)
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting whose value is not allowed, with what was expected.
    pub fn check(&self) -> Result<(), OptimizerError> {
        setting::check(&self.owner(), self.clone().table())
    }

    fn owner(&self) -> String {
        format!("schedule \"{}\"", self.name())
    }

    /// The schedule before the first step of a descent of `total_steps` steps whose highest η is `peak`.
    ///
    /// Beyond `total_steps`, a schedule follows its formula. Settings that [`Schedule::check`] refuses give meaningless
    /// values of η, but no panic.
    pub fn start(&self, peak: f32, total_steps: u64) -> ScheduleState {
        self.start_warm(peak, total_steps, 0.0)
    }

    /// The schedule after a linear warm-up in the first w = `share`·T of T = `total_steps` steps, rounded; one step at
    /// least is left to the schedule:
    ///
    /// ```text
    /// η = η₀·s(0)·(t + 1)/w             for t < w
    /// η = η₀·s(t − w), with T − w steps  from t = w on
    /// ```
    ///
    /// This is the warm-up of Goyal and others 2017 (arXiv 1706.02677), placed as in `transformers`, but with no step at
    /// η = 0. A share outside [0, 1] counts as its nearest end, NaN as 0.
    pub fn start_warm(&self, peak: f32, total_steps: u64, share: f64) -> ScheduleState {
        let total = total_steps.max(1);
        let warmup = curve::steps(share.clamp(0.0, 1.0), total).min(total - 1);
        ScheduleState::new(self.state(total - warmup), peak, total - warmup, warmup)
    }
}
