//! Combines a preset, a file and `KEY=VALUE` settings into a complete [`Configuration`].
//!
//! Settings replace those of the preset, as a TOML table, key by key. Files and the command line use the same
//! mechanism. A key that the table doesn't have is unknown; where a section's `name` picks one of several kinds,
//! changing it first replaces the section by that kind's defaults.

use std::path::Path;

use descender_agent::AgentSettings;
use descender_control::{ActionSettings, ObservationSettings};
use descender_env::{RewardSettings, StartLearningRate};
use descender_optim::{Method, Schedule};
use descender_task::{Goal, Task};
use serde::{Serialize, de::DeserializeOwned};
use toml::{Table, Value};

use descender_record::read_text;
use descender_record::settings_text::table_of;

use super::{Configuration, ConfigurationError, Preset};

/// The most bytes of a file of settings.
const MOST_BYTES: u64 = 1 << 20;

/// Applies settings on top of a preset; later ones win.
#[derive(Clone, Debug)]
pub struct Resolver {
    table: Table,
    /// The preset that was requested by name, if any.
    asked: Option<String>,
    /// What was changed, in order.
    changes: Vec<Change>,
}

/// One change of the table, which always holds values of the right kinds.
#[derive(Clone, Debug)]
struct Change {
    /// The full key of the setting, or of the section whose kind was chosen.
    path: String,
    /// What stood there before.
    before: Value,
    /// The file that the change comes from, if it comes from one.
    file: Option<String>,
}

impl Resolver {
    /// Begins with the requested preset, or with `quick`, which a file may then replace.
    ///
    /// # Errors
    /// [`ConfigurationError::UnknownPreset`].
    pub fn new(preset: Option<&str>) -> Result<Self, ConfigurationError> {
        Ok(Self {
            table: table_of(&Preset::by_name(preset.unwrap_or("quick"))?.configuration()),
            asked: preset.map(str::to_owned),
            changes: Vec::new(),
        })
    }

    /// Begins with a configuration.
    #[must_use]
    pub fn over(configuration: &Configuration) -> Self {
        Self {
            table: table_of(configuration),
            asked: None,
            changes: Vec::new(),
        }
    }

    /// The configuration from TOML text that has every setting, as [`Configuration::to_toml`] writes it.
    ///
    /// # Errors
    /// Those of [`Resolver::text`] and [`Resolver::finish`], or a setting is missing.
    pub fn complete(text: &str) -> Result<Configuration, ConfigurationError> {
        let resolver = Self::new(None)?.lay_text("the settings", text)?;
        let given = Self {
            table: text.parse().unwrap_or_default(),
            asked: None,
            changes: Vec::new(),
        };
        let keys = resolver.keys();
        let missing = keys.into_iter().find(|key| given.get(key).is_none());
        if let Some(missing) = missing {
            return Err(ConfigurationError::value(
                missing,
                "is missing; expected every setting of a run",
            ));
        }
        resolver.finish()
    }

    /// Applies a TOML file to the settings. Its key `preset`, if it has one, names the preset to begin with.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or has unknown keys or wrong values.
    pub fn file(self, path: &Path) -> Result<Self, ConfigurationError> {
        let source_name = path.display().to_string();
        let text = read_text(path, MOST_BYTES).map_err(ConfigurationError::Read)?;
        self.text(&source_name, &text)
    }

    /// Applies TOML text to the settings.
    ///
    /// # Errors
    /// The text is not TOML, or has unknown keys or wrong values.
    pub fn text(self, source_name: &str, text: &str) -> Result<Self, ConfigurationError> {
        let before = self.changes.len();
        let laid = self.lay_text(source_name, text);
        let mut laid = laid.map_err(|error| match error {
            error @ ConfigurationError::Syntax { .. } => error,
            error => error.in_file(source_name),
        })?;
        // A file that names its preset begins anew.
        let begun = before.min(laid.changes.len());
        for change in &mut laid.changes[begun..] {
            change.file = Some(source_name.to_owned());
        }
        Ok(laid)
    }

