//! Competitors of a comparison: an optimizer with a schedule, a recorded schedule, or a controller.
//!
//! A list is written as on the command line, `sgd:0.1,adam:0.001,linear:0.25,schedule:FILE`: items are separated by
//! commas, an item is `name:η` or `name:FILE`, further settings follow after `;` as `key=value`. A schedule's name
//! stands for SGD under it; `optimizer=momentum` changes that, and `schedule=linear` gives an optimizer a schedule.

use std::path::{Path, PathBuf};

use descender_control::{Controller, ControllerError};
use descender_optim::{Method, Schedule};

use serde_json::json;

use crate::configuration::{nearest, shortest, table_of};

/// Why a list of competitors is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompetitorError {
    /// Nothing has this name.
    #[error("unknown method `{name}`; did you mean `{nearest}`?")]
    UnknownName {
        /// The name as given.
        name: String,
        /// The most similar known name.
        nearest: String,
    },
    /// The list, or an item of it, is empty.
    #[error("an empty item in the list of methods `{0}`; expected items like sgd:0.1")]
    Empty(String),
    /// η is no positive number.
    #[error("`{item}`: learning rate `{value}` is not a number above 0")]
    LearningRate {
        /// The item as given.
        item: String,
        /// What stands where η should be.
        value: String,
    },
    /// A setting is unknown or wrong.
    #[error("`{item}`: {message}")]
    Setting {
        /// The item as given.
        item: String,
        /// What is wrong with it.
        message: String,
    },
    /// A recorded schedule that cannot be used.
    #[error("schedule {}: {message}", path.display())]
    ScheduleFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A controller that cannot be used.
    #[error(transparent)]
    Controller(#[from] ControllerError),
}

/// What sets the hyper-parameters of a competitor's descents.
#[derive(Clone, Debug)]
pub enum Steering {
    /// A learning-rate schedule with its highest η.
    Schedule {
        /// The schedule.
        schedule: Schedule,
        /// Its highest learning rate.
        peak: f32,
    },
    /// η of each step; the last one holds afterwards.
    Recorded(Vec<f32>),
    /// A trained controller.
    Controller(Box<Controller>),
}

/// One method of a comparison.
#[derive(Clone, Debug)]
pub struct Competitor {
    /// The item as typed; `controller` for the controller of the comparison.
    pub name: String,
    /// The optimizer.
    pub method: Method,
    /// What sets its hyper-parameters.
    pub steering: Steering,
}

impl Competitor {
    /// The competitor that a trained controller is.
    #[must_use]
    pub fn controller(controller: Controller) -> Self {
        Self {
            name: "controller".to_owned(),
            method: *controller.method(),
            steering: Steering::Controller(Box::new(controller)),
        }
    }

    /// Reads a list of competitors, as `--against` takes it.
    ///
    /// # Errors
    /// [`CompetitorError`], naming the item.
    pub fn parse_list(list: &str) -> Result<Vec<Self>, CompetitorError> {
        list.split(',')
            .map(|item| match item.trim() {
                "" => Err(CompetitorError::Empty(list.to_owned())),
                item => Self::parse(item),
            })
            .collect()
    }

