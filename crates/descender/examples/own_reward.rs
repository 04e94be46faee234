//! A reward of your own: the area under the loss curve, so that a descent is paid for being fast all the way.
//!
//! `cargo run --release --example own_reward`

#![allow(clippy::print_stdout, reason = "an example shows what came of it")]

use descender::Training;
use descender::compare::comparison::table;
use descender::env::{Ending, EpisodeShape, Reward, RewardSettings, StepReward};
use descender::task::{StateError, Task};

/// −(smoothed loss) / steps at every step: the sum over an episode is minus the mean of the smoothed loss.
#[derive(Clone, Debug, Default)]
struct Area {
    steps: f64,
    smoothed: Option<f64>,
}

impl Reward for Area {
    fn name(&self) -> &str {
        "area"
    }
    fn ending(&self) -> Ending {
        Ending {
            out_of_bounds: -10.0,
            divergence: -10.0,
        }
    }
    fn reset(&mut self, shape: &EpisodeShape) {
        *self = Self {
            steps: shape.steps as f64,
            smoothed: None,
        };
    }
    fn step(&mut self, loss: f32) -> StepReward {
        let loss = f64::from(loss);
        let smoothed = self
            .smoothed
            .map_or(loss, |before| 0.9 * before + 0.1 * loss);
        self.smoothed = Some(smoothed);
        StepReward {
            value: -smoothed / self.steps,
            ends: false,
        }
    }
    fn save(&self) -> Vec<u8> {
        serde_json::to_vec(&(self.steps, self.smoothed)).expect("numbers have a JSON form")
    }
    fn restore(&mut self, memory: &[u8]) -> Result<(), StateError> {
        (self.steps, self.smoothed) = serde_json::from_slice(memory)
            .map_err(|error| StateError::unreadable("the reward `area`", error))?;
        Ok(())
    }
    fn boxed_clone(&self) -> Box<dyn Reward> {
        Box::new(self.clone())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let trained = Training::on(Task::small())
        .steps(150)
        .episodes(320)
        .threshold(0.5)
        .reward(RewardSettings::own(Area::default()))
        .against("sgd:0.1,adam:0.001,tuned:adam,untrained", 32)
        .run()?;
    print!("{}", table(trained.comparison()));
    Ok(())
}
