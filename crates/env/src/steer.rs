//! The one loop of a descent under something that steers it.
//!
//! Whatever runs a whole descent runs it by [`steer`]: comparisons, calibrations, recordings, the paper's figures, and
//! training loops of your own. What steers is a [`Steer`]: a schedule ([`Scheduled`]), a controller with its safety net
//! ([`Guarded`](crate::Guarded)), or anything else. A watcher sees every step and may end the descent.

use std::ops::ControlFlow;

use descender_optim::{Feedback, HyperParameters, Method, ScheduleState};
use descender_task::{Descent, Split};

use crate::stop::Stop;

/// Something that sets the hyper-parameters of a descent, step by step.
///
/// η halved every ten steps:
///
/// ```
/// use std::ops::ControlFlow;
/// use descender_env::{Steer, SteerEnd, Stop, steer};
/// use descender_optim::{Feedback, HyperParameters, Method};
/// use descender_task::{Descent, Problem, StartPoint, Task};
///
/// struct Halving(HyperParameters);
///
/// impl Steer for Halving {
///     fn hyper_parameters(&mut self) -> &[HyperParameters] {
///         std::slice::from_ref(&self.0)
///     }
///     fn record(&mut self, feedback: &Feedback, _: &mut dyn Descent) -> bool {
///         if feedback.step % 10 == 9 {
///             self.0.learning_rate /= 2.0;
///         }
///         feedback.loss.is_finite()
///     }
/// }
///
/// let mut descent = Task::small().descent(Method::Sgd)?;
/// descent.reset(StartPoint::default());
/// let mut halving = Halving(Method::Sgd.hyper_parameters(0.5));
/// let mut losses = Vec::new();
/// let end = steer(&mut *descent, &mut halving, 25, &Stop::default(), |stepped| {
///     losses.push(stepped.feedback.loss);
///     ControlFlow::Continue(())
/// });
/// assert_eq!((end, losses.len()), (SteerEnd::Complete, 25));
/// assert_eq!(halving.0.learning_rate, 0.125);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Steer {
    /// μ of the coming step: one for each parameter group, or one for all. Never empty.
    fn hyper_parameters(&mut self) -> &[HyperParameters];

    /// Takes in the feedback of the step that was made with them; may send the descent back to a state that was saved.
    /// Tells whether the descent can go on: not where the loss is not finite and nothing was restored.
    fn record(&mut self, feedback: &Feedback, descent: &mut dyn Descent) -> bool;

    /// Whether the validation loss is wanted before the coming step.
    fn wants_validation(&self) -> bool {
        false
    }

    /// Takes in the validation loss that was wanted.
    fn validate(&mut self, loss: f32) {
        let _ = loss;
    }
}

/// What a watcher of [`steer`] is shown after each step.
pub struct Stepped<'a, S: ?Sized> {
    /// μ that the step was made with.
    pub hyper_parameters: &'a [HyperParameters],
    /// What the step reported.
    pub feedback: &'a Feedback,
    /// What steers, after it has recorded the step.
    pub steering: &'a S,
    /// The descent, for an evaluation.
    pub descent: &'a mut dyn Descent,
    /// Whether the descent can go on.
    pub goes_on: bool,
}

/// How a steered descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SteerEnd {
    /// All steps were made.
    Complete,
    /// A loss was not finite, and nothing was restored.
    Diverged,
    /// The watcher ended it.
    Watcher,
    /// A stop was asked for.
    Stopped,
}

