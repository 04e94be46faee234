//! SGD with hypergradient descent: the learning rate descends its own gradient.

use serde::{Deserialize, Serialize};

use crate::StepStatistics;
use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::product;
use crate::gather::gather;
use crate::pass::pass;
use crate::setting::{Allowed::NonNegative, Setting, Value::Number, weight_decay};

/// SGD with hypergradient descent (Baydin, Cornish, Martínez Rubio, Schmidt, Wood 2018, "Online Learning Rate Adaptation
/// with Hypergradient Descent", the algorithm SGD-HD): α ← α + β·⟨g, g of the step before⟩; θ ← θ − α·g.
///
/// α is η of μ plus what has been learned: α = η + Σ β·⟨g, g of the step before⟩. Under a constant η that is the paper's
/// rule with α₀ = η. A schedule or controller that moves η moves α by as much. A step reads only η of μ.
///
/// The defaults of η (0.001) and β are those of the paper's MNIST experiments. The authors' program has 1e-6 as its
/// default of β. On noisy batches a large β makes the rate collapse; lower it there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SgdHd {
    /// β, the learning rate of the learning rate, at least 0 (0.001).
    pub hypergradient_rate: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for SgdHd {
    fn default() -> Self {
        SgdHd {
            hypergradient_rate: 0.001,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for SgdHd {
    const DESCRIPTION: &'static str = "SGD whose learning rate follows its hypergradient from η on";
    const USUAL_LEARNING_RATE: f32 = 0.001;
    type State = SgdHdState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            (
                "hypergradient_rate",
                Number(&mut self.hypergradient_rate, NonNegative),
            ),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn start(&self) -> SgdHdState {
        SgdHdState {
            settings: *self,
            learned: 0.0,
            previous: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SgdHdState {
    settings: SgdHd,
    /// α − η: what has been learned.
    learned: f64,
    /// The gradient of the step before, with weight decay.
    previous: Vec<f32>,
}

impl State for SgdHdState {
    fn reset(&mut self) {
        self.learned = 0.0;
        self.previous.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.previous]
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        self.previous.resize(parameters.len(), 0.0);
        let decay = now.mu.w * self.settings.weight_decay as f32;
        let [along] = gather(
            [gradient, &*parameters, &self.previous],
            [],
            |[g, theta, previous], _| [product(g + decay * theta, previous)],
        );
        self.learned += self.settings.hypergradient_rate * along;
        let rate = (f64::from(now.mu.learning_rate) + self.learned) as f32;
        pass(
            parameters,
            gradient,
            [&mut self.previous],
            |theta, g, [previous]| {
                *previous = g + decay * theta;
                theta - rate * *previous
            },
        )
    }
}
