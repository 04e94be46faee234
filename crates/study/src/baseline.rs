//! Competitors of a comparison: an optimizer with a schedule, a recorded schedule, or a controller.
//!
//! A list is written as on the command line, `sgd:0.1,adam:0.001,linear:0.25,schedule:FILE`: items are separated by
//! commas, an item is `name:η` or `name:FILE`, further settings follow after `;` as `key=value`. A schedule's name
//! stands for SGD under it; `optimizer=momentum` changes that, and `schedule=linear` gives an optimizer a schedule.
//!
//! Reading a list ([`Item::parse_list`]) looks at no file; [`Item::load`] does, when the competitor is to run.

use std::path::{Path, PathBuf};

use descender_control::{Controller, ControllerError};
use descender_optim::{Method, OptimizerError, Schedule};
use serde_json::json;

use crate::comparison::CONTROLLER;
use crate::configuration::{nearest, shortest, table_of};

/// Why a list of competitors, or a file that it names, is refused.
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

/// An item of a list of competitors, read but not loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    name: String,
    method: Method,
    source: Source,
}

#[derive(Clone, Debug, PartialEq)]
enum Source {
    Schedule { schedule: Schedule, peak: f32 },
    ScheduleFile(PathBuf),
    ControllerFile(PathBuf),
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

/// One method of a comparison, ready to run.
#[derive(Clone, Debug)]
pub struct Competitor {
    /// The item as typed; `controller` for the controller of the comparison.
    pub name: String,
    /// The optimizer.
    pub method: Method,
    /// What sets its hyper-parameters.
    pub steering: Steering,
}

impl Item {
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

    /// Reads one item.
    ///
    /// # Errors
    /// [`CompetitorError`], naming the item.
    pub fn parse(item: &str) -> Result<Self, CompetitorError> {
        let setting = |message: String| CompetitorError::Setting {
            item: item.to_owned(),
            message,
        };
        let mut parts = item.split(';');
        let head = parts.next().unwrap_or_default();
        let (name, value) = head
            .split_once(':')
            .map_or((head, None), |(name, value)| (name, Some(value)));
        let (name, value) = (
            name.trim(),
            value.map(str::trim).filter(|value| !value.is_empty()),
        );

        let mut method = Method::Sgd;
        let mut schedule = Schedule::Constant;
        let is_file = ["schedule", "controller"].contains(&name);
        if let Some(known) = Method::by_name(name) {
            method = known;
        } else if let Some(known) = Schedule::by_name(name) {
            schedule = known;
        } else if !is_file {
            return Err(unknown(name));
        }
        for part in parts {
            let (key, value) = part
                .split_once('=')
                .map(|(key, value)| (key.trim(), value.trim()))
                .ok_or_else(|| setting(format!("`{part}` is not key=value")))?;
            match key {
                _ if name == "controller" => {
                    return Err(setting("a controller brings its own settings".to_owned()));
                }
                "optimizer" => method = Method::by_name(value).ok_or_else(|| unknown(value))?,
                "schedule" if !is_file => {
                    schedule = Schedule::by_name(value).ok_or_else(|| unknown(value))?;
                }
                _ => match method.with_setting(key, value) {
                    Ok(changed) => method = changed,
                    // Not the optimizer's: the schedule's, if there is one.
                    Err(OptimizerError::UnknownSetting { .. })
                        if schedule != Schedule::Constant =>
                    {
                        schedule = schedule
                            .with_setting(key, value)
                            .map_err(|error| setting(error.to_string()))?;
                    }
                    Err(error) => return Err(setting(error.to_string())),
                },
            }
        }
        let source = match (name, value) {
            ("schedule", Some(file)) => Source::ScheduleFile(file.into()),
            ("controller", Some(file)) => Source::ControllerFile(file.into()),
            ("schedule" | "controller", None) => {
                return Err(setting(format!("expected {name}:FILE")));
            }
            (_, None) => Source::Schedule {
                schedule,
                peak: method.usual_learning_rate(),
            },
            (_, Some(text)) => {
                let rate = text
                    .parse()
                    .ok()
                    .filter(|rate: &f32| rate.is_finite() && *rate > 0.0);
                let peak = rate.ok_or_else(|| CompetitorError::LearningRate {
                    item: item.to_owned(),
                    value: text.to_owned(),
                })?;
                Source::Schedule { schedule, peak }
            }
        };
        Ok(Self {
            name: item.to_owned(),
            method,
            source,
        })
    }

    /// The competitor, with what stands in its file.
    ///
    /// # Errors
    /// The file cannot be read or used.
    pub fn load(self) -> Result<Competitor, CompetitorError> {
        let Self {
            name,
            method,
            source,
        } = self;
        let steering = match source {
            Source::Schedule { schedule, peak } => Steering::Schedule { schedule, peak },
            Source::ScheduleFile(path) => Steering::Recorded(read_schedule(&path)?),
            Source::ControllerFile(path) => {
                return Ok(Competitor {
                    name,
                    ..Competitor::controller(load_controller(&path)?)
                });
            }
        };
        Ok(Competitor {
            name,
            method,
            steering,
        })
    }
}

impl Competitor {
    /// The competitor that a trained controller is.
    #[must_use]
    pub fn controller(controller: Controller) -> Self {
        Self {
            name: CONTROLLER.to_owned(),
            method: *controller.method(),
            steering: Steering::Controller(Box::new(controller)),
        }
    }

    /// Reads a list of competitors and loads all of them.
    ///
    /// # Errors
    /// [`CompetitorError`], naming the item or the file.
    pub fn load_list(list: &str) -> Result<Vec<Self>, CompetitorError> {
        Item::parse_list(list)?
            .into_iter()
            .map(Item::load)
            .collect()
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
                json!({"optimizer": optimizer, "provenance": controller.provenance()})
            }
        }
    }
}

/// The controller of a file, or of the run folder `path`.
///
/// # Errors
/// The file cannot be read or used.
pub fn load_controller(path: &Path) -> Result<Controller, ControllerError> {
    if path.is_dir() {
        Controller::load(path.join("controller.safetensors"))
    } else {
        Controller::load(path)
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

/// A recorded schedule: one η a line (the last column where a line has commas), after at most one line of headings;
/// or a JSON list of numbers.
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
        let mut rates = Vec::new();
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let last = line.rsplit(',').next().unwrap_or_default().trim();
            match last.parse() {
                Ok(rate) => rates.push(rate),
                Err(_) if number == 0 => {} // headings
                Err(_) => {
                    return Err(broken(format!(
                        "line {}: `{last}` is not a number",
                        number + 1
                    )));
                }
            }
        }
        rates
    };
    match rates
        .iter()
        .position(|rate| !(rate.is_finite() && *rate >= 0.0))
    {
        _ if rates.is_empty() => Err(broken("it has no learning rate".to_owned())),
        Some(position) => Err(broken(format!(
            "learning rate {} is {}; expected a number, 0 or more",
            position + 1,
            rates[position]
        ))),
        None => Ok(rates),
    }
}

#[cfg(test)]
mod tests;
