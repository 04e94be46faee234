//! What ends an episode, and what that earns.

use descender_control::{Bounds, ControlSettings};
use descender_optim::Method;

use super::{DOWN, KEEP, UP, settings, start};
use crate::testing::{NoisyQuadratic, environment};
use crate::{
    BoundsMode, EndReason, Environment, EnvironmentSettings, RewardSettings,
    TimeToThresholdSettings,
};

#[test]
fn leaving_the_bounds_ends_the_episode_without_a_step_or_is_clipped() {
    let control = ControlSettings {
        initial_learning_rate: 0.1,
        bounds: Bounds {
            lower: 0.05,
            upper: 0.11,
        },
        ..ControlSettings::default()
    };
    let ending = EnvironmentSettings {
        control: control.clone(),
        ..settings(100, 1)
    };
    let mut environment = environment(ending.clone());
    environment.reset(start(1));
    let outcome = environment.step(&UP);
    assert!(outcome.terminated && !outcome.truncated);
    assert_eq!(
        (outcome.end, outcome.reward, outcome.steps),
        (Some(EndReason::Bounds), -9.0, 0)
    );
    assert_eq!(
        environment.summary().maximum_learning_rate,
        0.1,
        "no step was made outside"
    );

    let clipped = EnvironmentSettings {
        bounds_mode: BoundsMode::Clip,
        ..ending
    };
    let mut environment = crate::testing::environment(clipped);
    environment.reset(start(1));
    let outcome = environment.step(&UP);
    assert!(!outcome.terminated && outcome.reward == -1.0);
    assert_eq!(environment.hyper_parameters().learning_rate, 0.11);
    for _ in 0..20 {
        assert!(!environment.step(&DOWN).terminated);
    }
    assert_eq!(environment.hyper_parameters().learning_rate, 0.05);
}

#[test]
fn a_divergence_terminates_inside_the_interval_and_what_is_seen_stays_finite() {
    for breaks_at in [0, 1, 4] {
        let mut descent = NoisyQuadratic::new();
        descent.breaks_at = breaks_at;
        let mut environment =
            Environment::new(Box::new(descent), Method::Sgd, settings(100, 10)).unwrap();
        environment.reset(start(1));
        let outcome = environment.step(&KEEP);
        assert!(outcome.terminated && !outcome.truncated);
        assert_eq!(outcome.end, Some(EndReason::Diverged));
        assert_eq!(outcome.steps, breaks_at);
        // −1 for each step before, and the penalty in place of the last step's own reward.
        assert_eq!(outcome.reward, -7.0 - breaks_at.saturating_sub(1) as f32);
        assert!(
            environment
                .observation()
                .iter()
                .all(|feature| feature.is_finite())
        );
        assert!(environment.summary().final_loss.is_finite() || breaks_at == 0);
    }
}

#[test]
fn a_descent_that_explodes_ends_for_every_reward_with_finite_numbers() {
    for (name, _) in RewardSettings::names() {
        let settings = EnvironmentSettings {
            reward: RewardSettings::by_name(name).unwrap(),
            control: ControlSettings {
                initial_learning_rate: 2.0,
                bounds: Bounds {
                    lower: 0.001,
                    upper: 1e6,
                },
                ..ControlSettings::default()
            },
            ..settings(200, 3)
        };
        let penalty = settings.reward.build().unwrap().ending().divergence as f32;
        let mut environment = environment(settings);
        environment.reset(start(3));
        let last = loop {
            let outcome = environment.step(&UP);
            assert!(outcome.reward.is_finite(), "{name}");
            assert!(
                environment
                    .observation()
                    .iter()
                    .all(|feature| feature.is_finite()),
                "{name}"
            );
            if outcome.terminated || outcome.truncated {
                break outcome;
            }
        };
        assert_eq!(last.end, Some(EndReason::Diverged), "{name}");
        assert!(last.reward <= penalty + 1.0, "{name}: {}", last.reward);
        assert!(environment.summary().score.is_finite(), "{name}");
    }
}

#[test]
fn a_score_below_the_threshold_truncates() {
    let settings = EnvironmentSettings {
        score_threshold: -4.5,
        ..settings(100, 1)
    };
    let mut environment = environment(settings);
    environment.reset(start(1));
    for _ in 0..4 {
        assert!(!environment.step(&KEEP).truncated);
    }
    let outcome = environment.step(&KEEP);
    assert!(outcome.truncated && !outcome.terminated);
    assert_eq!(outcome.end, Some(EndReason::Score));
}

#[test]
fn reaching_the_goal_terminates_where_it_is_asked_for() {
    let reward = |end_at_hit| {
        RewardSettings::TimeToThreshold(TimeToThresholdSettings {
            end_at_hit,
            ..Default::default()
        })
    };
    let run = |threshold, end_at_hit| {
        let settings = EnvironmentSettings {
            threshold,
            reward: reward(end_at_hit),
            ..settings(300, 7)
        };
        let mut environment = environment(settings);
        environment.reset(start(1));
        loop {
            let outcome = environment.step(&KEEP);
            if outcome.terminated || outcome.truncated {
                return (outcome, environment.summary());
            }
        }
    };
    let (outcome, ended) = run(0.012, true);
    assert!(outcome.terminated && outcome.end == Some(EndReason::Reached));
    let hit = ended.first_hit.unwrap();
    assert!(
        hit > 10 && ended.steps == hit + 1,
        "the episode ends with the step that hits"
    );
    let expected = 1.0 - 0.01 * (hit - 1) as f64;
    assert!(
        (ended.score - expected).abs() < 1e-9,
        "{} {expected}",
        ended.score
    );
    // The same descent, not ended there.
    let (outcome, went_on) = run(0.012, false);
    assert!(outcome.truncated && !outcome.terminated);
    assert_eq!((went_on.first_hit, went_on.steps), (Some(hit), 300));
    // A threshold that the very first loss is below ends the episode at the first decision.
    let (outcome, at_once) = run(1e6, true);
    assert_eq!((outcome.end, at_once.steps), (Some(EndReason::Reached), 1));
}
