//! Weight decay λ: as an L2 penalty on the gradient, or decoupled from it.

use serde::{Deserialize, Serialize};

use crate::pass::pass;
use crate::{HyperParameters, StepStatistics};

/// λ, and what it is added to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum WeightDecay {
    /// L2 penalty: g ← g + λ·θ before all else.
    Coupled(f32),
    /// θ ← (1 − η·λ)·θ, besides the step.
    Decoupled(f32),
}

impl WeightDecay {
    /// The share of θ that joins the step, and the share of θ that joins the gradient, with λ times the factor of μ.
    fn shares(self, mu: &HyperParameters) -> (f32, f32) {
        match self {
            WeightDecay::Coupled(lambda) => (0.0, mu.w * lambda),
            WeightDecay::Decoupled(lambda) => (mu.learning_rate * (mu.w * lambda), 0.0),
        }
    }

    /// One pass of θ ← θ − direction(g), with weight decay where there is any.
    #[inline(always)]
    pub(crate) fn pass<const K: usize>(
        self,
        mu: &HyperParameters,
        parameters: &mut [f32],
        gradient: &[f32],
        memory: [&mut [f32]; K],
        direction: impl Fn(f32, &mut [f32; K]) -> f32,
    ) -> StepStatistics {
        let (decoupled, coupled) = self.shares(mu);
        if decoupled == 0.0 && coupled == 0.0 {
            pass(parameters, gradient, memory, |theta, g, cells| {
                theta - direction(g, cells)
            })
        } else {
            pass(parameters, gradient, memory, |theta, g, cells| {
                theta - (decoupled * theta + direction(g + coupled * theta, cells))
            })
        }
    }
}
