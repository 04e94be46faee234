//! How far a run is and how long it will take: its phases, each with its work and the speed seen so far.
//!
//! Work is counted in steps of descents, the one unit that all phases share. A phase that has begun is predicted from
//! its own speed, one that hasn't from the speed of all the others together. What a resumed run did before counts as
//! work done, but not for the speed.

use std::collections::VecDeque;

use descender_record::Phase;

/// A phase of a run with its work.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PhaseWork {
    /// The phase.
    pub(crate) phase: Phase,
    /// All its work, in steps.
    pub(crate) total: f64,
    /// Work done, in steps.
    pub(crate) done: f64,
    /// Of this, what was done before the program was started.
    before: f64,
    /// Time spent on it, in seconds.
    seconds: f64,
}

impl PhaseWork {
    /// A phase with so many steps to do, of which `before` are done already.
    pub(crate) fn new(phase: Phase, total: f64, before: f64) -> Self {
        Self {
            phase,
            total,
            done: before,
            before,
            seconds: 0.0,
        }
    }

    /// Steps per second; `None` before there was any work.
    fn speed(&self) -> Option<f64> {
        let done = self.done - self.before;
        (done > 0.0 && self.seconds > 0.0).then(|| done / self.seconds)
    }
}

/// The phases of a run in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    phases: Vec<PhaseWork>,
}

impl Plan {
    /// A plan of these phases.
    pub(crate) fn new(phases: Vec<PhaseWork>) -> Self {
        Self { phases }
    }

    /// The work of a phase, if it has any.
    pub(crate) fn phase(&self, phase: Phase) -> Option<&PhaseWork> {
        self.phases.iter().find(|work| work.phase == phase)
    }

    /// A phase now stands at `done` of `total` steps, after `seconds` more; one that wasn't planned is added.
    pub(crate) fn advance(&mut self, phase: Phase, done: f64, total: f64, seconds: f64) {
        let position = self
            .phases
            .iter()
            .position(|work| work.phase == phase)
            .unwrap_or_else(|| {
                self.phases.push(PhaseWork::new(phase, total, 0.0));
                self.phases.len() - 1
            });
        let work = &mut self.phases[position];
        // Trials may be told out of order.
        work.done = done.max(work.done);
        work.total = total.max(work.done);
        work.seconds += seconds;
    }

    /// Share of all work that is done, in [0, 1].
    pub(crate) fn fraction(&self) -> f64 {
        let sum = |of: fn(&PhaseWork) -> f64| self.phases.iter().map(of).sum::<f64>();
        let total = sum(|phase| phase.total);
        if total > 0.0 {
            (sum(|phase| phase.done) / total).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// Seconds that the rest will take; `None` as long as no speed is known.
    pub(crate) fn seconds_left(&self) -> Option<f64> {
        let begun = || self.phases.iter().filter(|phase| phase.speed().is_some());
        let seconds: f64 = begun().map(|phase| phase.seconds).sum();
        let done: f64 = begun().map(|phase| phase.done - phase.before).sum();
        begun().next()?;
        let left = |phase: &PhaseWork| {
            (phase.total - phase.done) / phase.speed().unwrap_or(done / seconds)
        };
        Some(self.phases.iter().map(left).sum())
    }
}

/// Seconds over which the present speed is measured.
const WINDOW: f64 = 10.0;

/// The present speed: steps per second over the last seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Speed {
    /// Moments with the steps counted until then.
    counts: VecDeque<(f64, f64)>,
}

impl Speed {
    /// So many steps have been counted until `now` (seconds).
    pub(crate) fn record(&mut self, now: f64, steps: f64) {
        // Enough points to be smooth, few enough to be cheap: the last moves on until it is far from the one before.
        let length = self.counts.len();
        if length >= 2 && now - self.counts[length - 2].0 < WINDOW / 100.0 {
            self.counts.pop_back();
        }
        self.counts.push_back((now, steps));
        while self.counts.len() > 2 && now - self.counts[1].0 >= WINDOW {
            self.counts.pop_front();
        }
    }

