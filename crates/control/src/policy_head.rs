//! The head of a policy: how the network's outputs become an action.
//!
//! A controller file names its head, so a policy that decides otherwise (by an output for each dimension of a
//! continuous action, say) is one more variant here and needs no new format.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Action, ActionSpace};

/// How the outputs of a policy network become an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PolicyHead {
    /// For discrete actions: one output for each, the value of taking it, and the [highest] is taken.
    #[default]
    GreedyValues,
    /// For continuous actions: one output z for each dimension, and tanh(z) is taken.
    Squashed,
    /// For discrete actions: `atoms` outputs for each, the logits of a distribution over as many returns, evenly from `least`
    /// to `most`; the action with the highest [expected return](expected_return) is taken.
    ///
    /// Source: M. Bellemare, W. Dabney, R. Munos, "A Distributional Perspective on Reinforcement Learning", 2017, Algorithm 1.
    GreedyExpectation {
        /// Returns that the distribution tells apart, 2 or more.
        atoms: usize,
        /// The lowest return.
        least: f32,
        /// The highest return.
        most: f32,
    },
}

impl PolicyHead {
    /// The name, as in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GreedyValues => "greedy-values",
            Self::Squashed => "squashed",
            Self::GreedyExpectation { .. } => "greedy-expectation",
        }
    }

    /// Checks the head's own numbers.
    ///
    /// # Errors
    /// What was expected of them.
    pub fn check(self) -> Result<(), &'static str> {
        match self {
            Self::GreedyValues | Self::Squashed => Ok(()),
            Self::GreedyExpectation { atoms, least, most } => {
                if !(2..=MOST_ATOMS).contains(&atoms) {
                    Err("from 2 to 65536 atoms")
                } else if !(least < most && (most - least).is_finite()) {
                    Err("a finite least return below a finite most one")
                } else {
                    Ok(())
                }
            }
        }
    }

    /// How many outputs a network must have for this head to decide in `space`; `None` if it can't.
    #[must_use]
    pub fn output_count(self, space: ActionSpace) -> Option<usize> {
        match (self, space) {
            (Self::GreedyValues, ActionSpace::Discrete(count)) => Some(count),
            (Self::Squashed, ActionSpace::Continuous { dimensions }) => Some(dimensions),
            (Self::GreedyExpectation { atoms, .. }, ActionSpace::Discrete(count)) => {
                Some(count.saturating_mul(atoms))
            }
            (
                Self::GreedyValues | Self::GreedyExpectation { .. },
                ActionSpace::Continuous { .. },
            )
            | (Self::Squashed, ActionSpace::Discrete(_)) => None,
        }
    }

    /// The action that these outputs mean. Allocates nothing but a continuous action's numbers.
    #[must_use]
    pub fn decide(self, outputs: &[f32]) -> Action {
        match self {
            Self::GreedyValues => Action::Discrete(highest(outputs)),
            Self::Squashed => Action::Continuous(outputs.iter().map(|z| z.tanh()).collect()),
            Self::GreedyExpectation { atoms, least, most } => {
                let expected = (outputs.chunks_exact(atoms))
                    .map(|logits| expected_return(logits, least, most) as f32);
                Action::Discrete(highest_of(expected))
            }
        }
    }
}

/// The most atoms of a distribution over returns.
const MOST_ATOMS: usize = 65_536;

/// The mean Σ p_i z_i of the distribution over returns with these logits: p = softmax(logits), z evenly from `least` to `most`.
///
/// ```
/// use descender_control::expected_return;
/// assert_eq!(expected_return(&[0.0, 0.0, 0.0], -1.0, 2.0), 0.5);
/// // Twice the weight on the end: (0 + 2 · 1) / 3.
/// assert!((expected_return(&[0.0, std::f32::consts::LN_2], 0.0, 1.0) - 2.0 / 3.0).abs() < 1e-7);
/// ```
#[must_use]
pub fn expected_return(logits: &[f32], least: f32, most: f32) -> f64 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut places) = (0.0, 0.0);
    for (place, logit) in logits.iter().enumerate() {
        let weight = (f64::from(*logit) - f64::from(largest)).exp();
        sum += weight;
        places += weight * place as f64;
    }
    let spacing = (f64::from(most) - f64::from(least)) / (logits.len() as f64 - 1.0);
    f64::from(least) + spacing * (places / sum)
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
    highest_of(values.iter().copied())
}

fn highest_of(values: impl Iterator<Item = f32>) -> usize {
    let mut best: Option<(usize, f32)> = None;
    for (index, value) in values.enumerate() {
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

    fn of_returns(atoms: usize, least: f32, most: f32) -> PolicyHead {
        PolicyHead::GreedyExpectation { atoms, least, most }
    }

    #[test]
    fn greedy_expectations_decide_by_the_mean_and_not_by_the_mode() {
        let head = of_returns(3, -1.0, 1.0);
        assert_eq!(head.output_count(ActionSpace::Discrete(2)), Some(6));
        let continuous = ActionSpace::Continuous { dimensions: 2 };
        assert_eq!(head.output_count(continuous), None);
        // p = (0.4, 0, 0.6): mean 0.2. p = (0, 1, 0): mean 0. p = (0.1, 0.5, 0.4): mean 0.3.
        let logits: Vec<f32> = [0.4, 1e-9, 0.6, 1e-9, 1.0, 1e-9, 0.1, 0.5, 0.4]
            .map(|p: f32| p.ln() + 5.0)
            .to_vec();
        assert_eq!(head.decide(&logits), Action::Discrete(2));
        assert_eq!(head.decide(&logits[..6]), Action::Discrete(0));
        let mean = |place: usize| expected_return(&logits[3 * place..][..3], -1.0, 1.0);
        assert!((mean(0) - 0.2).abs() < 1e-6 && (mean(2) - 0.3).abs() < 1e-6);
        // Of equal ones the first; what is no number is below all others.
        assert_eq!(head.decide(&[0.0; 6]), Action::Discrete(0));
        let broken = [f32::NAN, 0.0, 0.0, 5.0, 0.0, 0.0];
        assert_eq!(head.decide(&broken), Action::Discrete(1));
    }

    #[test]
    fn a_distribution_over_no_returns_is_refused() {
        assert!(of_returns(51, -10.0, 10.0).check().is_ok());
        for head in [
            of_returns(1, 0.0, 1.0),
            of_returns(1 << 20, 0.0, 1.0),
            of_returns(51, 1.0, 1.0),
            of_returns(51, 0.0, f32::INFINITY),
            of_returns(51, f32::NAN, 1.0),
        ] {
            assert!(head.check().is_err(), "{head:?}");
        }
    }

    #[test]
    fn a_head_with_numbers_is_its_name_around_them() {
        let head = of_returns(51, -10.0, 0.1);
        let written = serde_json::to_string(&head).unwrap();
        assert_eq!(
            written,
            format!("{{\"{head}\":{{\"atoms\":51,\"least\":-10.0,\"most\":0.1}}}}")
        );
        assert_eq!(serde_json::from_str::<PolicyHead>(&written).unwrap(), head);
    }

    #[test]
    fn the_name_is_the_one_in_files() {
        for head in [PolicyHead::GreedyValues, PolicyHead::Squashed] {
            let written = serde_json::to_string(&head).unwrap();
            assert_eq!(written, format!("\"{head}\""));
        }
    }
}
