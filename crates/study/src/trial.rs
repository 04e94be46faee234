//! One descent under one competitor, from one start point, with everything that a comparison needs of it.

use std::sync::Arc;

use descender_optim::{Feedback, HyperParameters, ScheduleState};
use descender_task::{Descent, DescentError, Evaluation, NetworkDescent, StartPoint, Task};

use crate::baseline::{Competitor, Steering};

/// Batch losses at the end of a descent whose mean is the final training loss.
pub const FINAL_LOSSES: usize = 50;

/// What came of a descent.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Loss of each step's batch. Ends with the first that is not finite.
    pub losses: Vec<f32>,
    /// η of each step.
    pub learning_rates: Vec<f32>,
    /// First step (from 0) with a batch loss at or below the threshold.
    pub first_hit: Option<u64>,
    /// Loss and accuracy on the validation data after the last step; the worst there are, if it diverged.
    pub evaluation: Evaluation,
    /// Whether a loss was not finite.
    pub diverged: bool,
}

impl Trial {
    /// Descends `steps` steps from `start`; a loss that is not finite ends the descent.
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
        let mut descent = NetworkDescent::new(Arc::clone(task), competitor.method)?;
        descent.reset(start);
        let mut hand = Hand::new(competitor, steps);
        let mut losses = Vec::new();
        let mut learning_rates = Vec::new();
        for _ in 0..steps {
            let mu = hand.hyper_parameters();
            let feedback = descent.step(&mu);
            losses.push(feedback.loss);
            learning_rates.push(mu.learning_rate);
            if !feedback.loss.is_finite() {
                break;
            }
            hand.record(&feedback);
        }
        let diverged = losses.last().is_some_and(|loss| !loss.is_finite());
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
        Ok(Self {
            losses,
            learning_rates,
            first_hit,
            evaluation,
            diverged,
        })
    }

    /// Mean of the last [`FINAL_LOSSES`] batch losses; infinite for a descent that diverged.
    #[must_use]
    pub fn final_train_loss(&self) -> f64 {
        if self.diverged {
            return f64::INFINITY;
        }
        let last = &self.losses[self.losses.len().saturating_sub(FINAL_LOSSES)..];
        last.iter().map(|loss| f64::from(*loss)).sum::<f64>() / last.len() as f64
    }
}

/// The hand that sets the hyper-parameters of a descent.
enum Hand<'a> {
    Schedule {
        competitor: &'a Competitor,
        state: ScheduleState,
    },
    Controller(Box<descender_control::Session>),
}

impl<'a> Hand<'a> {
    fn new(competitor: &'a Competitor, steps: u64) -> Self {
        match &competitor.steering {
            Steering::Schedule { schedule, peak } => Self::Schedule {
                competitor,
                state: schedule.start(*peak, steps),
            },
            Steering::Recorded(rates) => Self::Schedule {
                competitor,
                state: ScheduleState::replay(rates.clone()),
            },
            Steering::Controller(controller) => Self::Controller(Box::new(controller.start())),
        }
    }

    fn hyper_parameters(&self) -> HyperParameters {
        match self {
            Self::Schedule { competitor, state } => {
                competitor.method.hyper_parameters(state.learning_rate())
            }
            Self::Controller(session) => *session.hyper_parameters(),
        }
    }

    fn record(&mut self, feedback: &Feedback) {
        match self {
            Self::Schedule { state, .. } => state.advance(feedback.loss),
            Self::Controller(session) => {
                session.record(feedback);
            }
        }
    }
}