    /// Steps per second; `None` before it can be told.
    pub(crate) fn per_second(&self) -> Option<f64> {
        let (first, last) = (self.counts.front()?, self.counts.back()?);
        let seconds = last.0 - first.0;
        (seconds > 0.0).then(|| (last.1 - first.1) / seconds)
    }
}

/// Seconds as `3m05s`.
pub(crate) fn clock(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    let seconds = seconds.max(0.0).round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h{minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_predicted_phase_by_phase() {
        let mut plan = Plan::new(vec![
            PhaseWork::new(Phase::Descending, 1000.0, 0.0),
            PhaseWork::new(Phase::Choosing, 100.0, 0.0),
            PhaseWork::new(Phase::Comparing, 400.0, 0.0),
        ]);
        assert_eq!((plan.fraction(), plan.seconds_left()), (0.0, None));
        plan.advance(Phase::Descending, 500.0, 1000.0, 10.0);
        // 50 steps/s, for the phases to come as well: (500 + 100 + 400) / 50.
        assert_eq!(
            (plan.fraction(), plan.seconds_left()),
            (500.0 / 1500.0, Some(20.0))
        );
        plan.advance(Phase::Descending, 1000.0, 1000.0, 10.0);
        plan.advance(Phase::Choosing, 100.0, 100.0, 1.0);
        plan.advance(Phase::Comparing, 100.0, 400.0, 2.0);
        // A phase that has begun goes on at its own 50 steps/s, whatever the others did.
        assert_eq!(plan.seconds_left(), Some(6.0));
        plan.advance(Phase::Comparing, 400.0, 400.0, 6.0);
        assert_eq!((plan.fraction(), plan.seconds_left()), (1.0, Some(0.0)));
    }

    #[test]
    fn what_was_done_before_a_resume_does_not_count_for_the_speed() {
        let mut plan = Plan::new(vec![PhaseWork::new(Phase::Descending, 1000.0, 800.0)]);
        assert_eq!((plan.fraction(), plan.seconds_left()), (0.8, None));
        plan.advance(Phase::Descending, 900.0, 1000.0, 50.0);
        assert_eq!(plan.seconds_left(), Some(50.0));
    }

    #[test]
    fn a_phase_that_was_not_planned_joins() {
        let mut plan = Plan::default();
        assert_eq!((plan.fraction(), plan.seconds_left()), (0.0, None));
        plan.advance(Phase::Comparing, 1.0, 4.0, 3.0);
        assert_eq!((plan.fraction(), plan.seconds_left()), (0.25, Some(9.0)));
        // Told out of order: it never goes back.
        plan.advance(Phase::Comparing, 3.0, 4.0, 1.0);
        plan.advance(Phase::Comparing, 2.0, 4.0, 1.0);
        assert_eq!(plan.fraction(), 0.75);
    }

    #[test]
    fn the_present_speed_forgets_what_is_long_ago() {
        let mut speed = Speed::default();
        assert_eq!(speed.per_second(), None);
        for eighth in 0..=800 {
            let second = f64::from(eighth) / 8.0;
            speed.record(second, 20.0 * (second - 50.0).max(0.0));
        }
        assert_eq!(speed.per_second(), Some(20.0));
        let stored = speed.counts.len();
        for millisecond in 100_000..101_000 {
            let second = f64::from(millisecond) / 1024.0 + 10.0;
            speed.record(second, 20.0 * (second - 50.0));
        }
        assert!(stored <= 82 && speed.counts.len() <= stored + 20);
    }

    #[test]
    fn times_are_short() {
        assert_eq!(
            [0.4, 59.6, 185.0, 7290.0, f64::INFINITY].map(clock),
            ["0s", "1m00s", "3m05s", "2h01m", "–"]
        );
    }
}
