//! One descent under one competitor, from one start point, with everything that a comparison needs of it.

use std::sync::Arc;

use descender_control::{Action, ActionSpace, Controller, Policy, Session};
use descender_optim::{Feedback, HyperParameters, Method, ScheduleState};
use descender_random::{ChaCha8Rng, Purpose, below, stream, unit};
use descender_task::{Descent, DescentError, Evaluation, NetworkDescent, StartPoint, Task};
use serde::{Deserialize, Serialize};

use crate::baseline::{Competitor, RecordedSchedule, Steering};
use crate::comparison::is_zero;
use crate::guard::Guard;
use descender_record::appended_fields::or_nothing;
use crate::stop::Stop;

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
    /// Loss and accuracy on the validation data after the last step; the worst there are, if it diverged.
    pub evaluation: Evaluation,
    /// Whether a loss that was not finite ended the descent.
    pub diverged: bool,
    /// How often a safety net stepped in. A record without any ends before this, as all did once.
    #[serde(skip_serializing_if = "is_zero", deserialize_with = "or_nothing")]
    pub interventions: u64,
}

impl Trial {
    /// Descends `steps` steps from `start`; a loss that is not finite ends the descent, unless a safety net goes back.
    /// A step that a net undoes is a step all the same.
    ///
    /// # Errors
    /// The competitor's optimizer has impossible settings.
    pub fn run(
        task: &Arc<Task>,
        competitor: &Competitor,
        start: StartPoint,
        steps: u64,
        threshold: f32,
    ) -> Result<Self, DescentError> {
        let never = Stop::default();
        let trial = Self::run_until(task, competitor, start, steps, threshold, &never)?;
        Ok(trial.expect("nobody asked for a stop"))
    }

    /// As [`Trial::run`], but given up as soon as a stop is asked for: then `None`.
    ///
    /// # Errors
    /// As there.
    pub fn run_until(
        task: &Arc<Task>,
        competitor: &Competitor,
        start: StartPoint,
        steps: u64,
        threshold: f32,
        stop: &Stop,
    ) -> Result<Option<Self>, DescentError> {
        let mut descent = NetworkDescent::new(Arc::clone(task), competitor.method)?;
        descent.reset(start);
        let mut hand = Hand::new(task, competitor, &descent, steps);
        let mut losses = Vec::new();
        let mut learning_rates = Vec::new();
        let mut diverged = false;
        for _ in 0..steps {
            if stop.requested() {
                return Ok(None);
            }
            if hand.wants_validation() {
                hand.validate(descent.evaluate().loss);
            }
            let mu = hand.hyper_parameters();
            let feedback = descent.step(&mu);
            losses.push(feedback.loss);
            learning_rates.push(mu.learning_rate);
            if !hand.record(&feedback, &mut descent) {
                diverged = true;
                break;
            }
        }
        let first_hit = losses
            .iter()
            .position(|loss| *loss <= threshold)
            .map(|step| step as u64);
        let evaluation = match diverged {
            true => Evaluation {
                loss: f32::INFINITY,
                accuracy: 0.0,
            },
            false => descent.evaluate(),
        };
        Ok(Some(Self {
            losses,
            learning_rates,
            first_hit,
            evaluation,
            diverged,
            interventions: hand.interventions(),
        }))
    }

    /// Mean of the last [`FINAL_LOSSES`] batch losses; infinite for a descent that diverged, or where one of them is not
    /// finite.
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

/// The hand that sets the hyper-parameters of a descent.
enum Hand<'a> {
    Schedule {
        competitor: &'a Competitor,
        state: ScheduleState,
    },
    Recorded {
        method: &'a Method,
        schedule: &'a RecordedSchedule,
        step: u64,
    },
    Controller(Box<Steered>),
}

/// A controller's loop with who decides, and what its safety net may go back to.
struct Steered {
    session: Session,
    decider: Decider,
    guard: Guard,
}

/// Who decides under a controller's loop.
enum Decider {
    Policy,
    Blind(Vec<f32>),
    Random(Box<ChaCha8Rng>),
}

impl<'a> Hand<'a> {
    /// The hand for `descent`, which stands at its start.
    fn new(task: &Task, competitor: &'a Competitor, descent: &NetworkDescent, steps: u64) -> Self {
        let start = descent.start();
        let under = |controller: &Controller, decider| {
            let session = controller.start();
            let guard = Guard::new(&session, descent);
            Self::Controller(Box::new(Steered {
                session,
                decider,
                guard,
            }))
        };
        match &competitor.steering {
            Steering::Schedule { schedule, peak } => Self::Schedule {
                competitor,
                state: schedule
                    .start(*peak, steps)
                    .with_epoch(task.steps_per_epoch() as u64),
            },
            Steering::Recorded(schedule) => Self::Recorded {
                method: &competitor.method,
                schedule,
                step: 0,
            },
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

    /// Whether a schedule wants to know the validation loss before the coming step.
    fn wants_validation(&self) -> bool {
        matches!(self, Self::Schedule { state, .. } if state.wants_validation())
    }

    fn validate(&mut self, loss: f32) {
        if let Self::Schedule { state, .. } = self {
            state.validate(loss);
        }
    }

    fn hyper_parameters(&self) -> HyperParameters {
        match self {
            Self::Schedule { competitor, state } => {
                competitor.method.hyper_parameters(state.learning_rate())
            }
            Self::Recorded {
                method,
                schedule,
                step,
            } => schedule.hyper_parameters(method, *step),
            Self::Controller(steered) => *steered.session.hyper_parameters(),
        }
    }

    /// Takes in a step of `descent`, which a safety net may send back. Tells whether the descent can go on.
    fn record(&mut self, feedback: &Feedback, descent: &mut NetworkDescent) -> bool {
        match self {
            Self::Schedule { state, .. } => {
                state.advance(feedback.loss);
                feedback.loss.is_finite()
            }
            Self::Recorded { step, .. } => {
                *step += 1;
                feedback.loss.is_finite()
            }
            Self::Controller(steered) => {
                let Steered {
                    session,
                    decider,
                    guard,
                } = &mut **steered;
                let space = session.action_space();
                session.record_with(feedback, |policy, observation| {
                    decider.decide(space, policy, observation)
                });
                guard.obey(session, descent, feedback.loss)
            }
        }
    }

    /// How often a safety net stepped in.
    fn interventions(&self) -> u64 {
        match self {
            Self::Schedule { .. } | Self::Recorded { .. } => 0,
            Self::Controller(steered) => steered.session.interventions().len() as u64,
        }
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
    Policy::with_head(policy.head(), policy.specification().clone(), weights)
        .map_err(|error| error.to_string())
        .and_then(|policy| {
            let control = controller.control().clone();
            let provenance = controller.provenance().clone();
            Controller::new(policy, control, *controller.method(), provenance)
                .map_err(|error| error.to_string())
        })
        .expect("the parts are a controller's, and initial weights are finite")
}

#[cfg(test)]
mod tests;
