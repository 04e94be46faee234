//! The descents that the figures are made of: under a constant η or a policy, watched more closely than a comparison's.
//!
//! A policy is used as a controller is: it decides at the same steps as in training, and η is held inside its bounds.
//! Where the policy first asks for an η outside is noted, because the paper's episode would have ended there.

use std::ops::ControlFlow;

use descender_control::{ControlLoop, ControlSettings, Policy};
use descender_env::{Steer, Stop, steer};
use descender_optim::{Feedback, HyperParameters, Method};
use descender_task::{Descent, Evaluation, Problem, Split, StartPoint};

use descender_compare::trial::FINAL_LOSSES;
use descender_train::TrainError;

/// What sets the hyper-parameters of a descent.
pub(crate) enum Hand<'a> {
    /// An optimizer with a constant η.
    Constant { method: Method, learning_rate: f32 },
    /// A policy.
    Policy {
        settings: &'a ControlSettings,
        method: Method,
        policy: &'a Policy,
    },
}

/// What a descent is watched for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watch {
    /// Steps, if nothing ends it before.
    pub(crate) steps: u64,
    /// Ends the descent after the first batch loss at or below this.
    pub(crate) until: Option<f32>,
    /// Steps between two evaluations on the validation data (0: none); the end is evaluated, too.
    pub(crate) evaluate_every: u64,
}

/// What came of a descent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Loss of each step's batch. Ends with the first that is not finite.
    pub(crate) losses: Vec<f32>,
    /// η of each step.
    pub(crate) learning_rates: Vec<f32>,
    /// Number of steps made, with loss and accuracy on the validation data then.
    pub(crate) evaluations: Vec<(u64, Evaluation)>,
    /// The number of steps after which the policy first asked for an η outside the bounds.
    pub(crate) left_bounds: Option<u64>,
}

impl Record {
    /// Descends from `start`.
    ///
    /// # Errors
    /// The optimizer or the control has impossible settings.
    pub(crate) fn of(
        problem: &dyn Problem,
        hand: &Hand<'_>,
        start: StartPoint,
        watch: Watch,
    ) -> Result<Self, TrainError> {
        let mut steering = PaperSteering::new(hand)?;
        let mut descent = problem.descent(hand.method())?;
        descent.reset(start);
        let mut record = Self::default();
        if watch.evaluate_every > 0 {
            record.evaluations.extend(evaluation(0, &mut *descent));
        }
        let (mut step, never) = (0_u64, Stop::default());
        steer(
            &mut *descent,
            &mut steering,
            watch.steps,
            &never,
            |stepped| {
                step += 1;
                record.losses.push(stepped.feedback.loss);
                record
                    .learning_rates
                    .push(stepped.hyper_parameters[0].learning_rate);
                if !stepped.goes_on {
                    return ControlFlow::Continue(());
                }
                let due = |every| step.is_multiple_of(every) || step == watch.steps;
                if watch.evaluate_every > 0 && due(watch.evaluate_every) {
                    record.evaluations.extend(evaluation(step, stepped.descent));
                }
                let hit = |threshold| stepped.feedback.loss <= threshold;
                if watch.until.is_some_and(hit) {
                    return ControlFlow::Break(());
                }
                if !stepped.steering.inside && record.left_bounds.is_none() {
                    record.left_bounds = Some(step);
                }
                ControlFlow::Continue(())
            },
        );
        Ok(record)
    }

    /// Whether a loss was not finite.
    pub(crate) fn diverged(&self) -> bool {
        self.losses.last().is_some_and(|loss| !loss.is_finite())
    }

    /// The first step (from 0) with a batch loss at or below the threshold.
    pub(crate) fn first_hit(&self, threshold: f32) -> Option<u64> {
        let hit = self.losses.iter().position(|loss| *loss <= threshold);
        hit.map(|step| step as u64)
    }

    /// Mean of the last 50 batch losses; infinite for a descent that diverged.
    pub(crate) fn final_loss(&self) -> f64 {
        self.mean_loss(self.losses.len().saturating_sub(FINAL_LOSSES)..self.losses.len())
    }

    /// Mean batch loss of a range of steps; infinite for a descent that diverged.
    pub(crate) fn mean_loss(&self, steps: std::ops::Range<usize>) -> f64 {
        if self.diverged() {
            return f64::INFINITY;
        }
        let losses = &self.losses[steps];
        losses.iter().map(|loss| f64::from(*loss)).sum::<f64>() / losses.len() as f64
    }

    /// Mean η of a range of steps, as far as they were made.
    pub(crate) fn mean_learning_rate(&self, steps: std::ops::Range<usize>) -> f64 {
        let made = self.learning_rates.len();
        let rates = &self.learning_rates[steps.start.min(made)..steps.end.min(made)];
        rates.iter().map(|rate| f64::from(*rate)).sum::<f64>() / rates.len() as f64
    }
}

