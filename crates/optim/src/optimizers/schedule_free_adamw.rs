//! Schedule-free AdamW: gradients at y, evaluation at the average x.

use serde::{Deserialize, Serialize};

use crate::StepStatistics;
use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::{quotient, reciprocal};
use crate::averaging::Averaging;
use crate::coefficients::Coefficients;
use crate::pass::pass;
use crate::setting::{
    Allowed::{Decay, NonNegative, Positive},
    Setting,
    Value::{Number, Steps},
    weight_decay,
};

/// Schedule-free AdamW (Defazio and others 2024, algorithm 1): [`ScheduleFreeSgd`](crate::ScheduleFreeSgd) whose z takes
/// steps of RMSprop with bias correction:
///
/// ```text
/// P ← β₂·P + (1 − β₂)·g²
/// z ← z − γ·(g / (sqrt(P̂) + ε) + λ·y)
/// ```
///
/// A step reads η, a1 and a2 (of P) b1 (β₁, where y stands) and c (of the average) of μ. Defaults are those of the package `schedulefree`
/// 1.4 (`AdamWScheduleFree`), which since version 1.3 multiplies λ by the rate of the warm-up. The paper does not.
///
/// The authors use η = 0.0025 as a default, 1 to 10 times what Adam takes elsewhere, and recommend a warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleFreeAdamW {
    /// β₁, where y stands between z (0) and x (1), at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε outside the root, above 0 (1e-8).
    pub epsilon: f64,
    /// Steps in which the rate rises on a straight line (0).
    pub warmup_steps: u64,
    /// r, the power of t in the weights of the average, at least 0 (0).
    pub averaging_power: f64,
    /// p, the power of the largest rate in the weights of the average, at least 0 (2).
    pub rate_power: f64,
    /// λ, decoupled, at y (0).
    pub weight_decay: f64,
}

impl Default for ScheduleFreeAdamW {
    fn default() -> Self {
        ScheduleFreeAdamW {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            warmup_steps: 0,
            averaging_power: 0.0,
            rate_power: 2.0,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for ScheduleFreeAdamW {
    const DESCRIPTION: &'static str =
        "AdamW whose average takes the place of a schedule; evaluated at the average";
    const USUAL_LEARNING_RATE: f32 = 0.0025;
    type State = ScheduleFreeAdamWState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("beta1", Number(&mut self.beta1, Decay)),
            ("beta2", Number(&mut self.beta2, Decay)),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            ("warmup_steps", Steps(&mut self.warmup_steps)),
            (
                "averaging_power",
                Number(&mut self.averaging_power, NonNegative),
            ),
            ("rate_power", Number(&mut self.rate_power, NonNegative)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::average(self.beta2)
    }

    /// b1 is β₁; a step goes by the gradient itself.
    fn first_moment(&self) -> Coefficients {
        Coefficients::new(self.beta1, 1.0, 0.0)
    }

    fn start(&self) -> ScheduleFreeAdamWState {
        ScheduleFreeAdamWState {
            epsilon: self.epsilon,
            weight_decay: self.weight_decay,
            averaging: Averaging::new(self.warmup_steps, self.averaging_power, self.rate_power),
            second: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScheduleFreeAdamWState {
    epsilon: f64,
    weight_decay: f64,
    averaging: Averaging,
    /// P.
    second: Vec<f32>,
}

impl State for ScheduleFreeAdamWState {
    fn reset(&mut self) {
        self.averaging.reset();
        self.second.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.averaging.z, &self.averaging.x, &self.second]
    }

    fn average(&self) -> Option<&[f32]> {
        Some(&self.averaging.x)
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        let mixture = self.averaging.begin(now, parameters);
        self.second.resize(parameters.len(), 0.0);
        let decay = now.mu.w * self.weight_decay as f32;
        let (a1, a2) = (now.mu.a1, now.mu.a2);
        let epsilon = self.epsilon as f32;
        let root_scale = reciprocal(now.second_weight.sqrt());
        pass(
            parameters,
            gradient,
            [
                &mut self.averaging.x,
                &mut self.averaging.z,
                &mut self.second,
            ],
            |y, g, [x, z, p]| {
                *p = a1 * *p + a2 * (g * g);
                let direction = quotient(g, p.sqrt() * root_scale + epsilon);
                mixture.advance(direction + decay * y, x, z)
            },
        )
    }
}
