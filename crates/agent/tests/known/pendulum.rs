//! A pendulum that a weak motor has to swing up and hold.

use std::f64::consts::PI;

use descender_control::{Action, ActionSpace};
use descender_random::{ChaCha8Rng, unit};

use super::{Known, Outcome};

const GRAVITY: f64 = 10.0;
const SECONDS: f64 = 0.05;
const FASTEST: f64 = 8.0;
/// The torque of an action of 1.
pub const STRONGEST: f64 = 2.0;

/// The angle from upright, and its speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pendulum(pub [f64; 2]);

impl Pendulum {
    /// One step under a torque, which is cut at ±2.
    pub fn turn(&mut self, torque: f64) -> Outcome {
        let [angle, speed] = self.0;
        let torque = torque.clamp(-STRONGEST, STRONGEST);
        let from_upright = (angle + PI).rem_euclid(2.0 * PI) - PI;
        let cost = from_upright * from_upright + 0.1 * speed * speed + 0.001 * torque * torque;
        let turned = speed + (1.5 * GRAVITY * angle.sin() + 3.0 * torque) * SECONDS;
        let turned = turned.clamp(-FASTEST, FASTEST);
        self.0 = [angle + turned * SECONDS, turned];
        Outcome {
            reward: -cost,
            terminated: false,
        }
    }
}

impl Known for Pendulum {
    const NAME: &'static str = "Pendulum-v1";
    const LIMIT: u32 = 200;
    const OBSERVED: usize = 3;
    const ACTIONS: ActionSpace = ActionSpace::Continuous { dimensions: 1 };

    fn start(generator: &mut ChaCha8Rng) -> Self {
        let mut between = |end: f64| end * (2.0 * unit(generator) - 1.0);
        Self([between(PI), between(1.0)])
    }

    fn step(&mut self, action: &Action) -> Outcome {
        let Action::Continuous(numbers) = action else {
            panic!("a continuous action was expected")
        };
        self.turn(STRONGEST * f64::from(numbers[0]))
    }

    fn observe(&self, out: &mut [f32]) {
        let [angle, speed] = self.0;
        for (out, value) in out.iter_mut().zip([angle.cos(), angle.sin(), speed]) {
            *out = value as f32;
        }
    }
}
