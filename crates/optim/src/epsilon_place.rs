//! Where ε stands in the denominator of a step.

use serde::{Deserialize, Serialize};

/// Where the small constant ε stands that keeps the denominator from vanishing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EpsilonPlace {
    /// sqrt(P) + ε, as in PyTorch and most papers. ε is a setting of the method and no part of μ.
    #[default]
    Outside,
    /// ε is a3: it is added to P at each step and so stands inside the root, as in the paper's Table 1.
    ///
    /// Where P decays (a1 < 1), the constant inside the root grows to ε / (1 − a1).
    Inside,
}

impl EpsilonPlace {
    /// ε if it stands outside the root, else 0.
    pub(crate) fn outside(self, epsilon: f64) -> f64 {
        match self {
            EpsilonPlace::Outside => epsilon,
            EpsilonPlace::Inside => 0.0,
        }
    }

    /// ε if it stands inside the root, else 0.
    pub(crate) fn inside(self, epsilon: f64) -> f64 {
        match self {
            EpsilonPlace::Outside => 0.0,
            EpsilonPlace::Inside => epsilon,
        }
    }
}
