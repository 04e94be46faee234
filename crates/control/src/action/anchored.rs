//! Anchored actions: each decision places hyper-parameters anew, between fixed ends around an anchor.
//!
//! A recursive action (multiply η by a factor) remembers every mistake that was ever made; an anchored one starts from
//! the same anchor at each decision and cannot go further than its ends, so an untrained or a confused policy is
//! still a sensible schedule. Decision a_i ∈ [−1, 1] places the i-th hyper-parameter x between low and high:
//!
//! ```text
//! linear        x = low + (high − low)·u              u = (1 + a_i) / 2
//! logarithmic   x = low·(high / low)^u
//! complement    1 − x = (1 − low)·((1 − high) / (1 − low))^u
//! ```
//!
//! The complement is the natural scale of a decay: 0, 0.9 and 0.99 are evenly spaced on it. a_i = 0 is the anchor. The
//! learning rate is further multiplied by the base schedule: 1, or 1 − t/T, or (1 + cos(π·t/T))/2.

use std::fmt;

use descender_optim::{HyperParameter, HyperParameters};
use serde::{Deserialize, Serialize};

use crate::{Action, SettingsError};

/// Which hyper-parameters a continuous decision places, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchored {
    /// What multiplies the learning rate. Default `constant`.
    #[serde(default)]
    pub schedule: BaseSchedule,
    /// T of the base schedule in steps, 1 or more. Default 500.
    #[serde(default = "default_total_steps")]
    pub total_steps: f32,
    /// The hyper-parameters, one for each dimension of a decision. Default: the learning rate alone, between 0.025 and
    /// 0.4 on a logarithmic scale.
    #[serde(default = "default_dimensions")]
    pub dimensions: Vec<Dimension>,
}

fn default_dimensions() -> Vec<Dimension> {
    vec![Dimension {
        parameter: Parameter::LearningRate,
        low: 0.025,
        high: 0.4,
        scale: Scale::Logarithmic,
    }]
}

fn default_total_steps() -> f32 {
    500.0
}

/// What multiplies the learning rate, whatever is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseSchedule {
    /// 1 at every step.
    #[default]
    Constant,
    /// 1 − t/T, and 0 from T on.
    Linear,
    /// (1 + cos(π·t/T))/2, and 0 from T on.
    Cosine,
}

/// One hyper-parameter with the ends between which it is placed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// The hyper-parameter.
    pub parameter: Parameter,
    /// Its value at a = −1.
    pub low: f32,
    /// Its value at a = 1, above `low`.
    pub high: f32,
    /// How the values between are spaced.
    pub scale: Scale,
}

/// A hyper-parameter of h(μ), by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parameter {
    /// η.
    LearningRate,
    /// b1, with b2 = 1 − b1: the first moment is an average of the gradients, and η keeps its meaning whatever b1 is.
    Momentum,
    /// a1, with a2 = 1 − a1: the second moment is an average of the squared gradients.
    SecondMoment,
    /// a1 alone.
    A1,
    /// a2 alone.
    A2,
    /// a3.
    A3,
    /// b1 alone.
    B1,
    /// b2 alone.
    B2,
    /// b3.
    B3,
}

/// The spacing of values between two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Evenly in ln x; for values above 0.
    Logarithmic,
    /// Evenly in ln(1 − x); for values below 1.
    Complement,
}

impl BaseSchedule {
    /// The factor at a share t/T of the descent.
    fn at(self, share: f32) -> f32 {
        let share = share.clamp(0.0, 1.0);
        match self {
            Self::Constant => 1.0,
            Self::Linear => 1.0 - share,
            Self::Cosine => (1.0 + (std::f32::consts::PI * share).cos()) / 2.0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Linear => "linear",
            Self::Cosine => "cosine",
        }
    }
}

impl Parameter {
    fn set(self, value: f32, mu: &mut HyperParameters) {
        match self {
            Self::LearningRate => mu.learning_rate = value,
            Self::Momentum => (mu.b1, mu.b2) = (value, 1.0 - value),
            Self::SecondMoment => (mu.a1, mu.a2) = (value, 1.0 - value),
            Self::A1 => mu.a1 = value,
            Self::A2 => mu.a2 = value,
            Self::A3 => mu.a3 = value,
            Self::B1 => mu.b1 = value,
            Self::B2 => mu.b2 = value,
            Self::B3 => mu.b3 = value,
        }
    }

