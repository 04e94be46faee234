//! A saved agent goes on with the same bits; bytes that are no state of its own are refused and change nothing.

use descender_agent::dqn::{Dqn, DqnSettings};
use descender_agent::{Agent, AgentSettings, AgentStateError, LearnReport, Transition, build};
use descender_control::{Action, ActionSpace};
use proptest::prelude::*;

const ENVIRONMENTS: usize = 3;

fn settings() -> DqnSettings {
    DqnSettings {
        hidden: vec![8, 8],
        batch_size: 16,
        warm_up: 20,
        replay_capacity: 100,
        averaging_rate: 0.01,
        updates_per_decision: 0.7,
        ..DqnSettings::quick()
    }
}

/// The same with everything on that Rainbow has, and some exploration.
fn rainbow() -> DqnSettings {
    DqnSettings {
        exploration: DqnSettings::quick().exploration,
        noise: 0.5,
        dueling: true,
        priority_exponent: 0.6,
        atoms: 11,
        scale_rewards: true,
        ..settings()
    }
}

/// One switch alone, each of them.
fn single_switches() -> [DqnSettings; 5] {
    let mut each = [(); 5].map(|()| settings());
    each[0].noise = 0.5;
    each[1].dueling = true;
    each[2].priority_exponent = 0.6;
    each[3].atoms = 11;
    each[4].scale_rewards = true;
    each
}

fn agent(settings: &DqnSettings, seed: u64) -> Box<dyn Agent> {
    build(
        &AgentSettings::Dqn(settings.clone()),
        2,
        ActionSpace::Discrete(3),
        ENVIRONMENTS,
        seed,
    )
    .expect("the settings are possible")
}

/// Rounds `from` to `to` of a made-up training, and everything that came out.
fn run(agent: &mut dyn Agent, from: u64, to: u64) -> (Vec<Action>, Vec<Option<LearnReport>>) {
    let (mut actions, mut reports) = (Vec::new(), Vec::new());
    let seen = |round: u64, environment: usize| {
        let x = round as f32 + environment as f32 * 0.3;
        [(x * 0.7).sin(), (x * 0.31).cos()]
    };
    for round in from..to {
        agent.set_progress(round as f64 / 120.0);
        for environment in 0..ENVIRONMENTS {
            let observation = seen(round, environment);
            let action = agent.act(environment, &observation);
            agent.observe(
                environment,
                Transition {
                    observation: &observation,
                    action: &action,
                    reward: observation[0],
                    next_observation: &seen(round + 1, environment),
                    terminated: (round + environment as u64) % 17 == 16,
                    truncated: (round + environment as u64) % 11 == 10,
                    continuation: 1.0,
                },
            );
            actions.push(action);
        }
        reports.push(agent.learn());
    }
    (actions, reports)
}

#[test]
fn a_restored_agent_goes_on_with_the_same_bits() {
    // Before the warm-up, in the middle, and after the ring has gone round.
    for settings in [settings(), rainbow()] {
        for stop in [0, 3, 25, 97] {
            let mut whole = agent(&settings, 5);
            let mut first = agent(&settings, 5);
            run(&mut *whole, 0, stop);
            run(&mut *first, 0, stop);
            let state = first.save();
            // Into an agent with another seed and another past.
            let mut second = agent(&settings, 6);
            run(&mut *second, 40, 70);
            second.restore(&state).unwrap();
            assert_eq!(second.save(), state);
            assert_eq!(run(&mut *whole, stop, 120), run(&mut *second, stop, 120));
            assert_eq!(whole.save(), second.save());
            assert_eq!(whole.policy().parameters(), second.policy().parameters());
            assert_eq!(whole.figures(), second.figures());
        }
    }
}

#[test]
fn each_switch_changes_what_is_learned_and_its_state_is_refused_without_it() {
    let plain = saved(&settings());
    for switched in single_switches() {
        let state = saved(&switched);
        assert_ne!(state, plain, "{switched:?}");
        let mut target = agent(&settings(), 2);
        let before = target.save();
        assert!(target.restore(&state).is_err(), "{switched:?}");
        assert_eq!(target.save(), before);
        assert!(agent(&switched, 2).restore(&plain).is_err(), "{switched:?}");
    }
}

#[test]
fn figures_tell_of_what_is_on() {
    let mut rainbow = agent(&rainbow(), 1);
    run(&mut *rainbow, 0, 60);
    let figures = rainbow.figures();
    let names: Vec<&str> = figures.iter().map(|figure| figure.0).collect();
    assert_eq!(
        names,
        [
            "mean priority",
            "importance exponent",
            "mean noise",
            "reward scale"
        ]
    );
    assert!(figures.iter().all(|figure| figure.1 > 0.0));
    // β: 0.4 at the start, 1 at the end; 59 of 120 rounds are done.
    assert!((figures[1].1 - (0.4 + 0.6 * 59.0 / 120.0)).abs() < 1e-12);
    assert!(agent(&settings(), 1).figures().is_empty());
}