/// Makes up to `steps` steps of `descent`, which stands at its start, and shows each to `watch`.
///
/// A stop is obeyed before each step.
pub fn steer<S: Steer + ?Sized>(
    descent: &mut dyn Descent,
    steering: &mut S,
    steps: u64,
    stop: &Stop,
    mut watch: impl FnMut(Stepped<'_, S>) -> ControlFlow<()>,
) -> SteerEnd {
    let mut mu = Vec::new();
    for _ in 0..steps {
        if stop.requested() {
            return SteerEnd::Stopped;
        }
        if steering.wants_validation()
            && let Some(evaluation) = descent.evaluate(Split::Validation)
        {
            steering.validate(evaluation.loss);
        }
        mu.clear();
        mu.extend_from_slice(steering.hyper_parameters());
        let feedback = descent.step(&mu);
        let goes_on = steering.record(&feedback, descent);
        let watched = watch(Stepped {
            hyper_parameters: &mu,
            feedback: &feedback,
            steering,
            descent,
            goes_on,
        });
        if !goes_on {
            return SteerEnd::Diverged;
        }
        if watched.is_break() {
            return SteerEnd::Watcher;
        }
    }
    SteerEnd::Complete
}

/// A schedule of the learning rate, with the other hyper-parameters of an optimizer.
#[derive(Clone, Debug)]
pub struct Scheduled {
    method: Method,
    state: ScheduleState,
    mu: HyperParameters,
}

impl Scheduled {
    /// `method` under a schedule at its start.
    #[must_use]
    pub fn new(method: Method, state: ScheduleState) -> Self {
        let mu = method.hyper_parameters(state.learning_rate());
        Self { method, state, mu }
    }
}

impl Steer for Scheduled {
    fn hyper_parameters(&mut self) -> &[HyperParameters] {
        self.mu = self.method.hyper_parameters(self.state.learning_rate());
        std::slice::from_ref(&self.mu)
    }

    fn record(&mut self, feedback: &Feedback, _: &mut dyn Descent) -> bool {
        self.state.advance(feedback.loss);
        feedback.loss.is_finite()
    }

    fn wants_validation(&self) -> bool {
        self.state.wants_validation()
    }

    fn validate(&mut self, loss: f32) {
        self.state.validate(loss);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NoisyQuadratic;
    use descender_optim::Schedule;
    use descender_task::StartPoint;

    fn constant(learning_rate: f32) -> Scheduled {
        Scheduled::new(Method::Sgd, Schedule::Constant.start(learning_rate, 100))
    }

    fn descend(breaks_at: u64, watch_until: u64, stop: &Stop) -> (SteerEnd, usize) {
        let mut descent = NoisyQuadratic::new();
        descent.breaks_at = breaks_at;
        descent.reset(StartPoint::default());
        let mut seen = 0;
        let end = steer(&mut descent, &mut constant(0.1), 20, stop, |stepped| {
            seen += 1;
            assert_eq!(stepped.hyper_parameters[0].learning_rate, 0.1);
            match stepped.feedback.step == watch_until {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        (end, seen)
    }

    #[test]
    fn every_end_is_told() {
        let never = Stop::default();
        assert_eq!(descend(99, 99, &never), (SteerEnd::Complete, 20));
        assert_eq!(descend(7, 99, &never), (SteerEnd::Diverged, 8));
        assert_eq!(descend(99, 4, &never), (SteerEnd::Watcher, 5));
        // The watcher sees the last step of a descent that diverged.
        assert_eq!(descend(7, 7, &never), (SteerEnd::Diverged, 8));
        let stop = Stop::default();
        stop.request();
        assert_eq!(descend(99, 99, &stop), (SteerEnd::Stopped, 0));
    }

    #[test]
    fn groups_can_have_a_mu_each() {
        /// Two parameters of θ²/2, each a group of its own.
        struct Pair([f32; 2]);
        impl Descent for Pair {
            fn reset(&mut self, _: StartPoint) {
                self.0 = [1.0; 2];
            }
            fn parameter_count(&self) -> usize {
                2
            }
            fn group_count(&self) -> usize {
                2
            }
            fn step(&mut self, mu: &[HyperParameters]) -> Feedback {
                for (group, theta) in self.0.iter_mut().enumerate() {
                    *theta -= mu[group.min(mu.len() - 1)].learning_rate * *theta;
                }
                Feedback {
                    step: 0,
                    loss: self.0[0],
                    statistics: descender_optim::StepStatistics::default(),
                }
            }
            fn evaluate(&mut self, _: Split) -> Option<descender_task::Evaluation> {
                None
            }
        }
        struct Each([HyperParameters; 2]);
        impl Steer for Each {
            fn hyper_parameters(&mut self) -> &[HyperParameters] {
                &self.0
            }
            fn record(&mut self, _: &Feedback, _: &mut dyn Descent) -> bool {
                true
            }
        }
        let mut pair = Pair([1.0; 2]);
        let rates = [0.5, 0.25].map(|rate| Method::Sgd.hyper_parameters(rate));
        let watch = |_: Stepped<'_, Each>| ControlFlow::Continue(());
        steer(&mut pair, &mut Each(rates), 2, &Stop::default(), watch);
        assert_eq!(pair.0, [0.25, 0.5625]);
        let all = |_: Stepped<'_, Scheduled>| ControlFlow::Continue(());
        steer(&mut pair, &mut constant(0.5), 1, &Stop::default(), all);
        assert_eq!(pair.0, [0.125, 0.28125]);
    }
}
