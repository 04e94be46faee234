//! D-Adaptation for Adam: the step size grows with a lower bound of the distance to a solution.

use serde::{Deserialize, Serialize};

use crate::StepStatistics;
use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::{bias_correction, grown, product, quotient};
use crate::coefficients::Coefficients;
use crate::gather::gather;
use crate::pass::{pass, unchanged};
use crate::setting::{
    Allowed::{Decay, Growth, Positive},
    Setting,
    Value::{Flag, Number},
    weight_decay,
};

/// Adam with D-Adaptation (Defazio, Mishchenko 2023, the algorithm for Adam, as version 3 of its program improved it):
///
/// ```text
/// γ = η·d   (times sqrt(1 − β₂^t) / (1 − β₁^t) with bias_correction),   b = sqrt(β₂)
/// r ← b·r + (1 − b)·γ·⟨g, S / (sqrt(P) + ε)⟩   (P and S of the step before)
/// S ← b·S + (1 − b)·γ·g
/// Q ← β₁·Q + (1 − β₁)·γ·g,   P ← β₂·P + (1 − β₂)·g²
/// d ← max(d, min(r / ((1 − b)·‖S‖₁), growth_rate·d))
/// θ ← θ − Q / (sqrt(P) + ε)
/// ```
///
/// A step reads η, a1, a2, b1 and b2 of μ; b is the root of a1. Defaults are those of the package `dadaptation` 3.2
/// (`DAdaptAdam`).
///
/// The authors always use η = 1, with the schedule that the problem would have had.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DadaptAdam {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε outside the root, above 0 (1e-8).
    pub epsilon: f64,
    /// d₀, the first estimate, above 0 (1e-6).
    pub d0: f64,
    /// The most by which d grows in a step, at least 1, or 0 for no limit (0).
    pub growth_rate: f64,
    /// Adam's bias correction (no).
    pub bias_correction: bool,
    /// λ, at least 0 (0).
    pub weight_decay: f64,
    /// Whether λ shrinks the parameters, θ ← (1 − γ·λ)·θ, rather than joins the gradient (no).
    pub decoupled: bool,
}

impl Default for DadaptAdam {
    fn default() -> Self {
        DadaptAdam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            d0: 1e-6,
            growth_rate: 0.0,
            bias_correction: false,
            weight_decay: 0.0,
            decoupled: false,
        }
    }
}

impl Algorithm for DadaptAdam {
    const DESCRIPTION: &'static str =
        "Adam that estimates its own step size by D-Adaptation; η is a factor on it";
    const USUAL_LEARNING_RATE: f32 = 1.0;
    type State = DadaptAdamState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("beta1", Number(&mut self.beta1, Decay)),
            ("beta2", Number(&mut self.beta2, Decay)),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            ("d0", Number(&mut self.d0, Positive)),
            ("growth_rate", Number(&mut self.growth_rate, Growth)),
            ("bias_correction", Flag(&mut self.bias_correction)),
            weight_decay(&mut self.weight_decay),
            ("decoupled", Flag(&mut self.decoupled)),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::average(self.beta2)
    }

    fn first_moment(&self) -> Coefficients {
        Coefficients::average(self.beta1)
    }

    fn start(&self) -> DadaptAdamState {
        DadaptAdamState {
            settings: *self,
            distance: self.d0,
            numerator: 0.0,
            sum: Vec::new(),
            first: Vec::new(),
            second: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DadaptAdamState {
    settings: DadaptAdam,
    /// d.
    distance: f64,
    /// r.
    numerator: f64,
    /// S.
    sum: Vec<f32>,
    /// Q.
    first: Vec<f32>,
    /// P.
    second: Vec<f32>,
}

impl State for DadaptAdamState {
    fn reset(&mut self) {
        self.distance = self.settings.d0;
        self.numerator = 0.0;
        self.sum.clear();
        self.first.clear();
        self.second.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.sum, &self.first, &self.second]
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        for memory in [&mut self.sum, &mut self.first, &mut self.second] {
            memory.resize(parameters.len(), 0.0);
        }
        let settings = self.settings;
        let decay = now.mu.w * settings.weight_decay as f32;
        let (coupled, decoupled) = if settings.decoupled {
            (0.0, decay)
        } else {
            (decay, 0.0)
        };
        let correction = if settings.bias_correction {
            bias_correction(now.first_weight, now.second_weight)
        } else {
            1.0
        };
        let rate = f64::from(now.mu.learning_rate) * self.distance * correction;
        let root = f64::from(now.mu.a1).sqrt();

        let epsilon = settings.epsilon as f32;
        let (a1, a2, b1) = (now.mu.a1, now.mu.a2, now.mu.b1);
        let b2 = (f64::from(now.mu.b2) * rate) as f32;
        let (c1, c2) = (root as f32, ((1.0 - root) * rate) as f32);
        let [along, size] = gather(
            [gradient, &*parameters],
            [&mut self.sum, &mut self.first, &mut self.second],
            |[g, theta], [s, q, p]| {
                let g = g + coupled * theta;
                let along = product(g, quotient(*s, p.sqrt() + epsilon));
                *s = c1 * *s + c2 * g;
                *q = b1 * *q + b2 * g;
                *p = a1 * *p + a2 * (g * g);
                [along, f64::from(s.abs())]
            },
        );
        if size == 0.0 {
            return unchanged(parameters, gradient);
        }
        self.numerator = root * self.numerator + (1.0 - root) * rate * along;
        let estimate = self.numerator / ((1.0 - root) * size);
        self.distance = grown(self.distance, estimate, settings.growth_rate);
        let shrink = rate as f32 * decoupled;
        pass(
            parameters,
            gradient,
            [&mut self.first, &mut self.second],
            |theta, _, [q, p]| theta - (shrink * theta + quotient(*q, p.sqrt() + epsilon)),
        )
    }
}
