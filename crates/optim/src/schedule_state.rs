//! A schedule at work: the η of the coming step, and what is remembered between steps.

use serde::{Deserialize, Serialize};

use crate::curve::{CurveState, Time};
use crate::replay::Replay;
use crate::schedules::AnyCurveState;

/// A schedule in a descent. It serializes to any format, binary formats included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleState {
    course: Course,
    peak: f64,
    /// T, the steps after the warm-up.
    total: u64,
    /// w, the steps of the warm-up.
    warmup: u64,
    /// t, the number of the coming step.
    step: u64,
}

/// What η follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Course {
    Schedule(AnyCurveState),
    Replay(Replay),
}

impl Course {
    fn get(&self) -> &dyn CurveState {
        match self {
            Course::Schedule(state) => state.get(),
            Course::Replay(replay) => replay,
        }
    }

    fn get_mut(&mut self) -> &mut dyn CurveState {
        match self {
            Course::Schedule(state) => state.get_mut(),
            Course::Replay(replay) => replay,
        }
    }
}

impl ScheduleState {
    /// `total` steps after `warmup` others.
    pub(crate) fn new(state: AnyCurveState, peak: f32, total: u64, warmup: u64) -> ScheduleState {
        ScheduleState {
            course: Course::Schedule(state),
            peak: f64::from(peak),
            total,
            warmup,
            step: 0,
        }
    }

    /// The schedule with epochs of this many steps, for what is counted in epochs: the intervals of
    /// [`LinearCut`](crate::LinearCut).
    ///
    /// To be called before the first step.
    #[must_use]
    pub fn with_epoch(mut self, steps: u64) -> ScheduleState {
        self.course.get_mut().set_epoch(steps);
        self
    }

    /// A schedule that repeats recorded learning rates, one a step, and stays at the last one (0 if there is none).
    pub fn replay(learning_rates: Vec<f32>) -> ScheduleState {
        ScheduleState {
            total: (learning_rates.len() as u64).max(1),
            course: Course::Replay(Replay { learning_rates }),
            peak: 1.0,
            warmup: 0,
            step: 0,
        }
    }

    /// Number of the coming step, from 0.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// η of the coming step.
    pub fn learning_rate(&self) -> f32 {
        let rise = if self.step < self.warmup {
            (self.step + 1) as f64 / self.warmup as f64
        } else {
            1.0
        };
        (self.peak * rise * self.course.get().share(self.time())) as f32
    }

    /// Whether the validation loss is to be measured before the coming step, for [`ScheduleState::validate`].
    ///
    /// Only [`LinearCut`](crate::LinearCut) ever asks. It does not ask for the loss after the last step, because no η
    /// depends on it.
    pub fn wants_validation(&self) -> bool {
        self.step >= self.warmup && self.course.get().wants_validation(self.time())
    }

    /// Tells the present validation loss. The η of the coming step may change.
    ///
    /// Schedules that do not ask for it ignore it.
    pub fn validate(&mut self, loss: f32) {
        let time = self.time();
        self.course.get_mut().validate(f64::from(loss), time);
    }

    /// Ends the step. `loss` is the loss of its batch, which only [`ReduceOnPlateau`](crate::ReduceOnPlateau) reads.
    pub fn advance(&mut self, loss: f32) {
        self.step += 1;
        if self.step > self.warmup {
            self.course.get_mut().advance(f64::from(loss));
        }
    }

    fn time(&self) -> Time {
        Time {
            step: self.step.saturating_sub(self.warmup),
            total: self.total,
        }
    }
}
