//! Problems whose best scores are published: those of Gymnasium's classic control, with its dynamics.
//!
//! Sources of the dynamics: A. Barto, R. Sutton, C. Anderson, "Neuronlike adaptive elements that can solve difficult
//! learning control problems", 1983 (cart and pole, here with the equations of R. Florian, 2007); R. Sutton, "Generalization
//! in reinforcement learning", 1996, and the book of Sutton and Barto (acrobot); the pendulum is Gymnasium's own. Constants and
//! the kind of integration are those of Gymnasium 1.4, whose trajectories `reference/classic_control.json` holds.

#![allow(dead_code, reason = "each program that includes this uses its part")]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a module of tests and of an example"
)]

mod acrobot;
mod cart_pole;
pub mod cases;
mod pendulum;
mod training;

pub use acrobot::Acrobot;
pub use cart_pole::CartPole;
pub use pendulum::Pendulum;

use descender_control::{Action, ActionSpace};
use descender_random::ChaCha8Rng;

/// What a step of a known problem comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    pub reward: f64,
    pub terminated: bool,
}

/// A known problem: its dynamics, without the limit of time.
pub trait Known {
    /// The name, as in Gymnasium.
    const NAME: &'static str;
    /// Steps after which an episode is truncated.
    const LIMIT: u32;
    /// Length of an observation.
    const OBSERVED: usize;
    /// The shape of an action.
    const ACTIONS: ActionSpace;

    /// The problem at a drawn start.
    fn start(generator: &mut ChaCha8Rng) -> Self;

    /// One step.
    fn step(&mut self, action: &Action) -> Outcome;

    /// Writes what an agent sees.
    fn observe(&self, out: &mut [f32]);
}

/// The number of a discrete action.
fn number(action: &Action) -> usize {
    match action {
        Action::Discrete(number) => *number,
        Action::Continuous(_) => panic!("a discrete action was expected"),
    }
}
