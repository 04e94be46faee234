//! Schedule-free SGD: gradients at y, evaluation at the average x.

use serde::{Deserialize, Serialize};

use crate::StepStatistics;
use crate::algorithm::{Algorithm, Now, State};
use crate::averaging::Averaging;
use crate::coefficients::Coefficients;
use crate::pass::pass;
use crate::setting::{
    Allowed::{Decay, NonNegative},
    Setting,
    Value::{Number, Steps},
    weight_decay,
};

/// Schedule-free SGD (Defazio, Yang, Mehta, Khaled, Mishchenko, Cutkosky 2024, "The Road Less Scheduled", section 1):
///
/// ```text
/// γ = η · min(1, t / warmup_steps)
/// z ← z − γ·(g + λ·y)
/// x ← (1 − c)·x + c·z,  c = w_t / (w_1 + … + w_t),  w_t = t^r · (largest γ so far)^p
/// y ← (1 − β)·z + β·x
/// ```
///
/// The gradient is taken at y, the parameters that [`Optimizer::step`](crate::Optimizer::step) updates. The network is
/// evaluated at x ([`Optimizer::evaluation_parameters`](crate::Optimizer::evaluation_parameters)). A step reads η, b1
/// (β) and c (of the average) of μ. Defaults are those of the package `schedulefree` 1.4 (`SGDScheduleFree`).
///
/// The authors use η = 1 as a default, 10 to 50 times what SGD takes elsewhere, and recommend a warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleFreeSgd {
    /// β, where y stands between z (0) and x (1), at least 0 and below 1 (0.9).
    pub momentum: f64,
    /// Steps in which the rate rises on a straight line (0).
    pub warmup_steps: u64,
    /// r, the power of t in the weights of the average, at least 0 (0).
    pub averaging_power: f64,
    /// p, the power of the largest rate in the weights of the average, at least 0 (2).
    pub rate_power: f64,
    /// λ, an L2 penalty at y (0).
    pub weight_decay: f64,
}

impl Default for ScheduleFreeSgd {
    fn default() -> Self {
        ScheduleFreeSgd {
            momentum: 0.9,
            warmup_steps: 0,
            averaging_power: 0.0,
            rate_power: 2.0,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for ScheduleFreeSgd {
    const DESCRIPTION: &'static str =
        "SGD whose average takes the place of a schedule; evaluated at the average";
    const USUAL_LEARNING_RATE: f32 = 1.0;
    type State = ScheduleFreeSgdState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("momentum", Number(&mut self.momentum, Decay)),
            ("warmup_steps", Steps(&mut self.warmup_steps)),
            (
                "averaging_power",
                Number(&mut self.averaging_power, NonNegative),
            ),
            ("rate_power", Number(&mut self.rate_power, NonNegative)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    /// b1 is β; a step goes by the gradient itself.
    fn first_moment(&self) -> Coefficients {
        Coefficients::new(self.momentum, 1.0, 0.0)
    }

    fn start(&self) -> ScheduleFreeSgdState {
        ScheduleFreeSgdState {
            weight_decay: self.weight_decay,
            averaging: Averaging::new(self.warmup_steps, self.averaging_power, self.rate_power),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScheduleFreeSgdState {
    weight_decay: f64,
    averaging: Averaging,
}

impl State for ScheduleFreeSgdState {
    fn reset(&mut self) {
        self.averaging.reset();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.averaging.z, &self.averaging.x]
    }

    fn average(&self) -> Option<&[f32]> {
        Some(&self.averaging.x)
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        let mixture = self.averaging.begin(now, parameters);
        let decay = now.mu.w * self.weight_decay as f32;
        pass(
            parameters,
            gradient,
            [&mut self.averaging.x, &mut self.averaging.z],
            |y, g, [x, z]| mixture.advance(g + decay * y, x, z),
        )
    }
}
