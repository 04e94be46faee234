//! A pole on a cart, to be held upright by pushes to the left and to the right.

use descender_control::{Action, ActionSpace};
use descender_random::{ChaCha8Rng, unit};

use super::{Known, Outcome, number};

const GRAVITY: f64 = 9.8;
const POLE: f64 = 0.1;
const TOTAL: f64 = 1.0 + POLE;
/// Half the length of the pole.
const LENGTH: f64 = 0.5;
const FORCE: f64 = 10.0;
const SECONDS: f64 = 0.02;
const FARTHEST: f64 = 2.4;
const STEEPEST: f64 = 12.0 * 2.0 * std::f64::consts::PI / 360.0;

/// Position, its speed, angle, its speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CartPole(pub [f64; 4]);

impl Known for CartPole {
    const NAME: &'static str = "CartPole-v1";
    const LIMIT: u32 = 500;
    const OBSERVED: usize = 4;
    const ACTIONS: ActionSpace = ActionSpace::Discrete(2);

    fn start(generator: &mut ChaCha8Rng) -> Self {
        Self(std::array::from_fn(|_| 0.1 * unit(generator) - 0.05))
    }

    fn step(&mut self, action: &Action) -> Outcome {
        let [place, speed, angle, turning] = self.0;
        let force = if number(action) == 1 { FORCE } else { -FORCE };
        let (sine, cosine) = angle.sin_cos();
        let pushed = (force + POLE * LENGTH * turning * turning * sine) / TOTAL;
        let falling = (GRAVITY * sine - cosine * pushed)
            / (LENGTH * (4.0 / 3.0 - POLE * cosine * cosine / TOTAL));
        let moving = pushed - POLE * LENGTH * falling * cosine / TOTAL;
        self.0 = [
            place + SECONDS * speed,
            speed + SECONDS * moving,
            angle + SECONDS * turning,
            turning + SECONDS * falling,
        ];
        Outcome {
            reward: 1.0,
            terminated: self.0[0].abs() > FARTHEST || self.0[2].abs() > STEEPEST,
        }
    }

    fn observe(&self, out: &mut [f32]) {
        for (out, value) in out.iter_mut().zip(self.0) {
            *out = value as f32;
        }
    }
}
