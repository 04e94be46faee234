//! One descent of one contender from one start point, with everything that a comparison needs from it.

use std::ops::ControlFlow;

use descender_control::{Action, ActionSpace, Controller, Policy};
use descender_env::{Guarded, Scheduled, Steer, SteerEnd, Stop, steer};
use descender_optim::{Feedback, HyperParameters, Job};
use descender_random::{ChaCha8Rng, Purpose, below, stream, unit};
use descender_task::{Descent, DescentError, Evaluation, Problem, Split, StartPoint};
use serde::{Deserialize, Serialize};

use crate::comparison::counted_hit;
use crate::contender::{Contender, Replayed, Steering, with_weights};

const UNTRAINED_WEIGHTS: Purpose = Purpose::new(11, "weights of untrained policies");
const RANDOM_ACTIONS: Purpose = Purpose::new(12, "random actions");

/// Batch losses at the end of a descent whose mean is the final training loss.
pub const FINAL_LOSSES: usize = 50;

/// What came of a descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Loss of each step's batch, steps that a safety net undid included. Ends with the first that is not finite, unless
    /// a safety net went back.
    pub losses: Vec<f32>,
    /// η of each step.
    pub learning_rates: Vec<f32>,
    /// First step (from 0) with a batch loss at or below the threshold.
    pub first_hit: Option<u64>,
    /// The loss and all measures on the validation data (or those that were asked for) after the last step; the worst
    /// possible values if the descent diverged.
    pub evaluation: Evaluation,
    /// Whether a loss that was not finite ended the descent.
    pub diverged: bool,
    /// How often a safety net stepped in.
    pub interventions: u64,
}

impl Trial {
    /// Makes `steps` steps from `start`. A loss that is not finite ends the descent, unless a safety net goes back. A
    /// step that a net undoes still counts.
    ///
    /// # Errors
    /// The contender's optimizer has impossible settings.
    pub fn run(
        problem: &dyn Problem,
        contender: &Contender,
        start: StartPoint,
        steps: u64,
        threshold: f32,
    ) -> Result<Self, DescentError> {
        let never = Stop::default();
        let validation = Split::Validation;
        let trial = Self::run_until(
            problem, contender, start, steps, threshold, validation, &never,
        )?;
        Ok(trial.expect("nobody asked for a stop"))
    }

    /// Like [`Trial::run`], but evaluates on the data of `split`, and returns `None` as soon as a stop is requested.
    ///
    /// # Errors
    /// The contender's optimizer has impossible settings.
    pub fn run_until(
        problem: &dyn Problem,
        contender: &Contender,
        start: StartPoint,
        steps: u64,
        threshold: f32,
        split: Split,
        stop: &Stop,
    ) -> Result<Option<Self>, DescentError> {
        let mut descent = problem.descent(contender.method)?;
        descent.reset(start);
        let job = Job {
            steps,
            ..problem.job()
        };
        let mut hand = Hand::new(contender, &*descent, start, &job)?;
        let mut losses = Vec::new();
        let mut learning_rates = Vec::new();
        let end = steer(&mut *descent, &mut hand, steps, stop, |stepped| {
            losses.push(stepped.feedback.loss);
            learning_rates.push(stepped.hyper_parameters[0].learning_rate);
            ControlFlow::Continue(())
        });
        if end == SteerEnd::Stopped {
            return Ok(None);
        }
        let diverged = end == SteerEnd::Diverged;
        let first_hit = losses
            .iter()
            .position(|loss| *loss <= threshold)
            .map(|step| step as u64);
        let evaluation = match diverged {
            true => None,
            false => descent.evaluate(split),
        };
        Ok(Some(Self {
            losses,
            learning_rates,
            first_hit,
            evaluation: evaluation.unwrap_or_else(Evaluation::worst),
            diverged,
            interventions: hand.interventions(),
        }))
    }

    /// The first hit; `steps`, the length of the descent, if there was none.
    #[must_use]
    pub fn hit_or(&self, steps: u64) -> u64 {
        counted_hit(self.first_hit, steps)
    }

    /// Mean of the last [`FINAL_LOSSES`] batch losses; infinite if the descent diverged or one of them is not finite.
    #[must_use]
    pub fn final_train_loss(&self) -> f64 {
        if self.diverged {
            return f64::INFINITY;
        }
        let last = &self.losses[self.losses.len().saturating_sub(FINAL_LOSSES)..];
        let mean = last.iter().map(|loss| f64::from(*loss)).sum::<f64>() / last.len() as f64;
        // Also where one that was not finite has been undone.
        if mean.is_nan() { f64::INFINITY } else { mean }
    }
}

/// What sets the hyper-parameters of a contender's descent.
pub struct Hand<'a>(Kind<'a>);

enum Kind<'a> {
    Schedule(Box<Scheduled>),
    Recorded(Replayed<'a>),
    Controller(Box<Decided>),
}

