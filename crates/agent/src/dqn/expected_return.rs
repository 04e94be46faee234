//! One output for each action: its expected return, as in Deep Q-Networks.
//!
//! ```text
//! y = R + D · Q̂(s', a')
//! loss = ℓ(d) with d = Q(s, a) − y;  ℓ(d) = d², or Huber's d²/2 where |d| ≤ 1 and |d| − 1/2 beyond
//! ```
//!
//! Source: V. Mnih et al., "Human-level control through deep reinforcement learning", 2015, Algorithm 1.

use descender_control::{PolicyHead, highest};

use super::return_model::{Compared, ReturnModel};
use super::settings::DqnLoss;

/// Expected returns, and the targets of a batch.
#[derive(Clone, Debug)]
pub(crate) struct ExpectedReturn {
    loss: DqnLoss,
    /// y of each example.
    targets: Vec<f32>,
}

impl ExpectedReturn {
    /// For batches of at most `batch` examples.
    pub(crate) fn new(loss: DqnLoss, batch: usize) -> Self {
        Self {
            loss,
            targets: vec![0.0; batch],
        }
    }
}

impl ReturnModel for ExpectedReturn {
    fn width(&self) -> usize {
        1
    }

    fn head(&self) -> PolicyHead {
        PolicyHead::GreedyValues
    }

    fn best_action(&self, outputs: &[f32]) -> usize {
        highest(outputs)
    }

    fn set_target(&mut self, example: usize, reward: f32, discount: f32, next: &[f32]) {
        self.targets[example] = reward + discount * next[0];
    }

    fn compare(&self, example: usize, outputs: &[f32], gradient: &mut [f32]) -> Compared {
        let difference = outputs[0] - self.targets[example];
        let (loss, slope) = match self.loss {
            DqnLoss::Squared => (difference * difference, 2.0 * difference),
            DqnLoss::Huber if difference.abs() <= 1.0 => {
                (0.5 * difference * difference, difference)
            }
            DqnLoss::Huber => (difference.abs() - 0.5, difference.signum()),
        };
        gradient[0] = slope;
        Compared {
            loss,
            value: outputs[0],
            error: difference,
        }
    }
}
