//! Schedule-free averaging: the two sequences z and x whose mixture y the steps update.

use serde::{Deserialize, Serialize};

use crate::algorithm::Now;
use crate::arithmetic::keep;

/// z, and its running average x, of schedule-free learning. The parameters of the network are y.
///
/// ```text
/// γ = η · min(1, t / warmup_steps)
/// z ← z − γ · direction
/// x ← (1 − s)·x + s·z,   s = min(1, c · w_t / (w_1 + … + w_t)),   w_t = t^r · (largest γ so far)^p
/// y ← (1 − β)·z + β·x
/// ```
///
/// c is that of μ, and 1 in schedule-free learning itself.
///
/// The reference program keeps y and z, and recovers x from them by a division by β. Here x is kept, so a controller may
/// change β and set it to 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Averaging {
    warmup_steps: u64,
    /// r.
    averaging_power: f64,
    /// p.
    rate_power: f64,
    /// The largest γ so far.
    largest_rate: f64,
    /// Sum of the weights of the average.
    weight_sum: f64,
    pub(crate) z: Vec<f32>,
    pub(crate) x: Vec<f32>,
}

/// The numbers of one step of [`Averaging`].
#[derive(Clone, Copy)]
pub(crate) struct Mixture {
    /// γ.
    rate: f32,
    /// s.
    share: f32,
    /// β.
    beta: f32,
}

impl Averaging {
    pub(crate) fn new(warmup_steps: u64, averaging_power: f64, rate_power: f64) -> Averaging {
        Averaging {
            warmup_steps,
            averaging_power,
            rate_power,
            largest_rate: 0.0,
            weight_sum: 0.0,
            z: Vec::new(),
            x: Vec::new(),
        }
    }

    pub(crate) fn reset(&mut self) {
        self.largest_rate = 0.0;
        self.weight_sum = 0.0;
        self.z.clear();
        self.x.clear();
    }

    /// Begins a step: z and x start at the parameters.
    pub(crate) fn begin(&mut self, now: &Now, parameters: &[f32]) -> Mixture {
        keep(&mut self.z, parameters);
        keep(&mut self.x, parameters);
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
        let share = (f64::from(now.mu.c) * share).clamp(0.0, 1.0);
        Mixture {
            rate: rate as f32,
            share: share as f32,
            beta: now.mu.b1,
        }
    }
}

impl Mixture {
    /// Moves z against the direction and x towards z; returns y.
    ///
    /// Written as steps from one point towards another, so equal points stay equal.
    #[inline(always)]
    pub(crate) fn advance(self, direction: f32, x: &mut f32, z: &mut f32) -> f32 {
        *z -= self.rate * direction;
        *x += self.share * (*z - *x);
        *z + self.beta * (*x - *z)
    }
}
