//! An item of a list of contenders, as on the command line.
//!
//! Items are separated by commas:
//!
//! | item | what it is |
//! |---|---|
//! | `NAME`, `NAME:η` | an optimizer with a constant η, or a schedule with its peak η over SGD |
//! | `schedule:FILE` | η, and possibly other hyper-parameters, for each step ([`ScheduleFile`]) |
//! | `controller:FILE` | another controller |
//! | `tuned:NAME` | an optimizer or schedule with the best settings of a search ([`Tuned`]) |
//! | `panel` | the standing panel of tuned rivals ([`panel`](super::panel())) |
//! | `untrained`, `anchor`, `blind`, `replay`, `random` | a negative control of the comparison's controller ([`NegativeControl`]) |
//! | `controls` | all negative controls |
//!
//! `none` is the empty list: a controller alone.
//!
//! Further settings follow after `;` as `key=value`: those of the optimizer and of the schedule; `optimizer=momentum`
//! for a schedule over another optimizer (default: the one that a recorded schedule names, or SGD); `schedule=linear`
//! for an optimizer under a schedule; `warmup=0.05` for a linear rise of η in that share of the steps before any schedule.
//! A tuned method has `starts=8`, `grid=0.05/0.1/0.2`, `for=first-hit` or `for=validation-loss`, and may list several values of
//! any setting, `beta2=0.99/0.999`: all combinations are tried.
//!
//! A file with `,` or `;` in its path stands in double quotes: `schedule:"a, b/s.csv";optimizer=adam` ([`quotes`]).

use std::path::{Path, PathBuf};

use descender_optim::{Method, OptimizerError, Schedule};

use super::quotes::{split_outside_quotes, unquoted};
use super::{
    CALIBRATION_STARTS, Contender, ContenderError, Entry, NegativeControl, Objective, PANEL,
    ScheduleFile, Setup, Steering, TUNED, TUNING_STARTS, Tuned, default_grid, load_controller,
    panel,
};
use crate::compare::Part;
use crate::comparison::Role;
use descender_record::settings_text::suggestion;

/// The empty list: a controller alone.
const NONE: &str = "none";

/// The setting of every schedule: the share of the steps in which η rises.
const WARMUP: &str = "warmup";

/// The item that stands for all negative controls.
pub const CONTROLS: &str = "controls";

/// The most values of a grid, the most combinations of other settings, and the most starts on which each is tried.
const MOST_TUNING: u64 = 1000;

/// An item of a list of contenders, parsed but not loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct ContenderSpecification {
    name: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Schedule {
        setup: Setup,
        peak: f32,
    },
    ScheduleFile {
        /// The optimizer that the item names. Without one, it is the file's, or SGD.
        method: Option<Method>,
        path: PathBuf,
    },
    ControllerFile(PathBuf),
    NegativeControl(NegativeControl),
    /// Its name is that of the item.
    Tuned(Tuned),
}

/// Settings after the first `;`, in their order.
type Settings<'a> = Vec<(&'a str, &'a str)>;

impl ContenderSpecification {
    /// Reads a list of contenders, as `--against` takes it.
    ///
    /// # Errors
    /// [`ContenderError`], naming the item.
    pub fn parse_list(list: &str) -> Result<Vec<Self>, ContenderError> {
        let mut items = Vec::new();
        if list.trim() == NONE {
            return Ok(items);
        }
        for item in split_outside_quotes(list, ',')?.into_iter().map(str::trim) {
            match item {
                "" => return Err(ContenderError::Empty(list.to_owned())),
                NONE => return Err(refused(item, "is a list of its own")),
                CONTROLS => items.extend(NegativeControl::ALL.map(|control| Self {
                    name: control.name().to_owned(),
                    kind: Kind::NegativeControl(control),
                })),
                PANEL => {
                    for item in panel() {
                        items.push(Self::parse(&item)?);
                    }
                }
                item => items.push(Self::parse(item)?),
            }
        }
        Ok(items)
    }