    fn lay_text(mut self, source_name: &str, text: &str) -> Result<Self, ConfigurationError> {
        let table: Table =
            text.parse()
                .map_err(|error: toml::de::Error| ConfigurationError::Syntax {
                    source_name: source_name.to_owned(),
                    message: in_one_line(&error),
                })?;
        if let Some(preset) = table.get("preset") {
            let name = preset.as_str().ok_or_else(|| {
                ConfigurationError::value("preset", "expected the name of a preset")
            })?;
            if let Some(asked) = self.asked.as_ref().filter(|asked| *asked != name) {
                let message = format!("is `{name}`, but `{asked}` was asked for");
                return Err(ConfigurationError::value("preset", message));
            }
            self = Self::new(Some(name))?;
        }
        self.lay("", table)?;
        Ok(self)
    }

    /// Applies one `KEY=VALUE` to the settings. KEY is a full dotted key, or the end of one if only one setting ends in
    /// it. VALUE is a TOML value; anything else is taken as a string.
    ///
    /// # Errors
    /// Not an assignment, an unknown or ambiguous key.
    pub fn set(mut self, assignment: &str) -> Result<Self, ConfigurationError> {
        let (key, value) = assignment
            .split_once('=')
            .ok_or_else(|| ConfigurationError::NotAnAssignment(assignment.to_owned()))?;
        let key = self.full_key(key.trim())?;
        if key == "preset" {
            return Err(ConfigurationError::value(
                key,
                "cannot be set; choose a preset with --preset",
            ));
        }
        let value = parse_value(value.trim());
        let (section, last) = key.rsplit_once('.').unwrap_or(("", &key));
        self.lay(section, Table::from_iter([(last.to_owned(), value)]))?;
        Ok(self)
    }

    /// Sets the whole budget: everything that depends on the length of a descent
    /// ([`Configuration::with_budget`]).
    ///
    /// # Errors
    /// A value of the wrong kind.
    pub fn budget(mut self, steps: u64) -> Result<Self, ConfigurationError> {
        let configuration: Configuration = self.table.clone().try_into().map_err(misfit)?;
        self.table = table_of(&configuration.with_budget(steps));
        Ok(self)
    }

    /// Adapts the settings to the task of a file: its steps, its objective, and rivals that are tuned for it.
    ///
    /// # Errors
    /// A value of the wrong kind.
    pub fn task_file(mut self, task: &Task) -> Result<Self, ConfigurationError> {
        self = self.budget(task.steps)?;
        let objective = match task.goal {
            Goal::FirstHit(threshold) => {
                self = self.set(&format!("environment.threshold={threshold}"))?;
                "first-hit"
            }
            Goal::ValidationLoss => {
                self = self.set("environment.reward.name=final-loss")?;
                "validation-loss"
            }
        };
        let rivals = [
            "tuned:schedule-free-adamw;warmup=0.05;beta2=0.99/0.999",
            "tuned:linear;optimizer=adamw;warmup=0.05",
            "tuned:one-cycle;optimizer=adam",
        ];
        let tuned = rivals
            .map(|rival| format!("{rival};for={objective},"))
            .concat();
        self.set(&format!(
            "comparison.against={tuned}adam:0.001,anchor,replay"
        ))
    }

    /// The complete, checked configuration.
    ///
    /// # Errors
    /// A value of the wrong kind, or one that [`Configuration::check`] rejects.
    pub fn finish(self) -> Result<Configuration, ConfigurationError> {
        let checked = |table: &Table| {
            let configuration: Configuration = table.clone().try_into().map_err(misfit)?;
            configuration.check().map(|()| configuration)
        };
        checked(&self.table).map_err(|error| {
            // Whose undoing heals it is at fault.
            let heals = |change: &&Change| {
                let mut undone = self.clone();
                if let Some(place) = undone.get_mut(&change.path) {
                    place.clone_from(&change.before);
                }
                checked(&undone.table).is_ok()
            };
            let culprit = self.changes.iter().rev().find(heals);
            match culprit.and_then(|change| change.file.as_deref()) {
                Some(file) => error.in_file(file),
                None => error,
            }
        })
    }