impl Hand<'_> {
    fn method(&self) -> Method {
        match self {
            Self::Constant { method, .. } | Self::Policy { method, .. } => *method,
        }
    }
}

/// Loss and accuracy on the validation data after `step` steps.
fn evaluation(step: u64, descent: &mut dyn Descent) -> Option<(u64, Evaluation)> {
    Some((step, descent.evaluate(Split::Validation)?))
}

/// A constant μ, or a policy whose η is held inside its bounds.
struct PaperSteering {
    mu: HyperParameters,
    policy: Option<Box<PolicySteering>>,
    /// Whether the η that was asked for last is inside the bounds.
    inside: bool,
}

struct PolicySteering {
    control: ControlLoop,
    policy: Policy,
    observation: Vec<f32>,
}

impl PaperSteering {
    fn new(hand: &Hand<'_>) -> Result<Self, TrainError> {
        let (mu, policy) = match hand {
            Hand::Constant {
                method,
                learning_rate,
            } => (method.hyper_parameters(*learning_rate), None),
            Hand::Policy {
                settings,
                method,
                policy,
            } => {
                let control = ControlLoop::new(settings, *method).map_err(|error| {
                    descender_env::EnvironmentError::from(
                        descender_env::EnvironmentSettingsError::from(error),
                    )
                })?;
                let steering = PolicySteering {
                    observation: vec![0.0; control.observation_len()],
                    policy: (*policy).clone(),
                    control,
                };
                let mu = *steering.control.hyper_parameters();
                (mu, Some(Box::new(steering)))
            }
        };
        Ok(Self {
            mu,
            policy,
            inside: true,
        })
    }
}

impl Steer for PaperSteering {
    fn hyper_parameters(&mut self) -> &[HyperParameters] {
        std::slice::from_ref(&self.mu)
    }

    fn record(&mut self, feedback: &Feedback, _: &mut dyn Descent) -> bool {
        self.inside = true;
        if let Some(steering) = &mut self.policy {
            steering.control.record(feedback);
            if steering.control.is_decision() {
                steering.control.observation(&mut steering.observation);
                let action = steering.policy.act(&steering.observation);
                self.inside = steering.control.apply(&action).is_inside();
            }
            self.mu = *steering.control.hyper_parameters();
        }
        feedback.loss.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_compare::contender::{Contender, Steering};
    use descender_compare::trial::Trial;
    use descender_task::Task;

    #[test]
    fn a_record_is_the_trial_of_the_same_method() {
        let task = Task::small();
        let steering = Steering::Schedule {
            schedule: descender_optim::Schedule::Constant,
            peak: 0.2,
            warmup: 0.0,
        };
        let contender = Contender::rival("sgd:0.2", Method::Sgd, steering);
        let trial = Trial::run(&task, &contender, StartPoint::default(), 60, 2.2).unwrap();
        let hand = Hand::Constant {
            method: Method::Sgd,
            learning_rate: 0.2,
        };
        let watch = Watch {
            steps: 60,
            evaluate_every: 25,
            ..Watch::default()
        };
        let record = Record::of(&task, &hand, StartPoint::default(), watch).unwrap();
        assert_eq!(record.losses, trial.losses);
        assert_eq!(record.first_hit(2.2), trial.first_hit);
        assert_eq!(record.final_loss(), trial.final_train_loss());
        let steps: Vec<u64> = record.evaluations.iter().map(|(step, _)| *step).collect();
        assert_eq!(steps, [0, 25, 50, 60]);
        assert_eq!(record.evaluations[3].1, trial.evaluation);

        let watch = Watch {
            until: Some(2.2),
            ..watch
        };
        let ended = Record::of(&task, &hand, StartPoint::default(), watch).unwrap();
        assert_eq!(ended.losses.len() as u64, ended.first_hit(2.2).unwrap() + 1);
    }

    #[test]
    fn a_policy_that_leaves_the_bounds_is_held_there_and_the_step_is_noted() {
        use descender_nn::{Activation, NetworkSpecification};
        let task = Task::small();
        let settings = ControlSettings::default();
        // All weights zero, the bias for the last action (η ÷ 0.9) highest: it rises for ever.
        let specification =
            NetworkSpecification::multi_layer_perceptron(18, &[], 3, Activation::Relu);
        let mut parameters = vec![0.0; 18 * 3 + 3];
        parameters[18 * 3 + 2] = 1.0;
        let policy = Policy::new(specification, parameters).unwrap();
        let hand = Hand::Policy {
            settings: &settings,
            method: Method::Sgd,
            policy: &policy,
        };
        let watch = Watch {
            steps: 40,
            ..Watch::default()
        };
        let record = Record::of(&task, &hand, StartPoint::default(), watch).unwrap();
        assert_eq!(record.learning_rates.len(), 40);
        assert_eq!(
            *record.learning_rates.last().unwrap(),
            settings.bounds.upper
        );
        // 0.1 / 0.9^15 is the last below 0.5.
        assert_eq!(record.left_bounds, Some(16));
    }
}
