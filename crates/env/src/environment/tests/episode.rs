//! What an episode is: its steps, its rewards, and what surrounds it.

use super::{KEEP, UP, settings, start};
use crate::testing::environment;
use crate::{EndReason, EnvironmentSettings, ExpectedHitSettings, RewardSettings};

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
    assert_eq!(outcomes[2].end, Some(EndReason::Time));
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