    /// Applies one string setting with a full key.
    ///
    /// # Errors
    /// The key is unknown or takes no string.
    pub fn set_string(mut self, key: &str, value: &str) -> Result<Self, ConfigurationError> {
        self.lay(
            "",
            Table::from_iter([(key.to_owned(), Value::String(value.to_owned()))]),
        )?;
        Ok(self)
    }

    fn lay(&mut self, section: &str, mut over: Table) -> Result<(), ConfigurationError> {
        // The kind first: it decides which keys the section has.
        if let Some(name) = over.remove("name") {
            self.choose_kind(section, &name)?;
        }
        for (key, value) in over {
            let path = join(section, &key);
            match (self.get(&path), value) {
                (None, _) => return Err(self.unknown(&path)),
                (Some(Value::Table(_)), Value::Table(inner)) => self.lay(&path, inner)?,
                // `agent=ppo` for `agent.name=ppo`, where a section has kinds.
                (Some(Value::Table(kinds)), value @ Value::String(_))
                    if kinds.contains_key("name") =>
                {
                    self.choose_kind(&path, &value)?;
                }
                (Some(Value::Table(_)), _) => {
                    return Err(ConfigurationError::value(
                        path,
                        "is a section; expected its keys, not a value",
                    ));
                }
                (Some(known), value) => {
                    let before = known.clone();
                    let value = same_kind(known, value)
                        .map_err(|message| ConfigurationError::value(&path, message))?;
                    *self.get_mut(&path).expect("the key was found above") = value;
                    // The table could be read before, so what can't be read now is this value.
                    if let Err(error) = self.table.clone().try_into::<Configuration>() {
                        return Err(ConfigurationError::value(path, error.message()));
                    }
                    self.changed(path, before);
                }
            }
        }
        Ok(())
    }

    pub(super) fn choose_kind(
        &mut self,
        section: &str,
        name: &Value,
    ) -> Result<(), ConfigurationError> {
        let key = join(section, "name");
        let Some(known) = self.get(&key) else {
            return Err(self.unknown(&key));
        };
        if known == name {
            return Ok(());
        }
        let Some(text) = name.as_str() else {
            return Err(ConfigurationError::value(
                key,
                format!("is {name}; expected a name"),
            ));
        };
        let kind = Table::from_iter([("name".to_owned(), name.clone())]);
        let defaults = match section {
            "optimizer" => defaults_of::<Method>(kind),
            "agent" => defaults_of::<AgentSettings>(kind),
            "environment.reward" => defaults_of::<RewardSettings>(kind),
            "environment.start_learning_rate" => defaults_of::<StartLearningRate>(kind),
            "environment.control.observation" => defaults_of::<ObservationSettings>(kind),
            "environment.control.action" => defaults_of::<ActionSettings>(kind),
            "environment.control.safety.fallback.schedule" => defaults_of::<Schedule>(kind),
            _ => return Err(self.unknown(&key)),
        }
        .map_err(|message| ConfigurationError::value(key, format!("`{text}`: {message}")))?;
        let place = self
            .get_mut(section)
            .expect("the section holds the key found above");
        let before = std::mem::replace(place, Value::Table(defaults));
        self.changed(section.to_owned(), before);
        Ok(())
    }

    fn changed(&mut self, path: String, before: Value) {
        self.changes.push(Change {
            path,
            before,
            file: None,
        });
    }

    pub(super) fn get(&self, path: &str) -> Option<&Value> {
        let (first, rest) = path
            .split_once('.')
            .map_or((path, None), |(first, rest)| (first, Some(rest)));
        let mut value = self.table.get(first)?;
        for part in rest.into_iter().flat_map(|rest| rest.split('.')) {
            value = value.as_table()?.get(part)?;
        }
        Some(value)
    }

