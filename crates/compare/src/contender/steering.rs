//! A contender, ready to run: an optimizer together with what sets its hyper-parameters.

use descender_control::Controller;
use descender_optim::{HyperParameter, Method, Schedule};
use serde_json::json;

use super::RecordedSchedule;
use crate::comparison::{CONTROLLER, Role};
use descender_record::settings_text::{shortest, table_of};

/// What sets the hyper-parameters of a contender's descents.
#[derive(Clone, Debug)]
pub enum Steering {
    /// A learning-rate schedule with its peak η.
    Schedule {
        /// The schedule.
        schedule: Schedule,
        /// Its highest learning rate.
        peak: f32,
        /// The share of the steps in which η rises to it on a straight line, before the schedule
        /// ([`Schedule::start_warm`]).
        warmup: f64,
    },
    /// Hyper-parameters of each step, known before the descent.
    Recorded(RecordedSchedule),
    /// A trained controller.
    Controller(Box<Controller>),
    /// A controller's policy with random weights, drawn anew for each start.
    Untrained(Box<Controller>),
    /// A controller whose policy sees the same features at every decision.
    Blind {
        /// The controller.
        controller: Box<Controller>,
        /// The features that its policy sees.
        features: Vec<f32>,
    },
    /// A controller's actions, each equally likely at every decision.
    Random(Box<Controller>),
}

/// A contender of a comparison, ready to run.
#[derive(Clone, Debug)]
pub struct Contender {
    /// The item as typed; `controller` for the controller of the comparison.
    pub name: String,
    /// Its role in the comparison.
    pub role: Role,
    /// The optimizer.
    pub method: Method,
    /// What sets its hyper-parameters.
    pub steering: Steering,
}

impl Contender {
    /// A rival: `method` under `steering`.
    #[must_use]
    pub fn rival(name: impl Into<String>, method: Method, steering: Steering) -> Self {
        Self {
            name: name.into(),
            role: Role::Rival,
            method,
            steering,
        }
    }

    /// A trained controller as a contender.
    #[must_use]
    pub fn controller(controller: Controller) -> Self {
        Self {
            name: CONTROLLER.to_owned(),
            role: Role::Controller,
            method: *controller.method(),
            steering: Steering::Controller(Box::new(controller)),
        }
    }

    /// The resolved settings, for the comparison's record.
    #[must_use]
    pub fn settings(&self) -> serde_json::Value {
        let optimizer = table_of(&self.method);
        match &self.steering {
            Steering::Schedule {
                schedule,
                peak,
                warmup,
            } => {
                let mut settings = json!({"optimizer": optimizer, "schedule": table_of(schedule), "learning_rate": shortest(*peak)});
                if *warmup > 0.0 {
                    settings["warmup"] = (*warmup).into();
                }
                settings
            }
            Steering::Recorded(schedule) => {
                let mut settings =
                    json!({"optimizer": optimizer, "recorded_steps": schedule.steps()});
                let entries: Vec<&str> = schedule.entries().map(HyperParameter::name).collect();
                if entries.len() > 1 {
                    settings["recorded"] = entries.into();
                }
                settings
            }
            Steering::Controller(controller) => {
                json!({"optimizer": optimizer, "provenance": controller.provenance()})
            }
            Steering::Blind { features, .. } => {
                let features: Vec<f64> = features.iter().map(|value| shortest(*value)).collect();
                json!({"optimizer": optimizer, "features": features})
            }
            Steering::Untrained(_) | Steering::Random(_) => json!({"optimizer": optimizer}),
        }
    }
}