    /// Reads one item.
    ///
    /// # Errors
    /// [`ContenderError`], naming the item.
    pub fn parse(item: &str) -> Result<Self, ContenderError> {
        let mut parts = split_outside_quotes(item, ';')?.into_iter();
        let head = parts.next().unwrap_or_default();
        let (name, value) = head
            .split_once(':')
            .map_or((head, None), |(name, value)| (name, Some(value)));
        let name = name.trim();
        let value = value.map(str::trim).filter(|value| !value.is_empty());
        let settings: Settings<'_> = parts
            .map(|part| {
                let (key, value) = part
                    .split_once('=')
                    .ok_or_else(|| refused(item, format!("`{part}` is not key=value")))?;
                Ok((key.trim(), value.trim()))
            })
            .collect::<Result<_, ContenderError>>()?;
        let kind = match (name, value) {
            ("schedule" | "controller", None) => {
                return Err(refused(item, format!("expected {name}:FILE")));
            }
            ("controller", Some(_)) if !settings.is_empty() => {
                return Err(refused(item, "a controller brings its own settings"));
            }
            ("controller", Some(file)) => Kind::ControllerFile(unquoted(file).into()),
            ("schedule", Some(file)) => Kind::ScheduleFile {
                method: recorded_method(item, &settings)?,
                path: unquoted(file).into(),
            },
            (name, _) if name.contains(['/', '\\', '.']) => {
                let message = "not the name of a method; expected schedule:FILE or controller:FILE, with double quotes around a \
                               file whose path has a `,` or `;`";
                return Err(refused(item, message));
            }
            (TUNED, value) => tuned(item, value, settings)?,
            (name, value) => match NegativeControl::by_name(name) {
                Some(_) if value.is_some() || !settings.is_empty() => {
                    return Err(refused(item, "a negative control takes no settings"));
                }
                Some(control) => Kind::NegativeControl(control),
                None => {
                    let setup = setup(item, name, &settings)?;
                    let usual = || Ok(setup.method.usual_learning_rate());
                    let peak = value.map_or_else(usual, |text| learning_rate(item, text))?;
                    Kind::Schedule { setup, peak }
                }
            },
        };
        Ok(Self {
            name: item.to_owned(),
            kind,
        })
    }

    /// The entry, with the contents of its file. A relative file name is relative to `folder`.
    ///
    /// # Errors
    /// The file cannot be read or used.
    pub fn load(self, folder: &Path) -> Result<Entry, ContenderError> {
        let name = self.name;
        let (method, steering) = match self.kind {
            Kind::Schedule { setup, peak } => (
                setup.method,
                Steering::Schedule {
                    schedule: setup.schedule,
                    peak,
                    warmup: setup.warmup,
                },
            ),
            Kind::ScheduleFile { method, path } => {
                let file = ScheduleFile::read(&folder.join(path))?;
                let method = method.or(file.method).unwrap_or(Method::Sgd);
                (method, Steering::Recorded(file.schedule))
            }
            Kind::ControllerFile(path) => {
                return Ok(Entry::Ready(Contender {
                    name,
                    role: Role::Rival,
                    ..Contender::controller(load_controller(&folder.join(path))?)
                }));
            }
            Kind::NegativeControl(control) => return Ok(Entry::NegativeControl(control)),
            Kind::Tuned(tuned) => return Ok(Entry::Tuned(tuned)),
        };
        Ok(Entry::Ready(Contender::rival(name, method, steering)))
    }

    /// The number of descents that the item adds to a part of a comparison from `starts` starts. All negative controls
    /// share those of the calibration. A search may go on beyond what is planned.
    #[must_use]
    pub fn descents(&self, part: Part, starts: u64) -> u64 {
        match (part, &self.kind) {
            (Part::Calibrating, Kind::NegativeControl(control)) if control.needs_calibration() => {
                CALIBRATION_STARTS
            }
            (Part::Tuning, Kind::Tuned(tuned)) => tuned.planned() * tuned.starts,
            (Part::Comparing, _) => starts,
            _ => 0,
        }
    }