    fn get_mut(&mut self, path: &str) -> Option<&mut Value> {
        let (first, rest) = path
            .split_once('.')
            .map_or((path, None), |(first, rest)| (first, Some(rest)));
        let mut value = self.table.get_mut(first)?;
        for part in rest.into_iter().flat_map(|rest| rest.split('.')) {
            value = value.as_table_mut()?.get_mut(part)?;
        }
        Some(value)
    }

    fn full_key(&self, key: &str) -> Result<String, ConfigurationError> {
        if self.get(key).is_some() {
            return Ok(key.to_owned());
        }
        let ending = format!(".{key}");
        // A section that has kinds goes by its last part, too.
        let kind = format!("{ending}.name");
        let mut found: Vec<String> = (self.keys().into_iter())
            .filter_map(|known| match known.ends_with(&kind) {
                true => known.strip_suffix(".name").map(str::to_owned),
                false => known.ends_with(&ending).then_some(known),
            })
            .collect();
        match found.len() {
            0 => Err(self.unknown(key)),
            1 => Ok(found.remove(0)),
            _ => Err(ConfigurationError::AmbiguousKey {
                key: key.to_owned(),
                candidates: found.join(", "),
            }),
        }
    }

    fn unknown(&self, key: &str) -> ConfigurationError {
        ConfigurationError::UnknownKey {
            key: key.to_owned(),
            suggestion: nearest_key(key, &self.keys())
                .map_or(String::new(), |key| format!("; did you mean `{key}`?")),
        }
    }

    pub(super) fn keys(&self) -> Vec<String> {
        fn collect(prefix: &str, table: &Table, keys: &mut Vec<String>) {
            for (key, value) in table {
                let path = join(prefix, key);
                match value {
                    Value::Table(inner) => collect(&path, inner, keys),
                    _ => keys.push(path),
                }
            }
        }
        let mut keys = Vec::new();
        collect("", &self.table, &mut keys);
        keys
    }
}

/// The known dotted key most similar to `key`, by its whole or by its last part; `None` if none is similar.
fn nearest_key(key: &str, known: &[String]) -> Option<String> {
    /// Less alike than this is no slip of the fingers.
    const SIMILAR: f64 = 0.7;
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let similarity = |candidate: &String| {
        let whole = strsim::normalized_damerau_levenshtein(key, candidate);
        whole.max(strsim::normalized_damerau_levenshtein(
            &last(key),
            &last(candidate),
        ))
    };
    known
        .iter()
        .filter(|candidate| similarity(candidate) >= SIMILAR)
        .max_by(|a, b| similarity(a).total_cmp(&similarity(b)))
        .cloned()
}

/// The parser's message with its place: "line 3, column 5: …".
fn in_one_line(error: &toml::de::Error) -> String {
    let text = error.to_string();
    let place = text
        .lines()
        .next()
        .and_then(|line| line.split_once("at "))
        .map(|(_, place)| place);
    place.map_or_else(
        || error.message().to_owned(),
        |place| format!("{place}: {}", error.message()),
    )
}

fn join(section: &str, key: &str) -> String {
    if section.is_empty() {
        key.to_owned()
    } else {
        format!("{section}.{key}")
    }
}

fn parse_value(text: &str) -> Value {
    format!("value = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Accepts a value of the same kind as the known one; whole numbers are accepted as floats.
fn same_kind(known: &Value, value: Value) -> Result<Value, String> {
    match (known, value) {
        (Value::Float(_), Value::Integer(number)) => Ok(Value::Float(number as f64)),
        (known, value) if known.same_type(&value) => Ok(value),
        (known, value) => Err(format!("is {value}; expected {}", kind(known))),
    }
}

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
        Value::Datetime(_) => "a date",
    }
}

fn defaults_of<T: DeserializeOwned + Serialize>(kind: Table) -> Result<Table, String> {
    let settings: T = kind
        .try_into()
        .map_err(|error: toml::de::Error| error.message().to_owned())?;
    Ok(table_of(&settings))
}

/// Why a table is no configuration, where no single setting is at fault.
fn misfit(error: toml::de::Error) -> ConfigurationError {
    ConfigurationError::value("configuration", error.message())
}

#[cfg(test)]
mod tests;
