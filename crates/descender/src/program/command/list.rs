//! `descender list`: what can be named in settings and on the command line.

use descender_agent::AgentSettings;
use descender_compare::contender::{CONTROLS, NegativeControl, PANEL, TUNING_STARTS, panel};
use descender_control::{ActionSettings, ObservationSettings, SHIPPED};
use descender_env::RewardSettings;
use descender_jobs::JobSet;
use descender_optim::{Method, Schedule};
use descender_task::Task;
use descender_train::configuration::{PRESETS, SettingInfo, list_settings};
use serde::Serialize;

use crate::program::arguments::{ListArguments, Subject};
use crate::program::failure::Failure;
use crate::program::printer::Printer;

/// A name with one line about it.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    description: String,
}

pub(crate) fn run(arguments: &ListArguments, printer: &Printer) -> Result<(), Failure> {
    if let (Subject::Settings, true) = (arguments.subject, arguments.json) {
        return printer.json(&list_settings());
    }
    let entries = entries(arguments.subject);
    if arguments.json {
        return printer.json(&entries);
    }
    let width = entries
        .iter()
        .map(|entry| entry.name.len())
        .max()
        .unwrap_or(0);
    for entry in &entries {
        printer.result(format_args!("{:width$}  {}", entry.name, entry.description))?;
    }
    if entries.is_empty() {
        printer.message("none yet");
    }
    Ok(())
}

fn entries(subject: Subject) -> Vec<Entry> {
    let pairs = |names: &[(&str, &str)]| {
        names
            .iter()
            .map(|(name, description)| entry(name, description))
            .collect()
    };
    match subject {
        Subject::Tasks => Task::list()
            .iter()
            .map(|task| entry(task.name, task.description))
            .chain(
                (JobSet::built_in().iter())
                    .map(|set| entry(&set.name, &format!("set of jobs: {}", set.about))),
            )
            .collect(),
        Subject::Optimizers => {
            let methods = Method::names().into_iter().map(|known| {
                let settings = settings(&known.settings);
                entry(
                    known.name,
                    &format!(
                        "{} (usual η {}){settings}",
                        known.description, known.learning_rate
                    ),
                )
            });
            let schedules = Schedule::names().into_iter().map(|known| {
                let settings = settings(&known.settings);
                entry(
                    known.name,
                    &format!("schedule: {}{settings}", known.description),
                )
            });
            let controls = NegativeControl::ALL.map(|control| {
                (
                    control.name(),
                    format!("control: {}", control.description()),
                )
            });
            let others = [
                (
                    "tuned:NAME",
                    format!(
                        "NAME at the best settings of a search on starts of its own  [for=first-hit|validation-loss;starts={TUNING_STARTS};grid=A/B/…;KEY=A/B/…]"
                    ),
                ),
                (
                    "schedule:FILE",
                    "schedule: recorded hyper-parameters of each step (see `descender export schedule`)".to_owned(),
                ),
                ("controller:FILE", "another controller".to_owned()),
                (PANEL, format!("the standing panel of strong rivals, each tuned for each objective: {} methods", panel().count())),
            ];
            let all = (CONTROLS, "all controls".to_owned());
            let others = others.into_iter().chain(controls).chain([all]);
            let others = others.map(|(name, description)| entry(name, &description));
            methods.chain(schedules).chain(others).collect()
        }
        Subject::Agents => pairs(AgentSettings::names()),
        Subject::Rewards => pairs(RewardSettings::names()),
        Subject::Observations => pairs(ObservationSettings::names()),
        Subject::Actions => pairs(ActionSettings::names()),
        Subject::Presets => PRESETS
            .iter()
            .map(|preset| entry(preset.name, preset.description))
            .collect(),
        Subject::Settings => list_settings().into_iter().map(of_setting).collect(),
        Subject::Controllers => (SHIPPED.iter())
            .map(|shipped| entry(shipped.name, shipped.description))
            .collect(),
    }
}

/// ` key=value;key=value`, as the command line takes them.
fn settings(settings: &[(&str, String)]) -> String {
    let assignments: Vec<String> = settings
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if assignments.is_empty() {
        String::new()
    } else {
        format!("  [{}]", assignments.join(";"))
    }
}

fn of_setting(setting: SettingInfo) -> Entry {
    let kinds = match setting.kinds.as_slice() {
        [] => String::new(),
        kinds => format!("  [{}]", kinds.join(", ")),
    };
    let SettingInfo {
        key,
        value,
        default,
        meaning,
        ..
    } = setting;
    Entry {
        name: key,
        description: format!("{meaning} ({value}; {default}){kinds}"),
    }
}

fn entry(name: &str, description: &str) -> Entry {
    Entry {
        name: name.to_owned(),
        description: description.to_owned(),
    }
}
