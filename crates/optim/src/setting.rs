//! Settings by name: the table through which a method or schedule is listed, checked and changed by `key=value`.
//!
//! Each optimizer or schedule gives one list of its settings, with what is allowed for each. Checking, listing and setting
//! from text all read that list, so a setting is described in one place only.

use crate::{EpsilonPlace, OptimizerError};

/// The numbers that a setting allows.
#[derive(Clone, Copy)]
pub(crate) enum Allowed {
    Finite,
    NonNegative,
    Positive,
    /// 0 ≤ x < 1.
    Decay,
    /// 0 ≤ x ≤ 1.
    Fraction,
    /// 0 < x ≤ 1.
    PositiveFraction,
    /// x ≥ 1.
    AtLeastOne,
    /// x ≥ 1, or 0 for no limit.
    Growth,
}

impl Allowed {
    fn contains(self, x: f64) -> bool {
        // Settings become f32 in a step, so a number beyond f32 is as bad as infinity.
        x.abs() <= f64::from(f32::MAX)
            && match self {
                Allowed::Finite => true,
                Allowed::NonNegative => x >= 0.0,
                Allowed::Positive => x > 0.0,
                Allowed::Decay => (0.0..1.0).contains(&x),
                Allowed::Fraction => (0.0..=1.0).contains(&x),
                Allowed::PositiveFraction => x > 0.0 && x <= 1.0,
                Allowed::AtLeastOne => x >= 1.0,
                Allowed::Growth => x == 0.0 || x >= 1.0,
            }
    }

    fn words(self) -> &'static str {
        match self {
            Allowed::Finite => "a finite number",
            Allowed::NonNegative => "a number of at least 0",
            Allowed::Positive => "a number above 0",
            Allowed::Decay => "a number of at least 0 and below 1",
            Allowed::Fraction => "a number from 0 to 1",
            Allowed::PositiveFraction => "a number above 0 and at most 1",
            Allowed::AtLeastOne => "a number of at least 1",
            Allowed::Growth => "a number of at least 1, or 0 for no limit",
        }
    }
}

/// The place where a setting lives.
pub(crate) enum Value<'a> {
    Number(&'a mut f64, Allowed),
    /// A whole number of at least 1.
    Count(&'a mut u64),
    /// A whole number of at least 0.
    Steps(&'a mut u64),
    /// Yes or no.
    Flag(&'a mut bool),
    /// Ascending fractions of the total number of steps; in text they are separated by `/`.
    Fractions(&'a mut Vec<f64>),
    Place(&'a mut EpsilonPlace),
}

/// One named setting.
pub(crate) type Setting<'a> = (&'static str, Value<'a>);

/// λ, the setting that most optimizers share.
pub(crate) fn weight_decay(lambda: &mut f64) -> Setting<'_> {
    ("weight_decay", Value::Number(lambda, Allowed::NonNegative))
}

const FRACTIONS: &str = "ascending numbers from 0 to 1, separated by /";
const PLACE: &str = "outside or inside";

fn ascending_fractions(numbers: &[f64]) -> bool {
    numbers.iter().all(|x| (0.0..=1.0).contains(x)) && numbers.is_sorted()
}

impl Value<'_> {
    /// The value as text, in the form that [`Value::set`] reads.
    fn text(&self) -> String {
        match self {
            Value::Number(x, _) => x.to_string(),
            Value::Count(n) | Value::Steps(n) => n.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Fractions(numbers) => numbers
                .iter()
                .map(f64::to_string)
                .collect::<Vec<_>>()
                .join("/"),
            Value::Place(EpsilonPlace::Outside) => "outside".into(),
            Value::Place(EpsilonPlace::Inside) => "inside".into(),
        }
    }

    /// What was expected, if the value is not allowed.
    fn fault(&self) -> Option<&'static str> {
        match self {
            Value::Number(x, allowed) => (!allowed.contains(**x)).then(|| allowed.words()),
            Value::Count(n) => (**n == 0).then_some("a whole number of at least 1"),
            Value::Fractions(numbers) => (!ascending_fractions(numbers)).then_some(FRACTIONS),
            Value::Place(_) | Value::Steps(_) | Value::Flag(_) => None,
        }
    }

    /// Reads the value from text; on failure says what was expected.
    fn set(&mut self, text: &str) -> Result<(), &'static str> {
        match self {
            Value::Number(x, allowed) => **x = text.parse().map_err(|_| allowed.words())?,
            Value::Count(n) => **n = text.parse().map_err(|_| "a whole number of at least 1")?,
            Value::Steps(n) => **n = text.parse().map_err(|_| "a whole number of at least 0")?,
            Value::Flag(flag) => **flag = text.parse().map_err(|_| "true or false")?,
            Value::Fractions(numbers) => {
                **numbers = text
                    .split('/')
                    .map(str::parse)
                    .collect::<Result<_, _>>()
                    .map_err(|_| FRACTIONS)?;
            }
            Value::Place(place) => {
                **place = match text {
                    "outside" => EpsilonPlace::Outside,
                    "inside" => EpsilonPlace::Inside,
                    _ => return Err(PLACE),
                }
            }
        }
        self.fault().map_or(Ok(()), Err)
    }
}

/// Refuses the first setting whose value is not allowed.
pub(crate) fn check(owner: &str, settings: Vec<Setting<'_>>) -> Result<(), OptimizerError> {
    for (key, value) in settings {
        if let Some(expected) = value.fault() {
            return Err(OptimizerError::InvalidValue {
                owner: owner.into(),
                key,
                value: value.text(),
                expected: expected.into(),
            });
        }
    }
    Ok(())
}

/// Gives the setting called `key` the value that `text` stands for.
pub(crate) fn set(
    owner: &str,
    settings: Vec<Setting<'_>>,
    key: &str,
    text: &str,
) -> Result<(), OptimizerError> {
    let known: Vec<_> = settings.iter().map(|(name, _)| *name).collect();
    for (name, mut value) in settings {
        if name == key {
            return value
                .set(text.trim())
                .map_err(|expected| OptimizerError::InvalidValue {
                    owner: owner.into(),
                    key: name,
                    value: format!("\"{text}\""),
                    expected: expected.into(),
                });
        }
    }
    Err(OptimizerError::UnknownSetting {
        owner: owner.into(),
        key: key.into(),
        known: if known.is_empty() {
            "it has none".into()
        } else {
            format!("known: {}", known.join(", "))
        },
    })
}

/// Names and values as text, in their order.
pub(crate) fn list(settings: Vec<Setting<'_>>) -> Vec<(&'static str, String)> {
    settings
        .into_iter()
        .map(|(name, value)| (name, value.text()))
        .collect()
}

/// Reads a name without settings, and refuses any setting, which serde by itself would ignore.
pub(crate) fn none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NoSettings {}

    serde::Deserialize::deserialize(deserializer).map(|NoSettings {}| ())
}
