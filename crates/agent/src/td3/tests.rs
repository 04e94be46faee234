//! Updates against PyTorch, and when the policy takes part.

use super::*;
use crate::torch_updates::{
    HIDDEN, POLICY_RATE, RATE, TARGET_RATE, assert_close, assert_losses, begin, three_updates,
    updated,
};

fn learner(policy_interval: u64) -> Td3 {
    let settings = Td3Settings {
        hidden: HIDDEN.to_vec(),
        learning_rate: RATE,
        policy_learning_rate: POLICY_RATE,
        target_rate: TARGET_RATE,
        smoothing_limit: 0.25,
        policy_interval,
        batch_size: 3,
        ..Td3Settings::default()
    };
    let parts = StateAction {
        observation_len: 2,
        dimensions: 1,
    };
    let mut td3 = Td3::new(&settings, parts, 1).unwrap();
    begin(&mut td3.actor.learned, 0);
    for (critic, number) in td3.twins.critics.iter_mut().zip([1, 2]) {
        begin(&mut critic.learned, number);
    }
    td3
}

#[test]
fn three_updates_are_pytorch_s() {
    let expected = updated("td3");
    let mut td3 = learner(2);
    assert_losses(three_updates(&mut td3), expected.losses);
    let state = td3.state();
    assert_close("actor", &state.actor.weights, &expected.actor);
    let target = expected.actor_target.unwrap();
    assert_close("actor's target", &state.actor.target, &target);
    for (number, critic) in state.critics.iter().enumerate() {
        assert_close("critic", &critic.weights, &expected.critics[number]);
        assert_close("critic's target", &critic.target, &expected.targets[number]);
    }
}

#[test]
fn the_policy_and_the_targets_wait_for_their_turn() {
    let mut td3 = learner(4);
    let before = td3.state();
    three_updates(&mut td3);
    let after = td3.state();
    assert_eq!(after.actor, before.actor);
    assert_eq!(after.updates, 3);
    for (after, before) in after.critics.iter().zip(&before.critics) {
        assert_eq!(after.target, before.target);
        assert_ne!(after.weights, before.weights);
    }
}
