//! Settings as text: tables, numbers as people write them, and the nearest known name.

use serde::Serialize;
use toml::{Table, Value};

/// The settings as a table. Numbers that are single-precision values are written as briefly as they can be
/// (0.1, not 0.10000000149011612).
///
/// # Panics
/// If they hold a value that TOML does not know.
#[must_use]
pub fn table_of(settings: &impl Serialize) -> Table {
    fn shorten(value: &mut Value) {
        match value {
            Value::Float(number) if number.is_finite() && f64::from(*number as f32) == *number => {
                *number = shortest(*number as f32);
            }
            Value::Array(values) => values.iter_mut().for_each(shorten),
            Value::Table(table) => table.iter_mut().for_each(|(_, value)| shorten(value)),
            _ => {}
        }
    }
    let mut table =
        Table::try_from(settings).expect("settings have only kinds of values that TOML knows");
    table.iter_mut().for_each(|(_, value)| shorten(value));
    table
}

/// The double-precision number that is written as `number` is (0.1, not 0.10000000149011612).
#[must_use]
pub fn shortest(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(f64::from(number))
}

/// Less alike than this is no slip of the fingers.
const SIMILAR: f64 = 0.7;

/// The end of a message about an unknown name: "; did you mean …?" with the most similar of `known`, or nothing if none
/// is similar.
#[must_use]
pub fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let nearest = nearest(name, known);
    match strsim::jaro_winkler(&name.to_lowercase(), nearest) >= SIMILAR {
        true => format!("; did you mean `{nearest}`?"),
        false => String::new(),
    }
}

/// The most similar of `known` to `name`, or an empty string if there are none.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> &'a str {
    let name = name.to_lowercase();
    let similarity = |candidate: &&str| strsim::jaro_winkler(&name, candidate);
    known
        .into_iter()
        .max_by(|a, b| similarity(a).total_cmp(&similarity(b)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_similar_is_suggested() {
        let known = ["adam", "sgd", "momentum"];
        assert_eq!(suggestion("adem", known), "; did you mean `adam`?");
        assert_eq!(suggestion("Momentun", known), "; did you mean `momentum`?");
        assert_eq!(suggestion("cfg", known), "");
        assert_eq!(suggestion("cfg", []), "");
    }
}
