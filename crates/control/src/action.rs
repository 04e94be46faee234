//! Actions: how a decision changes μ.
//!
//! [`ActionSettings`] says which actions there are and what each does to the hyper-parameters; [`ActionSpace`]
//! is the same seen from the agent, which only needs to know what shape a decision has. An action definition
//! works on the whole of [`HyperParameters`], so one that changes more than η is one more variant here.

use std::fmt;

mod anchored;

use descender_optim::{HyperParameter, HyperParameters};
use serde::{Deserialize, Serialize};

pub use anchored::{Anchored, BaseSchedule, Dimension, Parameter, Scale};

use crate::SettingsError;

/// One decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// The number of the chosen action, from 0.
    Discrete(usize),
    /// One number for each dimension, each in [−1, 1].
    Continuous(Vec<f32>),
}

/// The shape of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionSpace {
    /// That many actions to choose from.
    Discrete(usize),
    /// Numbers in [−1, 1].
    Continuous {
        /// How many of them.
        dimensions: usize,
    },
}

impl fmt::Display for ActionSpace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActionSpace::Discrete(count) => write!(formatter, "{count} discrete actions"),
            ActionSpace::Continuous { dimensions } => {
                write!(formatter, "continuous actions of {dimensions} dimensions")
            }
        }
    }
}

impl ActionSpace {
    /// Whether `action` is one of this space.
    #[must_use]
    pub fn contains(&self, action: &Action) -> bool {
        match (self, action) {
            (ActionSpace::Discrete(count), Action::Discrete(index)) => index < count,
            (ActionSpace::Continuous { dimensions }, Action::Continuous(values)) => {
                values.len() == *dimensions
                    && values.iter().all(|value| (-1.0..=1.0).contains(value))
            }
            _ => false,
        }
    }
}

/// Which actions there are, and what each does to μ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ActionSettings {
    /// Discrete: action i multiplies η by `factors[i]`.
    Factors {
        /// The factors, finite and above 0. Default 0.9, 1, 1/0.9 (the paper, section 4).
        #[serde(default = "paper_factors")]
        factors: Vec<f32>,
    },
    /// Continuous: each decision places hyper-parameters anew, between fixed ends around an anchor.
    Anchored(Anchored),
}

fn paper_factors() -> Vec<f32> {
    vec![0.9, 1.0, 1.0 / 0.9]
}

impl Default for ActionSettings {
    fn default() -> Self {
        ActionSettings::Factors {
            factors: paper_factors(),
        }
    }
}

