//! The learning-rate schedules, one file each, and the one list that registers them.
//!
//! A schedule is η as a function of the step, known before the descent. (Three of them also look at losses.) Time is counted
//! in steps; a step is one update. A schedule is started with the peak η and the number of steps that the descent will
//! take. Lengths in its settings are fractions of that number, so the same settings serve descents of any length.
//! In the formulas T is the total number of steps, t = 0, 1, … the step, and η₀ the peak.
//!
//! A schedule's file holds a public struct of its settings with the formula, the defaults and the source, the implementation
//! of [`Curve`], and its state. To add a schedule, write its file, and add a `mod` line and an entry of the list below.

use crate::curve::{Curve, CurveState};
use crate::schedule_registry::register_schedules;

mod constant;
mod cosine;
mod exponential;
mod greedy;
mod linear;
mod linear_cut;
mod one_cycle;
mod reduce_on_plateau;
mod sgdr;
mod step;

register_schedules! {
    /// How η goes over a descent.
    ///
    /// It serializes with its name as a tag (`name = "cosine"`), which self-describing formats such as TOML and JSON can
    /// read. Settings that are left out have their defaults. A running schedule is a
    /// [`ScheduleState`](crate::ScheduleState), which any format can store.
    ///
    /// ```
    /// use descender_optim::Schedule;
    ///
    /// let mut state = Schedule::by_name("linear").unwrap().start(0.2, 100);
    /// let mut rates = vec![];
    /// for _ in 0..100 {
    ///     rates.push(state.learning_rate());
    ///     state.advance(1.0);
    /// }
    /// assert_eq!((rates[0], rates[50], rates[99]), (0.2, 0.1, 0.002));
    /// ```
    pub enum Schedule;

    without settings:
    /// η₀ at every step.
    "constant" => constant::Constant,

    with settings:
    /// Falls at milestones.
    "step" => Step(step::StepSchedule),
    /// Falls by the same factor at each step.
    "exponential" => Exponential(exponential::Exponential),
    /// Falls on a straight line.
    "linear" => Linear(linear::Linear),
    /// Falls on half a cosine.
    "cosine" => Cosine(cosine::Cosine),
    /// Cosine with warm restarts.
    "sgdr" => Sgdr(sgdr::Sgdr),
    /// Rises to the peak, then falls far below the start.
    "one-cycle" => OneCycle(one_cycle::OneCycle),
    /// Falls when the smoothed loss no longer does.
    "reduce-on-plateau" => ReduceOnPlateau(reduce_on_plateau::ReduceOnPlateau),
    /// Falls on a straight line, and by a factor when the validation loss has risen.
    "linear-cut" => LinearCut(linear_cut::LinearCut),
    /// Rises while the loss is a new lowest, falls while it is not.
    "greedy" => Greedy(greedy::Greedy),
}
