//! What an environment must hold to, by subject; here what the tests of all subjects begin with.

mod continuation;
mod ends;
mod episode;
mod impossible;

use descender_control::{Action, ControlSettings};
use descender_task::StartPoint;

use crate::{EnvironmentSettings, RewardSettings, TimeToThresholdSettings};

const DOWN: Action = Action::Discrete(0);
const KEEP: Action = Action::Discrete(1);
const UP: Action = Action::Discrete(2);

fn start(index: u64) -> StartPoint {
    StartPoint {
        index,
        ..StartPoint::default()
    }
}

/// Time to the threshold, no end at the hit: −1 a step, so that rewards count steps.
fn counting() -> RewardSettings {
    RewardSettings::TimeToThreshold(TimeToThresholdSettings {
        step_cost: 1.0,
        end_at_hit: false,
        divergence: -7.0,
        out_of_bounds: -9.0,
        ..TimeToThresholdSettings::default()
    })
}

fn settings(steps: u64, interval: u32) -> EnvironmentSettings {
    EnvironmentSettings {
        steps,
        threshold: 1e-9,
        reward: counting(),
        control: ControlSettings {
            interval,
            ..ControlSettings::default()
        },
        ..EnvironmentSettings::default()
    }
}
