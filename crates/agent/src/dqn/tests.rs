//! What the agent makes of what it is told: memory, updates that come due, exploration.

use super::*;
use crate::Exploration;

fn linear() -> DqnSettings {
    DqnSettings {
        hidden: vec![],
        batch_size: 2,
        ..DqnSettings::paper()
    }
}

fn tell(agent: &mut Dqn, environment: usize, x: f32, reward: f32, next: f32, ends: (bool, bool)) {
    agent.observe(
        environment,
        Transition {
            observation: &[x],
            action: &Action::Discrete(1),
            reward,
            next_observation: &[next],
            terminated: ends.0,
            truncated: ends.1,
            continuation: 1.0,
        },
    );
}

fn agent(settings: &DqnSettings) -> Dqn {
    Dqn::new(settings, 1, ActionSpace::Discrete(3), 2, 1).unwrap()
}

#[test]
fn environments_do_not_mix_in_n_step_returns() {
    let settings = DqnSettings {
        return_steps: 2,
        discount: 0.5,
        ..linear()
    };
    let mut agent = agent(&settings);
    tell(&mut agent, 0, 0.0, 1.0, 1.0, (false, false));
    tell(&mut agent, 1, 10.0, 100.0, 11.0, (false, false));
    assert!(agent.replay().is_empty());
    tell(&mut agent, 0, 1.0, 4.0, 2.0, (false, true));
    tell(&mut agent, 1, 11.0, 400.0, 12.0, (true, false));
    let seen: Vec<_> = (0..4)
        .map(|slot| {
            let e = agent.replay().get(slot);
            (e.observation[0], e.reward, e.discount)
        })
        .collect();
    assert_eq!(
        seen,
        [
            (0.0, 3.0, 0.25),
            (1.0, 4.0, 0.5),
            (10.0, 300.0, 0.0),
            (11.0, 400.0, 0.0)
        ]
    );
}

#[test]
fn numbers_that_are_not_finite_never_reach_the_memory() {
    let settings = DqnSettings {
        return_steps: 3,
        warm_up: 1,
        ..linear()
    };
    let mut agent = agent(&settings);
    let bad = f32::NAN;
    tell(&mut agent, 0, 0.0, 1.0, 1.0, (false, false));
    // Each is refused; the step before it is closed with a bootstrap from observation 1.
    for (x, reward, next) in [(bad, 1.0, 2.0), (1.0, f32::INFINITY, 2.0), (1.0, 1.0, bad)] {
        tell(&mut agent, 0, x, reward, next, (false, false));
    }
    assert_eq!(agent.replay().len(), 1);
    let experience = agent.replay().get(0);
    assert_eq!(experience.next_observation, [1.0]);
    assert!((experience.discount - 0.9).abs() < 1e-6);
    // What comes after a termination isn't looked at.
    tell(&mut agent, 0, 3.0, -5.0, bad, (true, false));
    assert_eq!(agent.replay().len(), 2);
    assert!(agent.replay().get(1).next_observation[0].is_finite());
    // Finite rewards with an infinite sum.
    tell(&mut agent, 0, 4.0, 3e38, 5.0, (false, false));
    tell(&mut agent, 0, 5.0, 3e38, 6.0, (false, true));
    assert_eq!(agent.replay().len(), 3);
    let report = agent.learn().unwrap();
    assert_eq!(report.rejected_transitions, 4);
    assert!(
        agent
            .policy()
            .parameters()
            .iter()
            .all(|weight| weight.is_finite())
    );
}

#[test]
fn updates_come_due_by_transitions_after_the_warm_up() {
    let updates = |per_decision, rounds: usize| -> Vec<u64> {
        let settings = DqnSettings {
            updates_per_decision: per_decision,
            warm_up: 4,
            ..linear()
        };
        let mut agent = agent(&settings);
        (0..rounds)
            .map(|_| {
                for environment in 0..2 {
                    tell(&mut agent, environment, 0.0, 1.0, 1.0, (false, false));
                }
                agent.learn().map_or(0, |report| report.updates)
            })
            .collect()
    };
    // The fourth transition comes in round 2 and is the first to be learned from.
    assert_eq!(updates(1.0, 4), [0, 1, 2, 2]);
    assert_eq!(updates(8.0, 3), [0, 8, 16]);
    assert_eq!(updates(0.25, 6), [0, 0, 0, 1, 0, 1]);
}

#[test]
fn exploration_follows_the_schedule() {
    let settings = DqnSettings {
        exploration: Exploration {
            start: 1.0,
            end: 0.0,
            fraction: 0.5,
        },
        ..linear()
    };
    let mut agent = agent(&settings);
    let counts = |agent: &mut Dqn| {
        let mut counts = [0_u32; 3];
        for _ in 0..6_000 {
            let Action::Discrete(action) = agent.act(0, &[1.0]) else {
                panic!("a discrete action was expected")
            };
            counts[action] += 1;
        }
        counts
    };
    // At ε = 1 each action has a third, within four standard deviations.
    assert!(
        counts(&mut agent)
            .iter()
            .all(|count| count.abs_diff(2_000) < 150)
    );
    // At ε = 1/2 the greedy action has two thirds.
    agent.set_progress(0.25);
    let Action::Discrete(greedy) = agent.policy().act(&[1.0]) else {
        panic!("a discrete action was expected")
    };
    assert!(counts(&mut agent)[greedy].abs_diff(4_000) < 150);
    agent.set_progress(0.9);
    assert_eq!(counts(&mut agent)[greedy], 6_000);
}
