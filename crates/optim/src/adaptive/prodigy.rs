//! Prodigy: Adam whose step size is an estimate of the distance to a solution.

use serde::{Deserialize, Serialize};

use super::gather::{gather, product};
use super::{Now, State, grown, keep, unchanged};
use crate::optimizer::quotient;
use crate::pass::pass;
use crate::{Prodigy, StepStatistics};

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
    pub(crate) fn new(settings: Prodigy) -> Self {
        Self {
            settings,
            distance: settings.d0,
            largest: settings.d0,
            numerator: 0.0,
            start: Vec::new(),
            sum: Vec::new(),
            first: Vec::new(),
            second: Vec::new(),
        }
    }

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
        let decay = settings.weight_decay as f32;
        let (coupled, decoupled) = if settings.decoupled {
            (0.0, decay)
        } else {
            (decay, 0.0)
        };
        let d = self.distance;
        let correction = if settings.bias_correction {
            now.second_weight.sqrt() / now.first_weight
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
