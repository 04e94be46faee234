//! Factors: each decision multiplies the learning rate by one of a list.

use descender_optim::{HyperParameter, HyperParameters};
use serde::{Deserialize, Serialize};

use super::registry::BuiltInAction;
use super::{Action, ActionDefinition, ActionSpace};
use crate::SettingsError;

/// Discrete actions: action i multiplies η by `factors[i]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Factors {
    /// The factors, finite and above 0. Default 0.9, 1, 1/0.9 (the paper, section 4).
    pub factors: Vec<f32>,
}

impl Default for Factors {
    fn default() -> Self {
        Factors {
            factors: vec![0.9, 1.0, 1.0 / 0.9],
        }
    }
}

impl BuiltInAction for Factors {
    const NAME: &'static str = "factors";
    const DESCRIPTION: &'static str =
        "choose one of a list of factors and multiply the learning rate by it";
}

impl ActionDefinition for Factors {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check(&self) -> Result<(), SettingsError> {
        if self.factors.is_empty() {
            return Err(SettingsError::field(
                "factors",
                &self.factors,
                "at least one factor",
            ));
        }
        for (index, &factor) in self.factors.iter().enumerate() {
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

    fn space(&self) -> ActionSpace {
        ActionSpace::Discrete(self.factors.len())
    }

    fn apply(&self, action: &Action, _step: u64, mu: &mut HyperParameters) {
        if let Action::Discrete(index) = action
            && let Some(factor) = self.factors.get(*index)
        {
            mu.learning_rate *= factor;
        }
    }

    fn entries(&self) -> Vec<HyperParameter> {
        vec![HyperParameter::LearningRate]
    }

    fn largest_log_change(&self) -> f32 {
        self.factors
            .iter()
            .map(|factor| factor.ln().abs())
            .fold(0.0, f32::max)
    }

    fn descriptions(&self) -> Vec<String> {
        self.factors
            .iter()
            .map(|factor| format!("multiply the learning rate by {factor}"))
            .collect()
    }
}