    /// The entries of μ that it sets.
    #[must_use]
    pub const fn entries(self) -> &'static [HyperParameter] {
        use HyperParameter as Entry;
        match self {
            Self::LearningRate => &[Entry::LearningRate],
            Self::Momentum => &[Entry::B1, Entry::B2],
            Self::SecondMoment => &[Entry::A1, Entry::A2],
            Self::A1 => &[Entry::A1],
            Self::A2 => &[Entry::A2],
            Self::A3 => &[Entry::A3],
            Self::B1 => &[Entry::B1],
            Self::B2 => &[Entry::B2],
            Self::B3 => &[Entry::B3],
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::LearningRate => "learning rate",
            Self::Momentum => "momentum b1 (b2 = 1 − b1)",
            Self::SecondMoment => "second moment a1 (a2 = 1 − a1)",
            Self::A1 => "a1",
            Self::A2 => "a2",
            Self::A3 => "a3",
            Self::B1 => "b1",
            Self::B2 => "b2",
            Self::B3 => "b3",
        })
    }
}

impl Dimension {
    /// The value that `a` places, with `a` taken into [−1, 1].
    #[must_use]
    pub fn value(&self, a: f32) -> f32 {
        let share = (1.0 + a.clamp(-1.0, 1.0)) / 2.0;
        let Self { low, high, .. } = *self;
        match self.scale {
            Scale::Linear => low + (high - low) * share,
            Scale::Logarithmic => low * (high / low).powf(share),
            Scale::Complement => 1.0 - (1.0 - low) * ((1.0 - high) / (1.0 - low)).powf(share),
        }
    }

    fn check(&self, index: usize) -> Result<(), SettingsError> {
        let field = |name: &str| format!("dimensions[{index}].{name}");
        let (least, most, expected_low, expected_high) = match self.scale {
            Scale::Linear => (
                f32::MIN,
                f32::MAX,
                "a finite number",
                "a finite number above low",
            ),
            Scale::Logarithmic => (
                f32::MIN_POSITIVE,
                f32::MAX,
                "a finite number above 0",
                "a finite number above low",
            ),
            Scale::Complement => (
                f32::MIN,
                1.0 - f32::EPSILON,
                "a number below 1",
                "a number above low and below 1",
            ),
        };
        let usable = |value: f32| (least..=most).contains(&value);
        if !usable(self.low) {
            return Err(SettingsError::field(field("low"), self.low, expected_low));
        }
        if !(usable(self.high) && self.high > self.low) {
            return Err(SettingsError::field(
                field("high"),
                self.high,
                expected_high,
            ));
        }
        if self.parameter == Parameter::LearningRate && self.low <= 0.0 {
            return Err(SettingsError::field(
                field("low"),
                self.low,
                "a learning rate above 0",
            ));
        }
        Ok(())
    }
}

