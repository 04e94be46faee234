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
    /// T.
    total: u64,
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
    pub(crate) fn new(state: AnyCurveState, peak: f32, total: u64) -> ScheduleState {
        ScheduleState {
            course: Course::Schedule(state),
            peak: f64::from(peak),
            total,
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
            step: 0,
        }
    }

    /// Number of the coming step, from 0.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// η of the coming step.
    pub fn learning_rate(&self) -> f32 {
        (self.peak * self.course.get().share(self.time())) as f32
    }

    /// Whether the validation loss is to be measured before the coming step, for [`ScheduleState::validate`].
    ///
    /// Only [`LinearCut`](crate::LinearCut) ever asks. It does not ask for the loss after the last step, because no η
    /// depends on it.
    pub fn wants_validation(&self) -> bool {
        self.course.get().wants_validation(self.time())
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
        self.course.get_mut().advance(f64::from(loss));
    }

    fn time(&self) -> Time {
        Time {
            step: self.step,
            total: self.total,
        }
    }
}
