//! D-Adaptation for SGD and for Adam: the step size grows with a lower bound of the distance to a solution.

use serde::{Deserialize, Serialize};

use super::gather::{gather, product};
use super::{Now, State, grown, keep, unchanged};
use crate::optimizer::quotient;
use crate::pass::pass;
use crate::{DadaptAdam, DadaptSgd, StepStatistics};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DadaptSgdState {
    settings: DadaptSgd,
    /// d.
    distance: f64,
    /// r.
    numerator: f64,
    /// ‖g₁‖; 0 until there is a gradient that isn't 0.
    first_norm: f64,
    /// θ₀.
    start: Vec<f32>,
    /// S.
    sum: Vec<f32>,
}

impl DadaptSgdState {
    pub(crate) fn new(settings: DadaptSgd) -> Self {
        Self {
            settings,
            distance: settings.d0,
            numerator: 0.0,
            first_norm: 0.0,
            start: Vec::new(),
            sum: Vec::new(),
        }
    }
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
        let decay = self.settings.weight_decay as f32;
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

impl DadaptAdamState {
    pub(crate) fn new(settings: DadaptAdam) -> Self {
        Self {
            settings,
            distance: settings.d0,
            numerator: 0.0,
            sum: Vec::new(),
            first: Vec::new(),
            second: Vec::new(),
        }
    }
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
        let decay = settings.weight_decay as f32;
        let (coupled, decoupled) = if settings.decoupled {
            (0.0, decay)
        } else {
            (decay, 0.0)
        };
        let correction = if settings.bias_correction {
            now.second_weight.sqrt() / now.first_weight
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