/// A controller's loop together with what decides.
struct Decided {
    guarded: Guarded,
    decider: Decider,
}

/// What decides in a controller's loop.
enum Decider {
    Policy,
    Blind(Vec<f32>),
    Random(Box<ChaCha8Rng>),
}

impl<'a> Hand<'a> {
    /// The hand for `descent`, which stands at `start` and is of this job.
    ///
    /// # Errors
    /// If a controller has a safety net, and the descent can't be saved.
    pub fn new(
        contender: &'a Contender,
        descent: &dyn Descent,
        start: StartPoint,
        job: &Job,
    ) -> Result<Self, DescentError> {
        let under = |controller: &Controller, decider| {
            let guarded = Guarded::new(controller.start_for(job), descent)
                .map_err(|error| DescentError::Own(error.into()))?;
            Ok(Self(Kind::Controller(Box::new(Decided {
                guarded,
                decider,
            }))))
        };
        match &contender.steering {
            Steering::Schedule {
                schedule,
                peak,
                warmup,
            } => {
                let state = schedule.start_warm(*peak, job.steps, *warmup);
                let state = match job.steps_per_epoch() {
                    Some(epoch) => state.with_epoch(epoch),
                    None => state,
                };
                let scheduled = Scheduled::new(contender.method, state);
                Ok(Self(Kind::Schedule(Box::new(scheduled))))
            }
            Steering::Recorded(schedule) => {
                let replayed = Replayed::new(schedule, &contender.method);
                Ok(Self(Kind::Recorded(replayed)))
            }
            Steering::Controller(controller) => under(controller, Decider::Policy),
            Steering::Untrained(controller) => {
                under(&untrained(controller, start), Decider::Policy)
            }
            Steering::Blind {
                controller,
                features,
            } => under(controller, Decider::Blind(features.clone())),
            Steering::Random(controller) => {
                let generator = stream(start.seed, RANDOM_ACTIONS, start.index);
                under(controller, Decider::Random(Box::new(generator)))
            }
        }
    }

    fn steer(&self) -> &dyn Steer {
        match &self.0 {
            Kind::Schedule(scheduled) => &**scheduled,
            Kind::Recorded(replayed) => replayed,
            Kind::Controller(decided) => &**decided,
        }
    }

    fn steer_mut(&mut self) -> &mut dyn Steer {
        match &mut self.0 {
            Kind::Schedule(scheduled) => &mut **scheduled,
            Kind::Recorded(replayed) => replayed,
            Kind::Controller(decided) => &mut **decided,
        }
    }

    /// How often a safety net stepped in.
    fn interventions(&self) -> u64 {
        match &self.0 {
            Kind::Schedule(_) | Kind::Recorded(_) => 0,
            Kind::Controller(decided) => decided.guarded.session().interventions().len() as u64,
        }
    }
}

impl Steer for Hand<'_> {
    fn hyper_parameters(&mut self) -> &[HyperParameters] {
        self.steer_mut().hyper_parameters()
    }

    fn record(&mut self, feedback: &Feedback, descent: &mut dyn Descent) -> bool {
        self.steer_mut().record(feedback, descent)
    }

    fn wants_validation(&self) -> bool {
        self.steer().wants_validation()
    }

    fn validate(&mut self, loss: f32) {
        self.steer_mut().validate(loss);
    }
}

impl Steer for Decided {
    fn hyper_parameters(&mut self) -> &[HyperParameters] {
        self.guarded.hyper_parameters()
    }

    fn record(&mut self, feedback: &Feedback, descent: &mut dyn Descent) -> bool {
        let Self { guarded, decider } = self;
        let space = guarded.session().action_space();
        guarded.record_with(feedback, descent, |policy, observation| {
            decider.decide(space, policy, observation)
        })
    }
}

impl Decider {
    fn decide(&mut self, space: ActionSpace, policy: &mut Policy, observation: &[f32]) -> Action {
        match (self, space) {
            (Self::Policy, _) => policy.act(observation),
            (Self::Blind(features), _) => policy.act(features),
            (Self::Random(generator), ActionSpace::Discrete(count)) => {
                Action::Discrete(below(generator, count))
            }
            (Self::Random(generator), ActionSpace::Continuous { dimensions }) => {
                let number = |_| (2.0 * unit(generator) - 1.0) as f32;
                Action::Continuous((0..dimensions).map(number).collect())
            }
        }
    }
}

/// The controller with fresh weights, which belong to the start point.
fn untrained(controller: &Controller, start: StartPoint) -> Controller {
    let policy = controller.policy();
    let mut weights = vec![0.0; policy.network().parameter_count()];
    let mut generator = stream(start.seed, UNTRAINED_WEIGHTS, start.index);
    policy.network().initialize(&mut generator, &mut weights);
    with_weights(controller, weights)
}

#[cfg(test)]
mod tests;