/// The policy's bits, hashed, as they were at commit b5bceae, before there were switches.
#[test]
fn what_is_off_has_no_effect_on_any_bit() {
    let mut agent = agent(&settings(), 5);
    run(&mut *agent, 0, 120);
    let hash = (agent.policy().parameters().iter()).fold(0xCBF2_9CE4_8422_2325_u64, |hash, w| {
        (hash ^ u64::from(w.to_bits())).wrapping_mul(0x0000_0100_0000_01B3)
    });
    assert_eq!(hash, 0xA414_7723_75C0_2084);
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    let end = |seed| {
        let mut agent = agent(&settings(), seed);
        run(&mut *agent, 0, 120);
        agent.save()
    };
    assert_eq!(end(1), end(1));
    assert_ne!(end(1), end(2));
}

#[test]
fn the_policy_is_greedy_frozen_and_averaged() {
    let mut learning = agent(&settings(), 1);
    run(&mut *learning, 0, 60);
    let mut policy = learning.policy();
    let before = policy.parameters().to_vec();
    run(&mut *learning, 60, 120);
    assert_eq!(policy.parameters(), before);
    assert_eq!(policy.act(&[0.1, 0.2]), policy.act(&[0.1, 0.2]));
    let own = DqnSettings {
        averaging_rate: 0.0,
        ..settings()
    };
    let mut not_averaged = agent(&own, 1);
    run(&mut *not_averaged, 0, 60);
    assert_ne!(not_averaged.policy().parameters(), before);
}

fn saved(settings: &DqnSettings) -> Vec<u8> {
    let mut agent = agent(settings, 1);
    run(&mut *agent, 0, 60);
    agent.save()
}

#[test]
fn states_of_agents_with_other_settings_are_refused_and_change_nothing() {
    let base = settings();
    let others = [
        DqnSettings {
            hidden: vec![8],
            ..base.clone()
        },
        DqnSettings {
            hidden: vec![8, 9],
            ..base.clone()
        },
        DqnSettings {
            return_steps: 2,
            ..base.clone()
        },
        DqnSettings {
            discount: 0.5,
            ..base.clone()
        },
        DqnSettings {
            replay_capacity: 50,
            ..base.clone()
        },
        DqnSettings {
            replay_capacity: 1_000,
            ..base.clone()
        },
        DqnSettings {
            averaging_rate: 0.0,
            ..base.clone()
        },
    ];
    for other in others {
        let mut target = agent(&other, 2);
        let before = target.save();
        let error = target.restore(&saved(&base)).unwrap_err();
        assert!(matches!(error, AgentStateError::Mismatch { .. }), "{error}");
        assert!(error.to_string().contains("this agent expects"));
        assert_eq!(target.save(), before);
    }
    for (observation_len, space, environments) in [(3, 3, 3), (2, 4, 3), (2, 2, 3), (2, 3, 2)] {
        let space = ActionSpace::Discrete(space);
        let mut target = Dqn::new(&base, observation_len, space, environments, 1).unwrap();
        assert!(target.restore(&saved(&base)).is_err());
    }
}

#[test]
fn broken_bytes_are_refused() {
    let state = saved(&settings());
    let mut target = agent(&settings(), 2);
    let before = target.save();
    let error = target.restore(b"").unwrap_err();
    assert!(error.to_string().contains("agent `dqn`"), "{error}");
    assert!(target.restore(&[0; 1000]).is_err());
    for length in (0..state.len()).step_by(7) {
        assert!(target.restore(&state[..length]).is_err(), "cut at {length}");
    }
    let mut longer = state.clone();
    longer.push(0);
    assert!(target.restore(&longer).is_err());
    assert_eq!(target.save(), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is flipped in a state: it is refused, or the agent works on with it.
    #[test]
    fn flipped_bytes_never_panic(place in 0.0..1.0_f64, flip in 1..=255_u8) {
        thread_local!(static STATES: [(DqnSettings, Vec<u8>); 2] =
            [settings(), rainbow()].map(|settings| (settings.clone(), saved(&settings))));
        STATES.with(|states| {
            for (settings, state) in states {
                let mut state = state.clone();
                let place = (place * state.len() as f64) as usize;
                state[place] ^= flip;
                let mut target = agent(settings, 2);
                if target.restore(&state).is_ok() {
                    let (actions, _) = run(&mut *target, 60, 62);
                    prop_assert_eq!(actions.len(), 2 * ENVIRONMENTS);
                }
            }
            Ok(())
        })?;
    }
}
