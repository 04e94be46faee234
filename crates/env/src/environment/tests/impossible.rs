//! Settings that make no environment.

use descender_control::{ActionSettings, ControlSettings};
use descender_optim::Method;

use crate::testing::NoisyQuadratic;
use crate::{
    Environment, EnvironmentError, EnvironmentSettings, EnvironmentSettingsError,
    ExpectedHitSettings, RewardSettings,
};

#[test]
fn impossible_settings_are_errors_that_name_them() {
    let build = |settings: EnvironmentSettings| match Environment::new(
        Box::new(NoisyQuadratic::new()),
        Method::Sgd,
        settings,
    ) {
        Ok(_) => panic!("these settings make no sense"),
        Err(EnvironmentError::Settings(error)) => error.to_string(),
        Err(error) => panic!("another error: {error}"),
    };
    let message = build(EnvironmentSettings {
        steps: 0,
        ..EnvironmentSettings::default()
    });
    assert!(message.starts_with("steps = 0: expected"), "{message}");
    let control = ControlSettings {
        action: ActionSettings::factors([]),
        ..ControlSettings::default()
    };
    let message = build(EnvironmentSettings {
        control,
        ..EnvironmentSettings::default()
    });
    assert!(message.starts_with("control.action.factors"), "{message}");
    let reward = RewardSettings::ExpectedHit(ExpectedHitSettings {
        batch_size: 0,
        ..Default::default()
    });
    assert!(matches!(
        EnvironmentSettings {
            reward,
            ..EnvironmentSettings::default()
        }
        .check(),
        Err(EnvironmentSettingsError::Field {
            setting: "reward.batch_size",
            ..
        })
    ));
}
