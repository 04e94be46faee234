//! The head of a policy: how the network's outputs become an action.
//!
//! A controller file names its head, so a policy that decides otherwise (by an output for each dimension of a
//! continuous action, say) is one more variant here and needs no new format.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Action, ActionSpace};

/// How the outputs of a policy network become an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PolicyHead {
    /// For discrete actions: one output for each, the value of taking it, and the [highest] is taken.
    #[default]
    GreedyValues,
    /// For continuous actions: one output z for each dimension, and tanh(z) is taken.
    Squashed,
}

impl PolicyHead {
    /// The name, as in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GreedyValues => "greedy-values",
            Self::Squashed => "squashed",
        }
    }

    /// How many outputs a network must have for this head to decide in `space`; `None` if it can't.
    #[must_use]
    pub fn output_count(self, space: ActionSpace) -> Option<usize> {
        match (self, space) {
            (Self::GreedyValues, ActionSpace::Discrete(count)) => Some(count),
            (Self::Squashed, ActionSpace::Continuous { dimensions }) => Some(dimensions),
            (Self::GreedyValues, ActionSpace::Continuous { .. })
            | (Self::Squashed, ActionSpace::Discrete(_)) => None,
        }
    }

    /// The action that these outputs mean. Allocates nothing but a continuous action's numbers.
    #[must_use]
    pub fn decide(self, outputs: &[f32]) -> Action {
        match self {
            Self::GreedyValues => Action::Discrete(highest(outputs)),
            Self::Squashed => Action::Continuous(outputs.iter().map(|z| z.tanh()).collect()),
        }
    }
}

impl fmt::Display for PolicyHead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The index of the highest value, the first of equals: the rule by which everything greedy chooses.
///
/// A value that is not a number is below all others; 0 if none is a number, or there is none.
///
/// ```
/// use descender_control::highest;
/// assert_eq!(highest(&[0.5, 2.0, 2.0]), 1);
/// assert_eq!(highest(&[f32::NAN, f32::NEG_INFINITY]), 1);
/// ```
#[must_use]
pub fn highest(values: &[f32]) -> usize {
    let mut best: Option<(usize, f32)> = None;
    for (index, &value) in values.iter().enumerate() {
        if !value.is_nan() && best.is_none_or(|(_, highest)| value > highest) {
            best = Some((index, value));
        }
    }
    best.map_or(0, |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_and_values_that_are_not_numbers_have_a_rule() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        assert_eq!(highest(&[1.0, 3.0, 3.0]), 1);
        assert_eq!(highest(&[nan, 1.0, 2.0]), 2);
        assert_eq!(highest(&[nan, -inf, nan]), 1);
        assert_eq!(highest(&[3.0, nan, inf]), 2);
        assert_eq!(highest(&[nan, nan, nan]), 0);
        assert_eq!(highest(&[]), 0);
    }

    #[test]
    fn greedy_values_decide_between_discrete_actions_only() {
        let head = PolicyHead::GreedyValues;
        assert_eq!(head.output_count(ActionSpace::Discrete(5)), Some(5));
        let continuous = ActionSpace::Continuous { dimensions: 5 };
        assert_eq!(head.output_count(continuous), None);
        assert_eq!(head.decide(&[0.0, 2.0, 1.0]), Action::Discrete(1));
    }

    #[test]
    fn squashed_outputs_are_a_point_of_the_continuous_space() {
        let head = PolicyHead::Squashed;
        let space = ActionSpace::Continuous { dimensions: 3 };
        assert_eq!(head.output_count(space), Some(3));
        assert_eq!(head.output_count(ActionSpace::Discrete(3)), None);
        let action = head.decide(&[0.0, 100.0, -0.5]);
        assert!(space.contains(&action));
        assert_eq!(
            action,
            Action::Continuous(vec![0.0, 1.0, (-0.5_f32).tanh()])
        );
    }

    #[test]
    fn the_name_is_the_one_in_files() {
        for head in [PolicyHead::GreedyValues, PolicyHead::Squashed] {
            let written = serde_json::to_string(&head).unwrap();
            assert_eq!(written, format!("\"{head}\""));
        }
    }
}
