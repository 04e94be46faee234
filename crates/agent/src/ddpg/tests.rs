//! Updates against PyTorch, and the noise of each environment.

use super::*;
use crate::torch_updates::{
    HIDDEN, POLICY_RATE, RATE, TARGET_RATE, assert_close, assert_losses, begin, three_updates,
    updated,
};
use crate::{AgentSettings, Transition, build};

const PARTS: StateAction = StateAction {
    observation_len: 2,
    dimensions: 1,
};

fn settings() -> DdpgSettings {
    DdpgSettings {
        hidden: HIDDEN.to_vec(),
        learning_rate: RATE,
        policy_learning_rate: POLICY_RATE,
        target_rate: TARGET_RATE,
        batch_size: 3,
        ..DdpgSettings::default()
    }
}

#[test]
fn three_updates_are_pytorch_s() {
    let expected = updated("ddpg");
    let mut ddpg = Ddpg::new(&settings(), PARTS, 1, 1).unwrap();
    begin(&mut ddpg.actor.learned, 0);
    begin(&mut ddpg.critic.learned, 1);
    assert_losses(three_updates(&mut ddpg), expected.losses);
    let state = ddpg.state();
    assert_close("actor", &state.actor.weights, &expected.actor);
    let target = expected.actor_target.unwrap();
    assert_close("actor's target", &state.actor.target, &target);
    assert_close("critic", &state.critic.weights, &expected.critics[0]);
    assert_close(
        "critic's target",
        &state.critic.target,
        &expected.targets[0],
    );
}

#[test]
fn the_process_begins_at_zero_with_each_episode_of_its_environment() {
    let settings = DdpgSettings {
        noise: ActionNoise::OrnsteinUhlenbeck,
        ..settings()
    };
    let mut ddpg = Ddpg::new(&settings, PARTS, 2, 1).unwrap();
    let mut generator = stream(1, purpose::EXPLORATION, 0);
    let mut action = [0.0];
    for environment in [0, 1, 1] {
        ddpg.explore(environment, &[0.1, 0.2], &mut generator, &mut action);
    }
    let mut plain = [0.0];
    ddpg.actor.act(&[0.1, 0.2], &mut plain);
    assert!((action[0] - plain[0] - ddpg.noise[1]).abs() < 1e-6);
    let other = ddpg.noise[1];
    assert!(ddpg.noise[0] != 0.0 && other != 0.0);
    ddpg.end_episode(0);
    assert_eq!(ddpg.noise, [0.0, other]);
}

/// An update whose numbers overflow is left out, whichever part of it they belong to, and all weights stay finite.
#[test]
fn updates_that_are_not_finite_are_skipped_and_counted() {
    let settings = DdpgSettings {
        warm_up: 3,
        ..settings()
    };
    let space = ActionSpace::Continuous { dimensions: 1 };
    let mut agent = build(&AgentSettings::Ddpg(settings), 2, space, 1, 1).unwrap();
    for _ in 0..6 {
        let action = agent.act(0, &[0.1, 0.2]);
        agent.observe(
            0,
            Transition {
                observation: &[0.1, 0.2],
                action: &action,
                reward: 3e38,
                next_observation: &[0.3, 0.1],
                terminated: false,
                truncated: false,
                continuation: 1.0,
            },
        );
    }
    let before = agent.policy();
    let report = agent.learn().unwrap();
    assert_eq!((report.updates, report.skipped_updates), (0, 4));
    assert!(report.loss.is_nan());
    assert_eq!(agent.policy(), before);
    // What can't be seen is still answered by an action of the space.
    let action = agent.act(0, &[f32::NAN, 0.0]);
    assert!(space.contains(&action), "{action:?}");
}
