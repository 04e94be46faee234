//! Updates against PyTorch.

use super::*;
use crate::torch_updates::{
    HIDDEN, POLICY_RATE, RATE, TARGET_RATE, TEMPERATURE_RATE, assert_close, assert_losses, begin,
    three_updates, updated,
};

#[test]
fn three_updates_are_pytorch_s() {
    let settings = SacSettings {
        hidden: HIDDEN.to_vec(),
        learning_rate: RATE,
        policy_learning_rate: POLICY_RATE,
        temperature: 0.5,
        temperature_learning_rate: TEMPERATURE_RATE,
        target_rate: TARGET_RATE,
        batch_size: 3,
        ..SacSettings::default()
    };
    let parts = StateAction {
        observation_len: 2,
        dimensions: 1,
    };
    let mut sac = Sac::new(&settings, parts, 1).unwrap();
    begin(&mut sac.actor.learned, 0);
    for (critic, number) in sac.twins.critics.iter_mut().zip([1, 2]) {
        begin(&mut critic.learned, number);
    }

    let expected = updated("sac");
    assert_losses(three_updates(&mut sac), expected.losses);
    let state = sac.state();
    assert_close("actor", &state.actor.weights, &expected.actor);
    for (number, critic) in state.critics.iter().enumerate() {
        assert_close("critic", &critic.weights, &expected.critics[number]);
        assert_close("critic's target", &critic.target, &expected.targets[number]);
    }
    let temperature = sac.temperature.value();
    assert_close(
        "temperature",
        &[temperature],
        &[expected.temperature.unwrap()],
    );
    assert!((sac.exploration() - f64::from(temperature)).abs() < 1e-9);
}