impl Anchored {
    /// Checks every field.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn check(&self) -> Result<(), SettingsError> {
        if !(self.total_steps.is_finite() && self.total_steps >= 1.0) {
            return Err(SettingsError::field(
                "total_steps",
                self.total_steps,
                "a finite number of steps, 1 or more",
            ));
        }
        let mut taken: Vec<HyperParameter> = Vec::new();
        for (index, dimension) in self.dimensions.iter().enumerate() {
            dimension.check(index)?;
            for entry in dimension.parameter.entries() {
                if taken.contains(entry) {
                    return Err(SettingsError::field(
                        format!("dimensions[{index}].parameter"),
                        dimension.parameter,
                        "a hyper-parameter that no other dimension sets",
                    ));
                }
                taken.push(*entry);
            }
        }
        if self.dimensions.is_empty() {
            return Err(SettingsError::field(
                "dimensions",
                &self.dimensions,
                "at least one hyper-parameter",
            ));
        }
        Ok(())
    }

    /// Places the hyper-parameters before step `step` (from 0). An action that is not in the space changes nothing.
    pub(super) fn apply(&self, action: &Action, step: u64, mu: &mut HyperParameters) {
        let Action::Continuous(values) = action else {
            return;
        };
        if values.len() != self.dimensions.len() || values.iter().any(|value| value.is_nan()) {
            return;
        }
        for (dimension, &a) in self.dimensions.iter().zip(values) {
            let mut value = dimension.value(a);
            if dimension.parameter == Parameter::LearningRate {
                value *= self.schedule.at(step as f32 / self.total_steps);
            }
            dimension.parameter.set(value, mu);
        }
    }

    /// The largest |ln-change of η| between two decisions, from one end to the other; 1 where η is not placed.
    pub(super) fn largest_log_change(&self) -> f32 {
        self.dimensions
            .iter()
            .find(|dimension| dimension.parameter == Parameter::LearningRate)
            .map_or(1.0, |dimension| (dimension.high / dimension.low).ln())
    }

    /// What each dimension places, in words.
    pub(super) fn descriptions(&self) -> Vec<String> {
        self.dimensions
            .iter()
            .map(|dimension| {
                let Dimension {
                    parameter,
                    low,
                    high,
                    ..
                } = dimension;
                let schedule = match parameter {
                    Parameter::LearningRate if self.schedule != BaseSchedule::Constant => format!(
                        ", times the {} schedule over {} steps",
                        self.schedule.name(),
                        self.total_steps
                    ),
                    _ => String::new(),
                };
                format!(
                    "place the {parameter} between {low} and {high} (anchor {:.4}){schedule}",
                    dimension.value(0.0)
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ActionSettings;
    use descender_optim::Method;

    fn dimension(parameter: Parameter, low: f32, high: f32, scale: Scale) -> Dimension {
        Dimension {
            parameter,
            low,
            high,
            scale,
        }
    }

    fn both() -> Anchored {
        Anchored {
            schedule: BaseSchedule::Linear,
            total_steps: 100.0,
            dimensions: vec![
                dimension(Parameter::LearningRate, 0.1, 1.6, Scale::Logarithmic),
                dimension(Parameter::Momentum, 0.0, 0.96, Scale::Complement),
            ],
        }
    }

    #[test]
    fn ends_and_anchor_are_where_the_scale_puts_them() {
        for (scale, low, high, middle) in [
            (Scale::Linear, -1.0, 3.0, 1.0),
            (Scale::Logarithmic, 0.1, 1.6, 0.4),
            (Scale::Complement, 0.0, 0.96, 0.8),
        ] {
            let dimension = dimension(Parameter::A3, low, high, scale);
            for (a, expected) in [
                (-1.0, low),
                (0.0, middle),
                (1.0, high),
                (-7.0, low),
                (7.0, high),
            ] {
                assert!(
                    (dimension.value(a) - expected).abs() < 1e-6,
                    "{scale:?} {a}"
                );
            }
        }
    }

    #[test]
    fn a_decision_places_what_it_names_whatever_was_before() {
        let mut mu = Method::Sgd.hyper_parameters(0.001);
        let untouched = mu;
        both().apply(&Action::Continuous(vec![0.0, 0.0]), 50, &mut mu);
        assert!(
            (mu.learning_rate - 0.2).abs() < 1e-6,
            "half of the schedule"
        );
        assert!((mu.b1 - 0.8).abs() < 1e-6 && (mu.b2 - 0.2).abs() < 1e-6);
        assert_eq!((mu.a1, mu.a2, mu.a3, mu.b3), {
            let HyperParameters { a1, a2, a3, b3, .. } = untouched;
            (a1, a2, a3, b3)
        });
        let placed = mu;
        for outside in [
            Action::Discrete(0),
            Action::Continuous(vec![0.0]),
            Action::Continuous(vec![f32::NAN, 0.0]),
        ] {
            both().apply(&outside, 0, &mut mu);
            assert_eq!(mu, placed);
        }
        both().apply(&Action::Continuous(vec![0.0, 0.0]), 1000, &mut mu);
        assert_eq!(mu.learning_rate, 0.0, "the schedule has ended");
    }

    #[test]
    fn the_entries_of_an_action_are_all_that_it_changes() {
        let action = ActionSettings::Anchored(both());
        let entries = action.entries();
        use HyperParameter::{B1, B2, LearningRate};
        assert_eq!(entries, [LearningRate, B1, B2]);
        let before = Method::Sgd.hyper_parameters(0.001);
        let mut after = before;
        action.apply(&Action::Continuous(vec![0.5, 0.5]), 0, &mut after);
        for entry in HyperParameter::ALL {
            let changed = entry.get(&before) != entry.get(&after);
            assert_eq!(changed, entries.contains(&entry), "{entry}");
        }
        assert_eq!(ActionSettings::default().entries(), [LearningRate]);
    }

    #[test]
    fn impossible_dimensions_are_refused_by_name() {
        let message = |change: &dyn Fn(&mut Anchored)| {
            let mut anchored = both();
            change(&mut anchored);
            anchored.check().unwrap_err().to_string()
        };
        both().check().unwrap();
        assert!(message(&|anchored| anchored.dimensions.clear()).starts_with("dimensions = []"));
        assert!(
            message(&|anchored| anchored.dimensions[1].high = 1.0)
                .starts_with("dimensions[1].high = 1.0: expected a number above low and below 1")
        );
        assert!(
            message(&|anchored| anchored.dimensions[0].low = 0.0)
                .starts_with("dimensions[0].low = 0.0: expected a finite number above 0")
        );
        assert!(
            message(&|anchored| anchored.dimensions[0].high = 0.1)
                .starts_with("dimensions[0].high = 0.1")
        );
        assert!(
            message(&|anchored| anchored.dimensions[0].parameter = Parameter::B2)
                .starts_with("dimensions[1].parameter = Momentum")
        );
        assert!(
            message(&|anchored| anchored.total_steps = f32::NAN).starts_with("total_steps = NaN")
        );
    }
}
