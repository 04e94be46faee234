//! Saved agents of continuous actions go on with the same bits; bytes that are no state of their own are refused and
//! change nothing.

use descender_agent::ddpg::{ActionNoise, DdpgSettings};
use descender_agent::sac::SacSettings;
use descender_agent::td3::Td3Settings;
use descender_agent::{Agent, AgentSettings, AgentStateError, LearnReport, Transition, build};
use descender_control::{Action, ActionSpace};
use proptest::prelude::*;

const ENVIRONMENTS: usize = 3;

/// One of each kind, small, with a ring that goes round.
fn kinds(hidden: &[usize], replay_capacity: usize) -> [AgentSettings; 3] {
    let hidden = hidden.to_vec();
    [
        AgentSettings::Ddpg(DdpgSettings {
            hidden: hidden.clone(),
            batch_size: 8,
            warm_up: 20,
            replay_capacity,
            updates_per_decision: 0.7,
            noise: ActionNoise::OrnsteinUhlenbeck,
            ..DdpgSettings::default()
        }),
        AgentSettings::Td3(Td3Settings {
            hidden: hidden.clone(),
            batch_size: 8,
            warm_up: 20,
            replay_capacity,
            updates_per_decision: 0.7,
            policy_interval: 3,
            ..Td3Settings::default()
        }),
        AgentSettings::Sac(SacSettings {
            hidden,
            batch_size: 8,
            warm_up: 20,
            replay_capacity,
            updates_per_decision: 0.7,
            ..SacSettings::default()
        }),
    ]
}

fn usual() -> [AgentSettings; 3] {
    kinds(&[8, 8], 100)
}

const SPACE: ActionSpace = ActionSpace::Continuous { dimensions: 3 };

fn agent(settings: &AgentSettings, seed: u64) -> Box<dyn Agent> {
    build(settings, 2, SPACE, ENVIRONMENTS, seed).expect("the settings are possible")
}

/// Rounds `from` to `to` of a made-up training, and everything that came out.
fn run(agent: &mut dyn Agent, from: u64, to: u64) -> (Vec<Action>, Vec<Option<LearnReport>>) {
    let (mut actions, mut reports) = (Vec::new(), Vec::new());
    let seen = |round: u64, environment: usize| {
        let x = round as f32 + environment as f32 * 0.3;
        [(x * 0.7).sin(), (x * 0.31).cos()]
    };
    for round in from..to {
        for environment in 0..ENVIRONMENTS {
            let observation = seen(round, environment);
            let action = agent.act(environment, &observation);
            assert!(SPACE.contains(&action));
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
fn restored_agents_go_on_with_the_same_bits() {
    for settings in &usual() {
        // Before the warm-up, in the middle, and after the ring has gone round.
        for stop in [0, 3, 25, 71] {
            let mut whole = agent(settings, 5);
            let mut first = agent(settings, 5);
            run(&mut *whole, 0, stop);
            run(&mut *first, 0, stop);
            let state = first.save();
            // Into an agent with another seed and another past.
            let mut second = agent(settings, 6);
            run(&mut *second, 40, 70);
            second.restore(&state).unwrap();
            assert_eq!(second.save(), state);
            assert_eq!(run(&mut *whole, stop, 100), run(&mut *second, stop, 100));
            assert_eq!(whole.save(), second.save());
            assert_eq!(whole.policy(), second.policy());
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    for settings in &usual() {
        let end = |seed| {
            let mut agent = agent(settings, seed);
            run(&mut *agent, 0, 60);
            agent.save()
        };
        assert_eq!(end(1), end(1));
        assert_ne!(end(1), end(2));
    }
}

fn saved(settings: &AgentSettings) -> Vec<u8> {
    let mut agent = agent(settings, 1);
    run(&mut *agent, 0, 60);
    agent.save()
}

#[test]
fn states_of_agents_with_other_settings_are_refused_and_change_nothing() {
    let others = [kinds(&[8], 100), kinds(&[8, 9], 100), kinds(&[8, 8], 50)];
    for (number, settings) in usual().iter().enumerate() {
        let state = saved(settings);
        for other in &others {
            let mut target = agent(&other[number], 2);
            let before = target.save();
            let error = target.restore(&state).unwrap_err();
            assert!(matches!(error, AgentStateError::Mismatch { .. }), "{error}");
            assert_eq!(target.save(), before);
        }
        for (observation_len, dimensions, environments) in [(3, 3, 3), (2, 2, 3), (2, 3, 2)] {
            let space = ActionSpace::Continuous { dimensions };
            let mut target = build(settings, observation_len, space, environments, 1).unwrap();
            assert!(target.restore(&state).is_err());
        }
        // Of another kind of agent.
        let mut target = agent(&usual()[(number + 1) % 3], 1);
        let error = target.restore(&state).unwrap_err();
        assert!(matches!(error, AgentStateError::Unreadable { .. }));
    }
}

#[test]
fn broken_bytes_are_refused() {
    for settings in &usual() {
        let state = saved(settings);
        let mut target = agent(settings, 2);
        let before = target.save();
        let error = target.restore(b"").unwrap_err();
        assert!(error.to_string().contains(settings.name()), "{error}");
        for length in (0..state.len()).step_by(29) {
            assert!(target.restore(&state[..length]).is_err(), "cut at {length}");
        }
        let mut longer = state.clone();
        longer.push(0);
        assert!(target.restore(&longer).is_err());
        assert_eq!(target.save(), before);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is flipped in a state: it is refused, or the agent works on with it.
    #[test]
    fn flipped_bytes_never_panic(kind in 0..3_usize, place in 0.0..1.0_f64, flip in 1..=255_u8) {
        thread_local!(static STATES: Vec<Vec<u8>> = usual().iter().map(saved).collect());
        STATES.with(|states| {
            let mut state = states[kind].clone();
            let place = (place * state.len() as f64) as usize;
            state[place] ^= flip;
            let mut target = agent(&usual()[kind], 2);
            if target.restore(&state).is_ok() {
                let (actions, _) = run(&mut *target, 60, 62);
                prop_assert_eq!(actions.len(), 2 * ENVIRONMENTS);
            }
            Ok(())
        })?;
    }
}
