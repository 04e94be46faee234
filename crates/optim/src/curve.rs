//! What a schedule's file must say: the traits between one schedule and the code that runs all of them.
//!
//! The settings of a schedule implement [`Curve`], what it remembers in a descent implements [`CurveState`]. A schedule
//! that remembers nothing is its own state. The schedules themselves are in [`crate::schedules`].

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::setting::Setting;

/// The settings of a schedule, and all that follows from them.
pub(crate) trait Curve: Clone + Default {
    /// One line on what the schedule does, for lists.
    const DESCRIPTION: &'static str;

    /// Whether η depends on losses, and not on the time alone.
    const WATCHES_LOSSES: bool = false;

    /// What the schedule remembers between steps.
    type State: CurveState + Clone + PartialEq + Serialize + DeserializeOwned;

    /// Every setting with its name and what it allows, in the order of lists.
    fn settings(&mut self) -> Vec<Setting<'_>>;

    /// The state before the first of `total` steps. `total` is at least 1.
    fn start(&self, total: u64) -> Self::State;
}

/// Where a descent stands.
#[derive(Clone, Copy)]
pub(crate) struct Time {
    /// t, the number of the coming step, from 0.
    pub(crate) step: u64,
    /// T, the number of steps of the descent, at least 1.
    pub(crate) total: u64,
}

impl Time {
    /// t/T, and 1 from T on.
    pub(crate) fn progress(self) -> f64 {
        (self.step as f64 / self.total as f64).min(1.0)
    }
}

/// What a schedule remembers between steps, with its formula.
pub(crate) trait CurveState {
    /// η of the coming step as a share of the peak η₀.
    fn share(&self, time: Time) -> f64;

    /// Ends a step whose batch had this loss.
    fn advance(&mut self, _loss: f64) {}

    /// Says how many steps an epoch has, before the first step.
    fn set_epoch(&mut self, _steps: u64) {}

    /// Whether the validation loss is to be measured before the coming step.
    fn wants_validation(&self, _time: Time) -> bool {
        false
    }

    /// Tells the validation loss before the coming step.
    fn validate(&mut self, _loss: f64, _time: Time) {}
}

/// From `from` at progress 0 to `to` at progress 1 along half a cosine.
pub(crate) fn half_cosine(from: f64, to: f64, progress: f64) -> f64 {
    to + (from - to) * (1.0 + (std::f64::consts::PI * progress).cos()) / 2.0
}

/// This fraction of `total` steps, rounded.
pub(crate) fn steps(fraction: f64, total: u64) -> u64 {
    (fraction * total as f64).round() as u64
}
