//! Hypergradient descent: the learning rate itself descends its gradient.

use serde::{Deserialize, Serialize};

use super::gather::{gather, product};
use super::{Now, State};
use crate::optimizer::quotient;
use crate::pass::pass;
use crate::{AdamHd, SgdHd, StepStatistics};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SgdHdState {
    settings: SgdHd,
    /// α − η: what has been learned.
    learned: f64,
    /// The gradient of the step before, with weight decay.
    previous: Vec<f32>,
}

impl SgdHdState {
    pub(crate) fn new(settings: SgdHd) -> Self {
        Self {
            settings,
            learned: 0.0,
            previous: Vec::new(),
        }
    }
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
        let decay = self.settings.weight_decay as f32;
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AdamHdState {
    settings: AdamHd,
    /// α − η: what has been learned.
    learned: f64,
    /// Q.
    first: Vec<f32>,
    /// P.
    second: Vec<f32>,
    /// u, the direction of the step before.
    direction: Vec<f32>,
}

impl AdamHdState {
    pub(crate) fn new(settings: AdamHd) -> Self {
        Self {
            settings,
            learned: 0.0,
            first: Vec::new(),
            second: Vec::new(),
            direction: Vec::new(),
        }
    }
}

impl State for AdamHdState {
    fn reset(&mut self) {
        self.learned = 0.0;
        self.first.clear();
        self.second.clear();
        self.direction.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.first, &self.second, &self.direction]
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        for memory in [&mut self.first, &mut self.second, &mut self.direction] {
            memory.resize(parameters.len(), 0.0);
        }
        let settings = self.settings;
        let decay = settings.weight_decay as f32;
        let [along] = gather(
            [gradient, &*parameters, &self.direction],
            [],
            |[g, theta, direction], _| [product(g + decay * theta, direction)],
        );
        self.learned += settings.hypergradient_rate * along;
        let rate = (f64::from(now.mu.learning_rate) + self.learned) as f32;
        let reciprocal = |weight: f64| if weight > 0.0 { 1.0 / weight } else { 1.0 };
        let scale = reciprocal(now.first_weight) as f32;
        let root_scale = reciprocal(now.second_weight.sqrt()) as f32;
        let (a1, a2, b1, b2) = (now.mu.a1, now.mu.a2, now.mu.b1, now.mu.b2);
        let epsilon = settings.epsilon as f32;
        pass(
            parameters,
            gradient,
            [&mut self.second, &mut self.first, &mut self.direction],
            |theta, g, [p, q, direction]| {
                let g = g + decay * theta;
                *p = a1 * *p + a2 * (g * g);
                *q = b1 * *q + b2 * g;
                *direction = quotient(scale * *q, p.sqrt() * root_scale + epsilon);
                theta - rate * *direction
            },
        )
    }
}
