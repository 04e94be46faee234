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
//! learning rate is further multiplied by the base schedule: 1, or 1 − t/T, or (1 + cos(π·t/T))/2; and by
//! min(1, (t + 1)/(w·T)), a linear warm-up, where w is above 0. t is the step, also between decisions: a warm-up in stairs
//! of 10 steps costs a descent that warms up in 25 a third of its first hit.

use descender_optim::{HyperParameter, HyperParameters};
use serde::{Deserialize, Serialize};

use super::registry::BuiltInAction;
use super::{Action, ActionDefinition, ActionSpace, BaseSchedule, Dimension, Parameter, Scale};
use crate::SettingsError;

/// Which hyper-parameters a continuous decision places, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Anchored {
    /// What multiplies the learning rate. Default `constant`.
    pub schedule: BaseSchedule,
    /// T of the base schedule in steps, 1 or more. Default 500.
    pub total_steps: f32,
    /// w, the share of T in which the learning rate rises on a straight line, at least 0 and below 1. Default 0: it does
    /// not.
    pub warm_up: f32,
    /// The hyper-parameters, one for each dimension of a decision. Default: the learning rate alone, between 0.025 and
    /// 0.4 on a logarithmic scale.
    pub dimensions: Vec<Dimension>,
}

impl Default for Anchored {
    fn default() -> Self {
        Anchored {
            schedule: BaseSchedule::default(),
            total_steps: 500.0,
            warm_up: 0.0,
            dimensions: vec![Dimension {
                parameter: Parameter::LearningRate,
                low: 0.025,
                high: 0.4,
                scale: Scale::Logarithmic,
            }],
        }
    }
}

impl Anchored {
    /// How far the warm-up has come at this step.
    fn rise(&self, step: u64) -> f32 {
        let steps = self.warm_up * self.total_steps;
        if steps > 0.0 {
            ((step as f32 + 1.0) / steps).min(1.0)
        } else {
            1.0
        }
    }
}

impl BuiltInAction for Anchored {
    const NAME: &'static str = "anchored";
    const DESCRIPTION: &'static str =
        "place the learning rate, the momentum or any other hyper-parameter between fixed ends";
}

impl ActionDefinition for Anchored {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check(&self) -> Result<(), SettingsError> {
        if !(self.total_steps.is_finite() && self.total_steps >= 1.0) {
            return Err(SettingsError::field(
                "total_steps",
                self.total_steps,
                "a finite number of steps, 1 or more",
            ));
        }
        if !(0.0..1.0).contains(&self.warm_up) {
            return Err(SettingsError::field(
                "warm_up",
                self.warm_up,
                "a share of the steps, at least 0 and below 1",
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

    fn space(&self) -> ActionSpace {
        ActionSpace::Continuous {
            dimensions: self.dimensions.len(),
        }
    }

    /// Places the hyper-parameters at their anchors (a = 0), so that nothing depends on the η that a descent is begun
    /// with.
    fn begin(&self, mu: &mut HyperParameters) {
        let anchor = Action::Continuous(vec![0.0; self.dimensions.len()]);
        self.apply(&anchor, 0, mu);
    }

    fn apply(&self, action: &Action, step: u64, mu: &mut HyperParameters) {
        let Action::Continuous(values) = action else {
            return;
        };
        if values.len() != self.dimensions.len() || values.iter().any(|value| value.is_nan()) {
            return;
        }
        for (dimension, &a) in self.dimensions.iter().zip(values) {
            let mut value = dimension.value(a);
            if dimension.parameter == Parameter::LearningRate {
                value *= self.schedule.at(step as f32 / self.total_steps) * self.rise(step);
            }
            dimension.parameter.set(value, mu);
        }
    }

    /// As at the decision, with the base schedule and the warm-up of this step.
    fn follow(&self, action: &Action, step: u64, mu: &mut HyperParameters) {
        self.apply(action, step, mu);
    }

    fn entries(&self) -> Vec<HyperParameter> {
        self.dimensions
            .iter()
            .flat_map(|dimension| dimension.parameter.entries())
            .copied()
            .collect()
    }

    /// The largest |ln-change of η| between two decisions, from one end to the other; 1 where η is not placed.
    fn largest_log_change(&self) -> f32 {
        self.dimensions
            .iter()
            .find(|dimension| dimension.parameter == Parameter::LearningRate)
            .map_or(1.0, |dimension| (dimension.high / dimension.low).ln())
    }

    fn descriptions(&self) -> Vec<String> {
        self.dimensions
            .iter()
            .map(|dimension| {
                let Dimension {
                    parameter,
                    low,
                    high,
                    ..
                } = dimension;
                let warm_up = match parameter {
                    Parameter::LearningRate if self.warm_up > 0.0 => {
                        format!(", after a warm-up of {} steps", self.warm_up * self.total_steps)
                    }
                    _ => String::new(),
                };
                let schedule = match parameter {
                    Parameter::LearningRate if self.schedule != BaseSchedule::Constant => format!(
                        ", times the {} schedule over {} steps",
                        self.schedule.name(),
                        self.total_steps
                    ),
                    _ => String::new(),
                };
                format!(
                    "place the {parameter} between {low} and {high} (anchor {:.4}){schedule}{warm_up}",
                    dimension.value(0.0)
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use descender_optim::Method;

    use super::super::ActionSettings;
    use super::*;

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
            warm_up: 0.0,
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
    fn the_learning_rate_alone_warms_up() {
        let warm = Anchored {
            warm_up: 0.1,
            schedule: BaseSchedule::Constant,
            ..both()
        };
        let mut mu = Method::Sgd.hyper_parameters(0.001);
        for (step, share) in [(0, 0.1), (4, 0.5), (9, 1.0), (10, 1.0), (99, 1.0)] {
            warm.apply(&Action::Continuous(vec![0.0, 0.0]), step, &mut mu);
            assert!((mu.learning_rate - 0.4 * share).abs() < 1e-6, "{step}");
            assert!((mu.b1 - 0.8).abs() < 1e-6, "{step}");
        }
        warm.begin(&mut mu);
        assert!((mu.learning_rate - 0.04).abs() < 1e-6);
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
        for share in [-0.1, 1.0, f32::NAN] {
            assert!(message(&|anchored| anchored.warm_up = share).starts_with("warm_up"));
        }
        assert!(
            message(&|anchored| anchored.total_steps = f32::NAN).starts_with("total_steps = NaN")
        );
    }
}
