//! Schedule-free SGD and AdamW: gradients at y, evaluation at the average x.

use serde::{Deserialize, Serialize};

use super::{Now, State, keep};
use crate::optimizer::quotient;
use crate::pass::pass;
use crate::{ScheduleFreeAdamW, ScheduleFreeSgd, StepStatistics};

/// z and x; the parameters of the network are y.
///
/// The reference program keeps y and z and recovers x from them by a division by β. Here x is kept, so that a controller
/// may change β, and set it to 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScheduleFreeState {
    warmup_steps: u64,
    averaging_power: f64,
    rate_power: f64,
    weight_decay: f64,
    /// ε of AdamW; none for SGD.
    epsilon: Option<f64>,
    /// The largest rate so far.
    largest_rate: f64,
    /// Sum of the weights of the average.
    weight_sum: f64,
    z: Vec<f32>,
    x: Vec<f32>,
    /// P of AdamW.
    second: Vec<f32>,
}

impl ScheduleFreeState {
    pub(crate) fn sgd(settings: ScheduleFreeSgd) -> Self {
        Self {
            warmup_steps: settings.warmup_steps,
            averaging_power: settings.averaging_power,
            rate_power: settings.rate_power,
            weight_decay: settings.weight_decay,
            epsilon: None,
            largest_rate: 0.0,
            weight_sum: 0.0,
            z: Vec::new(),
            x: Vec::new(),
            second: Vec::new(),
        }
    }

    pub(crate) fn adamw(settings: ScheduleFreeAdamW) -> Self {
        Self {
            epsilon: Some(settings.epsilon),
            ..Self::sgd(ScheduleFreeSgd {
                momentum: settings.beta1,
                warmup_steps: settings.warmup_steps,
                averaging_power: settings.averaging_power,
                rate_power: settings.rate_power,
                weight_decay: settings.weight_decay,
            })
        }
    }

    /// The rate of this step, and c, the weight of z in the average.
    fn rates(&mut self, now: &Now) -> (f32, f32) {
        let rise = if now.step < self.warmup_steps {
            now.step as f64 / self.warmup_steps as f64
        } else {
            1.0
        };
        let rate = f64::from(now.mu.learning_rate) * rise;
        self.largest_rate = self.largest_rate.max(rate);
        let weight =
            (now.step as f64).powf(self.averaging_power) * self.largest_rate.powf(self.rate_power);
        self.weight_sum += weight;
        let share = if self.weight_sum == 0.0 {
            0.0
        } else {
            weight / self.weight_sum
        };
        (rate as f32, share as f32)
    }
}

impl State for ScheduleFreeState {
    fn reset(&mut self) {
        self.largest_rate = 0.0;
        self.weight_sum = 0.0;
        self.z.clear();
        self.x.clear();
        self.second.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        if self.epsilon.is_some() {
            vec![&self.z, &self.x, &self.second]
        } else {
            vec![&self.z, &self.x]
        }
    }

    fn average(&self) -> Option<&[f32]> {
        Some(&self.x)
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        keep(&mut self.z, parameters);
        keep(&mut self.x, parameters);
        let (rate, share) = self.rates(now);
        let decay = self.weight_decay as f32;
        let (beta, a1, a2) = (now.mu.b1, now.mu.a1, now.mu.a2);
        // Written as steps from one point towards another, so that equal points stay equal.
        let advance = |direction: f32, x: &mut f32, z: &mut f32| {
            *z -= rate * direction;
            *x += share * (*z - *x);
            *z + beta * (*x - *z)
        };
        let Some(epsilon) = self.epsilon else {
            return pass(
                parameters,
                gradient,
                [&mut self.x, &mut self.z],
                |y, g, [x, z]| advance(g + decay * y, x, z),
            );
        };
        self.second.resize(parameters.len(), 0.0);
        let epsilon = epsilon as f32;
        let root_scale = if now.second_weight > 0.0 {
            (1.0 / now.second_weight.sqrt()) as f32
        } else {
            1.0
        };
        pass(
            parameters,
            gradient,
            [&mut self.x, &mut self.z, &mut self.second],
            |y, g, [x, z, p]| {
                *p = a1 * *p + a2 * (g * g);
                let direction = quotient(g, p.sqrt() * root_scale + epsilon);
                advance(direction + decay * y, x, z)
            },
        )
    }
}
