//! Prodigy: Adam whose step size is an estimate of the distance to a solution.

use serde::{Deserialize, Serialize};

use crate::StepStatistics;
use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::{bias_correction, grown, keep, product, quotient};
use crate::coefficients::Coefficients;
use crate::gather::gather;
use crate::pass::{pass, unchanged};
use crate::setting::{
    Allowed::{Decay, Growth, Positive},
    Setting,
    Value::{Flag, Number},
    weight_decay,
};

/// Prodigy (Mishchenko, Defazio 2024, "Prodigy: An Expeditiously Adaptive Parameter-Free Learner", the algorithm for
/// Adam), where d estimates the distance from the start θ₀ to a solution:
///
/// ```text
/// γ = η·d   (times sqrt(1 − β₂^t) / (1 − β₁^t) with bias_correction)
/// r ← β₃·r + (d/d₀)·γ·⟨g, θ₀ − θ⟩,   S ← β₃·S + (d/d₀)·γ·g,   β₃ = sqrt(β₂)
/// Q ← β₁·Q + (1 − β₁)·d·g,           P ← β₂·P + (1 − β₂)·d²·g²
/// d ← the largest of d_coef · r / ‖S‖₁ so far, at least d₀, at most growth_rate·d
/// θ ← θ − γ·Q / (sqrt(P) + d·ε)      (γ of the old d)
/// ```
///
/// With `safeguard_warmup`, S takes d in the place of γ. A step reads η, a1, a2, b1 and b2 of μ; β₃ is the root of a1.
/// Defaults are those of the package `prodigyopt` 1.1 (without its `slice_p`, which saves memory, and with `beta3` at its
/// default).
///
/// The authors always use η = 1, with a constant or a cosine schedule, and tune `d_coef` (0.5, 2) instead.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prodigy {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε outside the root, above 0 (1e-8).
    pub epsilon: f64,
    /// d₀, the first estimate, above 0 (1e-6).
    pub d0: f64,
    /// Factor on the estimate, above 0 (1): the setting to tune.
    pub d_coef: f64,
    /// The most by which d grows in a step, at least 1, or 0 for no limit (0).
    pub growth_rate: f64,
    /// Adam's bias correction (no).
    pub bias_correction: bool,
    /// Keeps η out of S, for schedules that begin with a warm-up (no).
    pub safeguard_warmup: bool,
    /// λ, at least 0 (0).
    pub weight_decay: f64,
    /// Whether λ shrinks the parameters, θ ← (1 − γ·λ)·θ, rather than joins the gradient (yes).
    pub decoupled: bool,
}

impl Default for Prodigy {
    fn default() -> Self {
        Prodigy {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            d0: 1e-6,
            d_coef: 1.0,
            growth_rate: 0.0,
            bias_correction: false,
            safeguard_warmup: false,
            weight_decay: 0.0,
            decoupled: true,
        }
    }
}

impl Algorithm for Prodigy {
    const DESCRIPTION: &'static str = "Adam that estimates its own step size; η is a factor on it";
    const USUAL_LEARNING_RATE: f32 = 1.0;
    type State = ProdigyState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("beta1", Number(&mut self.beta1, Decay)),
            ("beta2", Number(&mut self.beta2, Decay)),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            ("d0", Number(&mut self.d0, Positive)),
            ("d_coef", Number(&mut self.d_coef, Positive)),
            ("growth_rate", Number(&mut self.growth_rate, Growth)),
            ("bias_correction", Flag(&mut self.bias_correction)),
            ("safeguard_warmup", Flag(&mut self.safeguard_warmup)),
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

    fn start(&self) -> ProdigyState {
        ProdigyState {
            settings: *self,
            distance: self.d0,
            largest: self.d0,
            numerator: 0.0,
            start: Vec::new(),
            sum: Vec::new(),
            first: Vec::new(),
            second: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProdigyState {
    settings: Prodigy,
    /// d, the distance as the step takes it.
    distance: f64,
    /// The largest estimate so far, which a limited growth may lag behind.
    largest: f64,
    /// r.
    numerator: f64,
    /// θ₀.
    start: Vec<f32>,
    /// S.
    sum: Vec<f32>,
    /// Q.
    first: Vec<f32>,
    /// P.
    second: Vec<f32>,
}

impl ProdigyState {
    /// Takes a new estimate of the distance.
    fn estimate(&mut self, estimate: f64) {
        // The first estimate above d₀ is taken whole, whatever the limit of growth.
        if self.distance == self.settings.d0 {
            self.distance = grown(self.distance, estimate, 0.0);
        }
        self.largest = grown(self.largest, estimate, 0.0);
        let limit = self.settings.growth_rate;
        self.distance = if limit > 0.0 {
            self.largest.min(self.distance * limit)
        } else {
            self.largest
        };
    }
}

impl State for ProdigyState {
    fn reset(&mut self) {
        self.distance = self.settings.d0;
        self.largest = self.settings.d0;
        self.numerator = 0.0;
        self.start.clear();
        self.sum.clear();
        self.first.clear();
        self.second.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.start, &self.sum, &self.first, &self.second]
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        keep(&mut self.start, parameters);
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
        let d = self.distance;
        let correction = if settings.bias_correction {
            bias_correction(now.first_weight, now.second_weight)
        } else {
            1.0
        };
        let rate = f64::from(now.mu.learning_rate) * d * correction;
        let beta3 = f64::from(now.mu.a1).sqrt();

        let (a1, b1, b3) = (now.mu.a1, now.mu.b1, beta3 as f32);
        let a2 = (f64::from(now.mu.a2) * d * d) as f32;
        let b2 = (f64::from(now.mu.b2) * d) as f32;
        let weight = d / settings.d0 * if settings.safeguard_warmup { d } else { rate };
        let c = weight as f32;
        let [along, size] = gather(
            [gradient, &*parameters, &self.start],
            [&mut self.sum, &mut self.first, &mut self.second],
            |[g, theta, start], [s, q, p]| {
                let g = g + coupled * theta;
                *s = b3 * *s + c * g;
                *q = b1 * *q + b2 * g;
                *p = a1 * *p + a2 * (g * g);
                [product(g, start - theta), f64::from(s.abs())]
            },
        );
        if size == 0.0 {
            return unchanged(parameters, gradient);
        }
        self.numerator = beta3 * self.numerator + d / settings.d0 * rate * along;
        self.estimate(settings.d_coef * self.numerator / size);

        let epsilon = (self.distance * settings.epsilon) as f32;
        let rate = rate as f32;
        let shrink = rate * decoupled;
        pass(
            parameters,
            gradient,
            [&mut self.first, &mut self.second],
            |theta, _, [q, p]| theta - (shrink * theta + rate * quotient(*q, p.sqrt() + epsilon)),
        )
    }
}
