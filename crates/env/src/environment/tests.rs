//! What an environment must hold to.

use descender_control::{Action, ActionSettings, Bounds, ControlSettings};
use descender_optim::Method;
use descender_task::{NetworkDescent, StartPoint, Task};
use std::sync::Arc;

use super::*;
use crate::testing::{NoisyQuadratic, environment};
use crate::{
    ExpectedHitSettings, LogLossSettings, RewardSettings, SettingsError, StartLearningRate,
    ThreeTierSettings, TimeToThresholdSettings,
};

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

#[test]
fn an_episode_makes_exactly_its_steps_and_is_truncated() {
    let mut environment = environment(settings(24, 10));
    environment.reset(start(1));
    assert_eq!(environment.steps(), 1, "the reset makes one update");
    let outcomes = [0, 1, 2].map(|_| environment.step(&KEEP));
    // 1 + 10 + 10 + 3 steps; the step of the reset earns nothing.
    assert_eq!(outcomes.map(|outcome| outcome.steps), [10, 10, 3]);
    assert_eq!(outcomes.map(|outcome| outcome.reward), [-10.0, -10.0, -3.0]);
    assert_eq!(
        outcomes.map(|outcome| outcome.truncated),
        [false, false, true]
    );
    assert!(
        outcomes
            .iter()
            .all(|outcome| !outcome.terminated && outcome.continuation == 1.0)
    );
    assert_eq!(outcomes[2].event, Some(EndReason::Time));
    let summary = environment.summary();
    assert_eq!(
        (summary.steps, summary.decisions, summary.score),
        (24, 3, -23.0)
    );
    assert_eq!(
        (summary.first_hit, summary.end),
        (None, Some(EndReason::Time))
    );
}

#[test]
fn after_the_end_nothing_happens_until_the_next_reset() {
    let mut environment = environment(settings(5, 10));
    let before = environment.step(&KEEP);
    assert!(
        before.truncated && before.reward == 0.0,
        "there is no episode before the first reset"
    );
    environment.reset(start(1));
    environment.step(&KEEP);
    let summary = environment.summary();
    let after = environment.step(&UP);
    assert_eq!((after.reward, after.steps, after.truncated), (0.0, 0, true));
    assert_eq!(environment.summary(), summary);
    environment.reset(start(2));
    assert!(!environment.step(&KEEP).terminated);
}

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
        (outcome.event, outcome.reward, outcome.steps),
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
        assert_eq!(outcome.event, Some(EndReason::Diverged));
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
        let penalty = settings.reward.divergence() as f32;
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
        assert_eq!(last.event, Some(EndReason::Diverged), "{name}");
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
    assert_eq!(outcome.event, Some(EndReason::Score));
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
    assert!(outcome.terminated && outcome.event == Some(EndReason::Reached));
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
    assert_eq!(
        (outcome.event, at_once.steps),
        (Some(EndReason::Reached), 1)
    );
}

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
        let name = reward.name();
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
        let saved = environment.save();
        let mut restored = fresh();
        // Whatever ran there before is forgotten.
        restored.reset(start(9));
        restored.step(&DOWN);
        restored.restore(&saved).unwrap();
        assert_eq!(restored.observation(), environment.observation(), "{name}");
        assert_eq!(restored.save(), saved, "{name}");
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
    let saved = owner.save();
    let mut other_reward = environment(EnvironmentSettings {
        reward: RewardSettings::default(),
        ..settings(100, 1)
    });
    other_reward.reset(start(2));
    let before = other_reward.save();
    assert!(matches!(
        other_reward.restore(&saved),
        Err(StateError::Mismatch { what: "reward", .. })
    ));
    assert_eq!(other_reward.save(), before);
    let mut shorter = environment(settings(50, 1));
    assert!(matches!(
        shorter.restore(&saved),
        Err(StateError::Mismatch {
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
    assert_eq!(owner.save(), saved);
    for bit in 0..8 * saved.len() {
        let mut flipped = saved.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if owner.restore(&flipped).is_ok() {
            owner.step(&KEEP);
            assert!(owner.steps() > 0);
        }
    }
}

#[test]
fn the_expected_hit_follows_the_probability_of_a_hit() {
    let reward = RewardSettings::ExpectedHit(ExpectedHitSettings::default());
    let run = |threshold| {
        let settings = EnvironmentSettings {
            threshold,
            reward: reward.clone(),
            ..settings(200, 10)
        };
        let mut environment = environment(settings);
        environment.reset(start(1));
        let mut continuations = Vec::new();
        while environment.is_running() {
            continuations.push(environment.step(&KEEP).continuation);
        }
        (environment.summary(), continuations)
    };
    let (never, continuations) = run(1e-6);
    assert_eq!(never.expected_hit, Some(200.0));
    assert!(
        continuations
            .iter()
            .all(|&continuation| continuation == 1.0)
    );
    let (sometime, continuations) = run(0.02);
    let expected = sometime.expected_hit.unwrap();
    assert!(expected > 1.0 && expected < 199.0, "{expected}");
    assert!(
        continuations
            .last()
            .is_some_and(|&continuation| continuation < 0.5)
    );
    let (easier, _) = run(0.1);
    assert!(easier.expected_hit.unwrap() < expected);
    let mut other = environment(settings(20, 10));
    other.reset(start(1));
    assert_eq!(other.summary().expected_hit, None);
}

#[test]
fn impossible_settings_are_errors_that_name_them() {
    let build = |settings: EnvironmentSettings| match Environment::new(
        Box::new(NoisyQuadratic::new()),
        Method::Sgd,
        settings,
    ) {
        Ok(_) => panic!("these settings make no sense"),
        Err(error) => error.to_string(),
    };
    let message = build(EnvironmentSettings {
        steps: 0,
        ..EnvironmentSettings::default()
    });
    assert!(
        message.starts_with("environment setting steps = 0: expected"),
        "{message}"
    );
    let control = ControlSettings {
        action: ActionSettings::Factors { factors: vec![] },
        ..ControlSettings::default()
    };
    let message = build(EnvironmentSettings {
        control,
        ..EnvironmentSettings::default()
    });
    assert!(
        message.starts_with("environment setting control.action.factors"),
        "{message}"
    );
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
        Err(SettingsError::Field {
            setting: "reward.batch_size",
            ..
        })
    ));
}
