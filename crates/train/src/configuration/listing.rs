//! All settings with their types, defaults and meanings.
//!
//! Keys, types and defaults come from the settings themselves: those of the preset `quick`, and where a section's `name`
//! picks one of several kinds, the defaults of every kind. The meanings are a table beside them ([`meaning`]), and a test
//! holds that it has exactly the keys that there are.

use descender_agent::AgentSettings;
use descender_control::{ActionSettings, ObservationSettings};
use descender_env::RewardSettings;
use descender_optim::{Method, Schedule};
use serde::Serialize;
use toml::Value;

use super::meaning::meaning;
use super::resolve::{Resolver, kind};

/// A setting, as a key of `config.toml`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingInfo {
    /// The dotted key.
    pub key: String,
    /// The kinds of its section that have it, by their names; empty if all have it, or if there are no kinds.
    pub kinds: Vec<String>,
    /// What a value is, such as "a whole number".
    #[serde(rename = "type")]
    pub value: &'static str,
    /// The value in the preset `quick`, or else the default of the kind; as in TOML.
    pub default: String,
    /// What it does.
    pub meaning: &'static str,
}

/// The sections whose `name` picks a kind, with the names.
fn sections() -> Vec<(&'static str, Vec<&'static str>)> {
    let first = |names: &[(&'static str, &str)]| names.iter().map(|(name, _)| *name).collect();
    let methods = Method::names().iter().map(|known| known.name).collect();
    let usable = |schedule: &Schedule| !schedule.watches_losses();
    let schedules = Schedule::names()
        .iter()
        .filter(|known| usable(&known.schedule))
        .map(|known| known.name)
        .collect();
    vec![
        ("agent", first(AgentSettings::names())),
        ("environment.control.action", first(ActionSettings::names())),
        (
            "environment.control.observation",
            first(ObservationSettings::names()),
        ),
        ("environment.control.safety.fallback.schedule", schedules),
        ("environment.reward", first(RewardSettings::names())),
        (
            "environment.start_learning_rate",
            vec!["fixed", "log-uniform"],
        ),
        ("optimizer", methods),
    ]
}

/// Every setting: those that a run of the preset `quick` has, in the order of its `config.toml`, and after each section
/// with several kinds those of the other kinds.
#[must_use]
pub fn list_settings() -> Vec<SettingInfo> {
    let quick = Resolver::new(None).expect("the program has the preset `quick`");
    let mut settings: Vec<SettingInfo> = Vec::new();
    let mut add = |resolver: &Resolver, key: String, of: Option<&str>| {
        let value = resolver.get(&key).expect("a table has its own keys");
        let (value, default) = (kind(value), shown(value));
        let same = |known: &&mut SettingInfo| known.key == key && known.default == default;
        match (settings.iter_mut().find(same), of) {
            (Some(known), Some(of)) => known.kinds.push(of.to_owned()),
            (Some(_), None) => {}
            (None, _) => settings.push(SettingInfo {
                kinds: of.into_iter().map(str::to_owned).collect(),
                value,
                default,
                meaning: meaning(&key).unwrap_or_default(),
                key,
            }),
        }
    };
    let sections = sections();
    let section_of = |key: &str| {
        let of = |section: &&str| {
            key.strip_prefix(*section)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        sections.iter().map(|(section, _)| *section).find(of)
    };
    let mut done: Vec<&str> = Vec::new();
    for key in quick.keys() {
        let Some(section) = section_of(&key) else {
            add(&quick, key, None);
            continue;
        };
        if done.contains(&section) {
            continue;
        }
        done.push(section);
        add(&quick, format!("{section}.name"), None);
        let names = sections.iter().find(|(known, _)| *known == section);
        for name in names.into_iter().flat_map(|(_, names)| names) {
            let mut other = quick.clone();
            let chosen = other.choose_kind(section, &Value::String((*name).to_owned()));
            chosen.expect("a kind that is built in has defaults");
            for key in other.keys() {
                if section_of(&key) == Some(section) && key != format!("{section}.name") {
                    add(&other, key, Some(name));
                }
            }
        }
    }
    settings
}

/// A value as in TOML; a list of tables by their number.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(list) if list.iter().any(Value::is_table) => format!("{} tables", list.len()),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::meaning::MEANINGS;
    use super::super::{PRESETS, Resolver};
    use super::*;

    #[test]
    fn every_key_of_every_preset_is_listed() {
        let settings = list_settings();
        for preset in PRESETS {
            for key in Resolver::new(Some(preset.name)).unwrap().keys() {
                assert!(settings.iter().any(|known| known.key == key), "{key}");
            }
        }
        let discount = settings
            .iter()
            .find(|known| known.key == "agent.discount")
            .unwrap();
        assert_eq!(discount.kinds, ["dqn"]);
        assert_eq!(discount.value, "a number");
        let steps = settings
            .iter()
            .find(|known| known.key == "environment.steps")
            .unwrap();
        assert_eq!(
            (steps.value, steps.default.as_str()),
            ("a whole number", "500")
        );
    }

    /// If this fails, add the meaning of the new setting to `meaning.rs`, or remove that of the old one.
    #[test]
    fn every_setting_has_a_meaning_and_every_meaning_a_setting() {
        let settings = list_settings();
        let without: Vec<&str> = (settings.iter())
            .filter(|setting| setting.meaning.is_empty())
            .map(|setting| setting.key.as_str())
            .collect();
        assert_eq!(without, [""; 0]);
        for (key, _) in MEANINGS {
            assert!(settings.iter().any(|known| known.key == *key), "{key}");
        }
    }
}