    /// What was read.
    #[cfg(test)]
    pub(super) fn kind(&self) -> &Kind {
        &self.kind
    }
}

impl Entry {
    /// Reads a list of items and loads the files that it names.
    ///
    /// # Errors
    /// [`ContenderError`], naming the item or the file.
    pub fn load_list(list: &str) -> Result<Vec<Self>, ContenderError> {
        Self::load_list_in(list, Path::new(""))
    }

    /// Like [`Entry::load_list`], with file names relative to `folder`.
    ///
    /// # Errors
    /// [`ContenderError`], naming the item or the file.
    pub fn load_list_in(list: &str, folder: &Path) -> Result<Vec<Self>, ContenderError> {
        ContenderSpecification::parse_list(list)?
            .into_iter()
            .map(|item| item.load(folder))
            .collect()
    }
}

fn refused(item: &str, message: impl ToString) -> ContenderError {
    ContenderError::Setting {
        item: item.to_owned(),
        message: message.to_string(),
    }
}

/// The names of optimizers and schedules.
fn known_names() -> Vec<&'static str> {
    (Method::names().iter().map(|known| known.name))
        .chain(Schedule::names().iter().map(|known| known.name))
        .collect()
}

fn unknown(name: &str, known: Vec<&str>) -> ContenderError {
    ContenderError::UnknownName {
        name: name.to_owned(),
        suggestion: suggestion(name, known),
    }
}

fn optimizer(name: &str) -> Result<Method, ContenderError> {
    let known = || Method::names().iter().map(|known| known.name).collect();
    Method::by_name(name).ok_or_else(|| unknown(name, known()))
}

/// The optimizer and the schedule that `name` and the settings select.
fn setup(item: &str, name: &str, settings: &Settings<'_>) -> Result<Setup, ContenderError> {
    let (method, schedule) = match (Method::by_name(name), Schedule::by_name(name)) {
        (Some(method), _) => (method, Schedule::Constant),
        (None, Some(schedule)) => (Method::Sgd, schedule),
        (None, None) => {
            let mut known = known_names();
            known.extend(NegativeControl::ALL.map(NegativeControl::name));
            known.extend(["schedule", "controller", TUNED, CONTROLS, PANEL]);
            return Err(unknown(name, known));
        }
    };
    let setup = Setup {
        method,
        schedule,
        warmup: 0.0,
    };
    settings.iter().try_fold(setup, |setup, &(key, value)| {
        changed(item, setup, key, value)
    })
}

/// The setup with one more setting.
fn changed(item: &str, setup: Setup, key: &str, value: &str) -> Result<Setup, ContenderError> {
    let mut setup = setup;
    match key {
        "optimizer" => setup.method = optimizer(value)?,
        "schedule" => {
            let known = || Schedule::names().iter().map(|known| known.name).collect();
            setup.schedule = Schedule::by_name(value).ok_or_else(|| unknown(value, known()))?;
        }
        WARMUP => {
            let share = value
                .parse()
                .ok()
                .filter(|share| (0.0..1.0).contains(share));
            setup.warmup = share.ok_or_else(|| {
                let expected = "expected a share of the steps, at least 0 and below 1";
                refused(item, format!("{WARMUP}={value}: {expected}"))
            })?;
        }
        _ => match setup.method.with_setting(key, value) {
            Ok(method) => setup.method = method,
            // Not the optimizer's: the schedule's, if there is one.
            Err(OptimizerError::UnknownSetting { .. }) if setup.schedule != Schedule::Constant => {
                setup.schedule = (setup.schedule.with_setting(key, value))
                    .map_err(|error| refused(item, error))?;
            }
            Err(error) => return Err(refused(item, error)),
        },
    }
    Ok(setup)
}

