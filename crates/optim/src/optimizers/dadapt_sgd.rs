//! D-Adaptation for SGD: the step size grows with a lower bound of the distance to a solution.

use serde::{Deserialize, Serialize};

use crate::StepStatistics;
use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::{grown, keep, product};
use crate::coefficients::Coefficients;
use crate::gather::gather;
use crate::pass::{pass, unchanged};
use crate::setting::{
    Allowed::{Decay, Growth, Positive},
    Setting,
    Value::Number,
    weight_decay,
};

/// SGD with D-Adaptation (Defazio, Mishchenko 2023, "Learning-Rate-Free Learning by D-Adaptation", the algorithm for
/// SGD):
///
/// ```text
/// γ = η·d / ‖g₁‖
/// r ← r + γ·⟨g, S⟩,   S ← S + γ·g
/// d ← max(d, min(2·r / ‖S‖₂, growth_rate·d))
/// z = θ₀ − S,         θ ← β·θ + (1 − β)·z
/// ```
///
/// g₁ is the first gradient that is not 0, without weight decay. A step reads η and b1 (β) of μ. Defaults are those of the
/// package `dadaptation` 3.2 (`DAdaptSGD`), whose momentum is 0. The paper's experiments use 0.9.
///
/// The authors always use η = 1, with the schedule that the problem would have had. Where the method overestimates the
/// step and the descent diverges, a smaller η helps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DadaptSgd {
    /// β, at least 0 and below 1 (0).
    pub momentum: f64,
    /// d₀, the first estimate, above 0 (1e-6).
    pub d0: f64,
    /// The most by which d grows in a step, at least 1, or 0 for no limit (0).
    pub growth_rate: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for DadaptSgd {
    fn default() -> Self {
        DadaptSgd {
            momentum: 0.0,
            d0: 1e-6,
            growth_rate: 0.0,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for DadaptSgd {
    const DESCRIPTION: &'static str =
        "SGD that estimates its own step size by D-Adaptation; η is a factor on it";
    const USUAL_LEARNING_RATE: f32 = 1.0;
    type State = DadaptSgdState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("momentum", Number(&mut self.momentum, Decay)),
            ("d0", Number(&mut self.d0, Positive)),
            ("growth_rate", Number(&mut self.growth_rate, Growth)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn first_moment(&self) -> Coefficients {
        Coefficients::average(self.momentum)
    }

    fn start(&self) -> DadaptSgdState {
        DadaptSgdState {
            settings: *self,
            distance: self.d0,
            numerator: 0.0,
            first_norm: 0.0,
            start: Vec::new(),
            sum: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DadaptSgdState {
    settings: DadaptSgd,
    /// d.
    distance: f64,
    /// r.
    numerator: f64,
    /// ‖g₁‖; 0 until a gradient is not 0.
    first_norm: f64,
    /// θ₀.
    start: Vec<f32>,
    /// S.
    sum: Vec<f32>,
}

impl State for DadaptSgdState {
    fn reset(&mut self) {
        self.distance = self.settings.d0;
        self.numerator = 0.0;
        self.first_norm = 0.0;
        self.start.clear();
        self.sum.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.start, &self.sum]
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        keep(&mut self.start, parameters);
        self.sum.resize(parameters.len(), 0.0);
        if self.first_norm == 0.0 {
            let [square] = gather([gradient], [], |[g], _| [product(g, g)]);
            self.first_norm = square.sqrt();
        }
        if self.first_norm == 0.0 {
            return unchanged(parameters, gradient);
        }
        let rate = f64::from(now.mu.learning_rate) * self.distance / self.first_norm;
        let decay = now.mu.w * self.settings.weight_decay as f32;
        let step = rate as f32;
        let [along, square] = gather(
            [gradient, &*parameters],
            [&mut self.sum],
            |[g, theta], [s]| {
                let g = g + decay * theta;
                let along = product(g, *s);
                *s += step * g;
                [along, product(*s, *s)]
            },
        );
        if square == 0.0 {
            return unchanged(parameters, gradient);
        }
        self.numerator += rate * along;
        let estimate = 2.0 * self.numerator / square.sqrt();
        self.distance = grown(self.distance, estimate, self.settings.growth_rate);
        let beta = now.mu.b1;
        pass(
            parameters,
            gradient,
            [&mut self.sum, &mut self.start],
            |theta, _, [s, start]| {
                let z = *start - *s;
                z + beta * (theta - z)
            },
        )
    }
}
