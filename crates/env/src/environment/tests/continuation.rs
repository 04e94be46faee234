//! The same bits from the same start, and from a saved state; states that are refused.

use std::sync::Arc;

use descender_control::{Action, ControlSettings};
use descender_optim::Method;
use descender_task::{NetworkDescent, Task};

use super::{DOWN, KEEP, UP, settings, start};
use crate::testing::environment;
use crate::{
    BoundsMode, Environment, EnvironmentSettings, EnvironmentStateError, ExpectedHitSettings,
    LogLossSettings, RewardSettings, StartLearningRate, ThreeTierSettings, TimeToThresholdSettings,
};

#[test]
fn the_same_start_gives_the_same_bits_whatever_ran_before() {
    let settings = EnvironmentSettings {
        start_learning_rate: StartLearningRate::LogUniform {
            lower: 0.01,
            upper: 0.4,
        },
        reward: RewardSettings::default(),
        ..settings(60, 2)
    };
    let run = |environment: &mut Environment, index| {
        environment.reset(start(index));
        for decision in 0..20 {
            environment.step(&Action::Discrete(decision % 3));
        }
        (
            environment.save(),
            environment.observation().to_vec(),
            environment.summary(),
        )
    };
    let mut environment = environment(settings);
    let first = run(&mut environment, 5);
    let other = run(&mut environment, 6);
    assert_ne!(first.2, other.2);
    assert_eq!(run(&mut environment, 5), first);
    let drawn = (first.2.maximum_learning_rate, other.2.maximum_learning_rate);
    assert_ne!(drawn.0, drawn.1, "each start has its own start η");
}

/// Every reward, each with a setting of its own.
fn rewards() -> [RewardSettings; 5] {
    [
        RewardSettings::ThreeTier(ThreeTierSettings {
            window: 5,
            ..Default::default()
        }),
        RewardSettings::LogLoss(LogLossSettings::default()),
        RewardSettings::TimeToThreshold(TimeToThresholdSettings {
            end_at_hit: false,
            ..Default::default()
        }),
        RewardSettings::ExpectedHit(ExpectedHitSettings::default()),
        RewardSettings::ExpectedHit(ExpectedHitSettings {
            weigh_by_survival: true,
            ..Default::default()
        }),
    ]
}

#[test]
fn a_restored_episode_goes_on_with_the_same_bits() {
    let task = Arc::new(Task::small());
    for reward in rewards() {
        let name = reward.name().to_owned();
        let settings = EnvironmentSettings {
            steps: 120,
            threshold: 1.2,
            start_learning_rate: StartLearningRate::LogUniform {
                lower: 0.05,
                upper: 0.4,
            },
            bounds_mode: BoundsMode::Clip,
            reward,
            control: ControlSettings {
                interval: 4,
                ..ControlSettings::default()
            },
            ..EnvironmentSettings::default()
        };
        let fresh = || {
            let descent = NetworkDescent::new(Arc::clone(&task), Method::Sgd).unwrap();
            Environment::new(Box::new(descent), Method::Sgd, settings.clone()).unwrap()
        };
        let go_on = |environment: &mut Environment| {
            let mut seen = Vec::new();
            for decision in 0.. {
                let outcome = environment.step(&Action::Discrete(decision % 3));
                seen.push((outcome, environment.observation().to_vec()));
                if outcome.terminated || outcome.truncated {
                    break;
                }
            }
            (seen, environment.summary(), environment.save())
        };
        let mut environment = fresh();
        environment.reset(start(2));
        for _ in 0..13 {
            environment.step(&UP);
        }
        let saved = environment.save().unwrap();
        let mut restored = fresh();
        // Whatever ran there before is forgotten.
        restored.reset(start(9));
        restored.step(&DOWN);
        restored.restore(&saved).unwrap();
        assert_eq!(restored.observation(), environment.observation(), "{name}");
        assert_eq!(restored.save().unwrap(), saved, "{name}");
        let (one, two) = (go_on(&mut environment), go_on(&mut restored));
        assert!(one == two, "{name}");
        assert_eq!(one.1.steps, 120, "{name}");
        assert!(
            one.1.first_hit.is_some(),
            "{name}: the case must cover a hit"
        );
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused_and_changes_nothing() {
    let mut owner = environment(settings(100, 1));
    owner.reset(start(1));
    for _ in 0..70 {
        owner.step(&KEEP);
    }
    let saved = owner.save().unwrap();
    let mut other_reward = environment(EnvironmentSettings {
        reward: RewardSettings::default(),
        ..settings(100, 1)
    });
    other_reward.reset(start(2));
    let before = other_reward.save().unwrap();
    assert!(matches!(
        other_reward.restore(&saved),
        Err(EnvironmentStateError::Mismatch { what: "reward", .. })
    ));
    assert_eq!(other_reward.save().unwrap(), before);
    let mut shorter = environment(settings(50, 1));
    assert!(matches!(
        shorter.restore(&saved),
        Err(EnvironmentStateError::Mismatch {
            what: "number of steps",
            ..
        })
    ));
    // Cut short, prolonged, or with any one bit changed: an error or a state, never a panic.
    for length in 0..saved.len() {
        assert!(
            owner.restore(&saved[..length]).is_err(),
            "{length} of {} bytes",
            saved.len()
        );
    }
    let mut longer = saved.clone();
    longer.push(0);
    assert!(owner.restore(&longer).is_err());
    assert_eq!(owner.save().unwrap(), saved);
    for bit in 0..8 * saved.len() {
        let mut flipped = saved.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if owner.restore(&flipped).is_ok() {
            owner.step(&KEEP);
            assert!(owner.steps() > 0);
        }
    }
}