/// The optimizer under a recorded schedule, if the settings say one.
fn recorded_method(item: &str, settings: &Settings<'_>) -> Result<Option<Method>, ContenderError> {
    settings
        .iter()
        .try_fold(None, |method, &(key, value)| match key {
            "optimizer" => optimizer(value).map(Some),
            _ => method
                .unwrap_or(Method::Sgd)
                .with_setting(key, value)
                .map(Some)
                .map_err(|error| refused(item, error)),
        })
}

fn tuned(item: &str, name: Option<&str>, settings: Settings<'_>) -> Result<Kind, ContenderError> {
    let name = name.ok_or_else(|| refused(item, "expected tuned:NAME, such as tuned:sgd"))?;
    if name.contains(':') {
        let message =
            "a tuned method takes no learning rate; say those to try as grid=0.05/0.1/0.2";
        return Err(refused(item, message));
    }
    if !known_names().contains(&name) {
        return Err(unknown(name, known_names()));
    }
    let (own, others): (Settings<'_>, _) = settings
        .into_iter()
        .partition(|(key, _)| ["starts", "grid", "for"].contains(key));
    let setups = setups(item, name, &others)?;
    let (mut grid, mut open) = (default_grid(&setups[0].method), true);
    let (mut starts, mut objective) = (TUNING_STARTS, Objective::default());
    for (key, value) in own {
        match key {
            "grid" => {
                open = false;
                grid = value
                    .split('/')
                    .map(|text| learning_rate(item, text.trim()))
                    .collect::<Result<_, _>>()?;
                grid.sort_by(f32::total_cmp);
                grid.dedup();
            }
            "for" => {
                objective = Objective::by_name(value).ok_or_else(|| {
                    let known = Objective::ALL.map(Objective::name).join(" or ");
                    refused(item, format!("for={value}: expected {known}"))
                })?;
            }
            _ => {
                let allowed = |starts: &u64| (1..=MOST_TUNING).contains(starts);
                starts = value.parse().ok().filter(allowed).ok_or_else(|| {
                    let expected = format!("expected a whole number from 1 to {MOST_TUNING}");
                    refused(item, format!("starts={value}: {expected}"))
                })?;
            }
        }
    }
    if grid.len() as u64 > MOST_TUNING {
        let message = format!(
            "a grid of {} values; expected at most {MOST_TUNING}",
            grid.len()
        );
        return Err(refused(item, message));
    }
    Ok(Kind::Tuned(Tuned {
        name: item.to_owned(),
        objective,
        setups,
        grid,
        open,
        starts,
    }))
}

/// All combinations of the settings. A value with `/` that is no value of the setting lists several.
fn setups(item: &str, name: &str, settings: &Settings<'_>) -> Result<Vec<Setup>, ContenderError> {
    let mut setups = vec![setup(item, name, &Vec::new())?];
    for &(key, value) in settings {
        let single = changed(item, setups[0].clone(), key, value);
        let values: Vec<&str> = match single {
            Err(_) if value.contains('/') => value.split('/').map(str::trim).collect(),
            _ => vec![value],
        };
        setups = setups
            .into_iter()
            .flat_map(|setup| values.iter().map(move |value| (setup.clone(), *value)))
            .map(|(setup, value)| changed(item, setup, key, value))
            .collect::<Result<_, _>>()?;
        if setups.len() as u64 > MOST_TUNING {
            let message = format!("more than {MOST_TUNING} combinations of settings");
            return Err(refused(item, message));
        }
    }
    Ok(setups)
}

fn learning_rate(item: &str, text: &str) -> Result<f32, ContenderError> {
    text.parse()
        .ok()
        .filter(|rate: &f32| rate.is_finite() && *rate > 0.0)
        .ok_or_else(|| ContenderError::LearningRate {
            item: item.to_owned(),
            value: text.to_owned(),
        })
}
