//! Two links that hang, of which the joint between them can be turned: the tip has to swing up.

use std::f64::consts::PI;

use descender_control::{Action, ActionSpace};
use descender_random::{ChaCha8Rng, unit};

use super::{Known, Outcome, number};

const GRAVITY: f64 = 9.8;
/// From a link's beginning to its middle; masses, lengths and moments of inertia are 1.
const MIDDLE: f64 = 0.5;
const SECONDS: f64 = 0.2;
const FASTEST: [f64; 2] = [4.0 * PI, 9.0 * PI];

/// The angle of the first link from hanging, that of the second from the first, and their speeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acrobot(pub [f64; 4]);

impl Acrobot {
    /// The derivatives of a state under a torque.
    fn slope([first, second, first_speed, second_speed]: [f64; 4], torque: f64) -> [f64; 4] {
        let coupling = MIDDLE * second.cos();
        let own = MIDDLE * MIDDLE + 1.0;
        let d1 = MIDDLE * MIDDLE + 1.0 + MIDDLE * MIDDLE + 2.0 * coupling + 2.0;
        let d2 = own + coupling;
        let phi2 = MIDDLE * GRAVITY * (first + second - PI / 2.0).cos();
        let phi1 = -MIDDLE * second_speed * second_speed * second.sin()
            - 2.0 * MIDDLE * second_speed * first_speed * second.sin()
            + (MIDDLE + 1.0) * GRAVITY * (first - PI / 2.0).cos()
            + phi2;
        let second_turning =
            (torque + d2 / d1 * phi1 - MIDDLE * first_speed * first_speed * second.sin() - phi2)
                / (own - d2 * d2 / d1);
        let first_turning = -(d2 * second_turning + phi1) / d1;
        [first_speed, second_speed, first_turning, second_turning]
    }
}

impl Known for Acrobot {
    const NAME: &'static str = "Acrobot-v1";
    const LIMIT: u32 = 500;
    const OBSERVED: usize = 6;
    const ACTIONS: ActionSpace = ActionSpace::Discrete(3);

    fn start(generator: &mut ChaCha8Rng) -> Self {
        Self(std::array::from_fn(|_| 0.2 * unit(generator) - 0.1))
    }

    /// One step of a Runge–Kutta method of the fourth order.
    fn step(&mut self, action: &Action) -> Outcome {
        let torque = number(action) as f64 - 1.0;
        let state = self.0;
        let moved = |slope: [f64; 4], seconds: f64| -> [f64; 4] {
            std::array::from_fn(|entry| state[entry] + seconds * slope[entry])
        };
        let k1 = Self::slope(state, torque);
        let k2 = Self::slope(moved(k1, SECONDS / 2.0), torque);
        let k3 = Self::slope(moved(k2, SECONDS / 2.0), torque);
        let k4 = Self::slope(moved(k3, SECONDS), torque);
        for entry in 0..4 {
            self.0[entry] +=
                SECONDS / 6.0 * (k1[entry] + 2.0 * k2[entry] + 2.0 * k3[entry] + k4[entry]);
        }
        for angle in &mut self.0[..2] {
            while *angle > PI {
                *angle -= 2.0 * PI;
            }
            while *angle < -PI {
                *angle += 2.0 * PI;
            }
        }
        for (speed, fastest) in self.0[2..].iter_mut().zip(FASTEST) {
            *speed = speed.clamp(-fastest, fastest);
        }
        let [first, second, ..] = self.0;
        let terminated = -first.cos() - (second + first).cos() > 1.0;
        Outcome {
            reward: if terminated { 0.0 } else { -1.0 },
            terminated,
        }
    }

    fn observe(&self, out: &mut [f32]) {
        let [first, second, first_speed, second_speed] = self.0;
        let seen = [
            first.cos(),
            first.sin(),
            second.cos(),
            second.sin(),
            first_speed,
            second_speed,
        ];
        for (out, value) in out.iter_mut().zip(seen) {
            *out = value as f32;
        }
    }
}