    /// Reads one competitor.
    ///
    /// # Errors
    /// [`CompetitorError`], naming the item.
    pub fn parse(item: &str) -> Result<Self, CompetitorError> {
        let mut parts = item.split(';');
        let head = parts.next().unwrap_or_default();
        let (name, value) = head
            .split_once(':')
            .map_or((head, None), |(name, value)| (name, Some(value)));
        let (name, value) = (name.trim(), value.map(str::trim));

        let mut method = Method::Sgd;
        let mut schedule = Schedule::Constant;
        if let Some(path) = value.filter(|_| name == "controller") {
            let controller = Controller::load(Path::new(path))?;
            return Ok(Self {
                name: item.to_owned(),
                ..Self::controller(controller)
            });
        }
        if let Some(known) = Method::by_name(name) {
            method = known;
        } else if let Some(known) = Schedule::by_name(name) {
            schedule = known;
        } else if name != "schedule" {
            return Err(unknown(name));
        }

        for part in parts {
            let setting = |message: String| CompetitorError::Setting {
                item: item.to_owned(),
                message,
            };
            let (key, value) = part
                .split_once('=')
                .map(|(key, value)| (key.trim(), value.trim()))
                .ok_or_else(|| setting(format!("`{part}` is not key=value")))?;
            match key {
                "optimizer" => method = Method::by_name(value).ok_or_else(|| unknown(value))?,
                "schedule" => schedule = Schedule::by_name(value).ok_or_else(|| unknown(value))?,
                _ => match method.with_setting(key, value) {
                    Ok(changed) => method = changed,
                    Err(of_method) => {
                        schedule = schedule.with_setting(key, value).map_err(|of_schedule| {
                            setting(match schedule {
                                Schedule::Constant => of_method.to_string(),
                                _ => of_schedule.to_string(),
                            })
                        })?;
                    }
                },
            }
        }

        let steering = if name == "schedule" {
            let path = value.filter(|value| !value.is_empty()).ok_or_else(|| {
                CompetitorError::Setting {
                    item: item.to_owned(),
                    message: "expected schedule:FILE".to_owned(),
                }
            })?;
            Steering::Recorded(read_schedule(Path::new(path))?)
        } else {
            let peak = match value {
                Some(text) => text
                    .parse()
                    .ok()
                    .filter(|rate: &f32| rate.is_finite() && *rate > 0.0)
                    .ok_or_else(|| CompetitorError::LearningRate {
                        item: item.to_owned(),
                        value: text.to_owned(),
                    })?,
                None => method.usual_learning_rate(),
            };
            Steering::Schedule { schedule, peak }
        };
        Ok(Self {
            name: item.to_owned(),
            method,
            steering,
        })
    }

    /// The resolved settings, for the comparison's record.
    #[must_use]
    pub fn settings(&self) -> serde_json::Value {
        let optimizer = table_of(&self.method);
        match &self.steering {
            Steering::Schedule { schedule, peak } => {
                json!({"optimizer": optimizer, "schedule": table_of(schedule), "learning_rate": shortest(*peak)})
            }
            Steering::Recorded(rates) => {
                json!({"optimizer": optimizer, "recorded_steps": rates.len()})
            }
            Steering::Controller(controller) => {
                json!({"optimizer": optimizer, "provenance": table_of(controller.provenance())})
            }
        }
    }
}

fn unknown(name: &str) -> CompetitorError {
    let known: Vec<&str> = (Method::names().iter().map(|entry| entry.name))
        .chain(Schedule::names().iter().map(|entry| entry.name))
        .chain(["schedule", "controller"])
        .collect();
    CompetitorError::UnknownName {
        name: name.to_owned(),
        nearest: nearest(name, known).to_owned(),
    }
}

/// A recorded schedule: one η a line (the last column where a line has commas), or a JSON list of numbers.
fn read_schedule(path: &Path) -> Result<Vec<f32>, CompetitorError> {
    let broken = |message: String| CompetitorError::ScheduleFile {
        path: path.to_owned(),
        message,
    };
    let text = std::fs::read_to_string(path).map_err(|error| broken(error.to_string()))?;
    let rates: Vec<f32> = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text)
            .map_err(|error| broken(format!("not a JSON list of numbers ({error})")))?
    } else {
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with(['#', 's'])) // comments, a "step,…" heading
            .map(|(number, line)| {
                let last = line.rsplit(',').next().unwrap_or_default().trim();
                last.parse()
                    .map_err(|_| broken(format!("line {}: `{last}` is not a number", number + 1)))
            })
            .collect::<Result<_, _>>()?
    };
    match rates
        .iter()
        .position(|rate| !(rate.is_finite() && *rate >= 0.0))
    {
        _ if rates.is_empty() => Err(broken("it has no learning rate".to_owned())),
        Some(position) => Err(broken(format!(
            "learning rate {} is {}",
            position + 1,
            rates[position]
        ))),
        None => Ok(rates),
    }
}