impl ActionSettings {
    /// Name and one-line description of every kind of action.
    #[must_use]
    pub fn names() -> &'static [(&'static str, &'static str)] {
        &[
            (
                "factors",
                "choose one of a list of factors and multiply the learning rate by it",
            ),
            (
                "anchored",
                "place the learning rate, the momentum or any other hyper-parameter between fixed ends",
            ),
        ]
    }

    /// Checks every field.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn check(&self) -> Result<(), SettingsError> {
        let factors = match self {
            ActionSettings::Factors { factors } => factors,
            ActionSettings::Anchored(anchored) => return anchored.check(),
        };
        if factors.is_empty() {
            return Err(SettingsError::field(
                "factors",
                factors,
                "at least one factor",
            ));
        }
        for (index, &factor) in factors.iter().enumerate() {
            // A normal number has a finite logarithm and a finite reciprocal.
            if !(factor.is_normal() && factor > 0.0) {
                return Err(SettingsError::field(
                    format!("factors[{index}]"),
                    factor,
                    "a finite factor above 0 for the learning rate",
                ));
            }
        }
        Ok(())
    }

    /// The shape of a decision.
    #[must_use]
    pub fn space(&self) -> ActionSpace {
        match self {
            ActionSettings::Factors { factors } => ActionSpace::Discrete(factors.len()),
            ActionSettings::Anchored(anchored) => ActionSpace::Continuous {
                dimensions: anchored.dimensions.len(),
            },
        }
    }

    /// Changes μ as `action` says before step `step` (from 0), without regard to bounds. An action that is not in
    /// [`ActionSettings::space`] changes nothing.
    pub fn apply(&self, action: &Action, step: u64, hyper_parameters: &mut HyperParameters) {
        match (self, action) {
            (ActionSettings::Factors { factors }, Action::Discrete(index)) => {
                if let Some(factor) = factors.get(*index) {
                    hyper_parameters.learning_rate *= factor;
                }
            }
            (ActionSettings::Factors { .. }, Action::Continuous(_)) => {}
            (ActionSettings::Anchored(anchored), action) => {
                anchored.apply(action, step, hyper_parameters);
            }
        }
    }

    /// Changes μ to what it is before the first decision. An anchored action has placed its hyper-parameters at their
    /// anchors (a = 0), so that nothing depends on the η that a descent is begun with.
    pub fn begin(&self, hyper_parameters: &mut HyperParameters) {
        if let ActionSettings::Anchored(anchored) = self {
            let anchor = Action::Continuous(vec![0.0; anchored.dimensions.len()]);
            anchored.apply(&anchor, 0, hyper_parameters);
        }
    }

    /// The entries of μ that an action may change, in the order of μ.
    #[must_use]
    pub fn entries(&self) -> Vec<HyperParameter> {
        let mut entries = match self {
            ActionSettings::Factors { .. } => vec![HyperParameter::LearningRate],
            ActionSettings::Anchored(anchored) => anchored
                .dimensions
                .iter()
                .flat_map(|dimension| dimension.parameter.entries())
                .copied()
                .collect(),
        };
        entries.sort_unstable();
        entries
    }

    /// The largest |ln(η after / η before)| that one action can cause: the unit in which observations express
    /// what the last action did.
    #[must_use]
    pub fn largest_log_change(&self) -> f32 {
        match self {
            ActionSettings::Factors { factors } => factors
                .iter()
                .map(|factor| factor.ln().abs())
                .fold(0.0, f32::max),
            ActionSettings::Anchored(anchored) => anchored.largest_log_change(),
        }
    }

    /// What each action (or each dimension of a continuous one) does, in words, in their order.
    #[must_use]
    pub fn descriptions(&self) -> Vec<String> {
        match self {
            ActionSettings::Factors { factors } => factors
                .iter()
                .map(|factor| format!("multiply the learning rate by {factor}"))
                .collect(),
            ActionSettings::Anchored(anchored) => anchored.descriptions(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mu(learning_rate: f32) -> HyperParameters {
        HyperParameters {
            learning_rate,
            a1: 0.0,
            a2: 0.0,
            a3: 1.0,
            b1: 0.0,
            b2: 1.0,
            b3: 0.0,
        }
    }

    #[test]
    fn a_factor_multiplies_the_learning_rate_and_nothing_else() {
        let action = ActionSettings::Factors {
            factors: vec![0.5, 1.0, 4.0],
        };
        for (index, expected) in [(0, 0.05), (1, 0.1), (2, 0.4)] {
            let mut changed = mu(0.1);
            action.apply(&Action::Discrete(index), 0, &mut changed);
            assert_eq!(changed, mu(expected));
        }
        assert_eq!(action.largest_log_change(), 4.0_f32.ln());
        assert_eq!(
            ActionSettings::Factors {
                factors: vec![0.1, 2.0]
            }
            .largest_log_change(),
            -(0.1_f32.ln())
        );
    }

    #[test]
    fn an_action_outside_the_space_changes_nothing() {
        let action = ActionSettings::default();
        for outside in [
            Action::Discrete(3),
            Action::Discrete(usize::MAX),
            Action::Continuous(vec![1.0]),
        ] {
            assert!(!action.space().contains(&outside));
            let mut unchanged = mu(0.1);
            action.apply(&outside, 0, &mut unchanged);
            assert_eq!(unchanged, mu(0.1));
        }
        assert!(action.space().contains(&Action::Discrete(2)));
        let plane = ActionSpace::Continuous { dimensions: 2 };
        assert!(plane.contains(&Action::Continuous(vec![-1.0, 1.0])));
        assert!(!plane.contains(&Action::Continuous(vec![-1.0, f32::NAN])));
        assert!(!plane.contains(&Action::Continuous(vec![0.0])));
    }

    #[test]
    fn impossible_factors_are_refused() {
        for factor in [0.0, -1.0, f32::NAN, f32::INFINITY, f32::MIN_POSITIVE / 2.0] {
            assert!(
                ActionSettings::Factors {
                    factors: vec![1.0, factor]
                }
                .check()
                .is_err(),
                "{factor}"
            );
        }
    }
}
