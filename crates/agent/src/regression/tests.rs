//! The regression learns, compares pairs on common starts, and goes on with the same bits.

use super::*;

/// A game of four decisions whose best policy is known: tanh z₀ = x₀/2 and tanh z₁ = −0.3. The luck of a start is far larger
/// than what a decision changes, and the same for all episodes from it.
fn play(
    agent: &mut Regression,
    environments: usize,
    rounds: std::ops::Range<u64>,
    next: &mut u64,
    playing: &mut Vec<u64>,
) {
    let seen = |time: u64| [(time as f32 * 0.9).sin(), 1.0];
    playing.resize(environments, 0);
    for round in rounds {
        for (environment, episode) in playing.iter_mut().enumerate() {
            let offset = round + environment as u64;
            if round == 0 || offset.is_multiple_of(4) {
                agent.begin(environment, *next);
                *episode = *next;
                *next += 1;
            }
            let observation = seen(offset);
            let action = agent.act(environment, &observation);
            let Action::Continuous(values) = &action else {
                panic!("a continuous action")
            };
            let wanted = [observation[0] / 2.0, -0.3];
            let error: f32 = values
                .iter()
                .zip(wanted)
                .map(|(value, wanted)| (value - wanted).powi(2))
                .sum();
            let luck = (agent.start_of(*episode) as f32 * 12.9898).sin() * 3.0;
            let transition = Transition {
                observation: &observation,
                action: &action,
                reward: luck - error,
                next_observation: &seen(offset + 1),
                terminated: false,
                truncated: offset % 4 == 3,
                continuation: 1.0,
            };
            agent.observe(environment, transition);
        }
        agent.learn();
    }
}

fn agent(environments: usize) -> Regression {
    let space = ActionSpace::Continuous { dimensions: 2 };
    let settings = RegressionSettings {
        spread: 0.25, // large offsets see a smoothed game, whose best policy lies elsewhere
        ..RegressionSettings::default()
    };
    Regression::new(&settings, 2, space, environments, 3).unwrap()
}

#[test]
fn it_finds_a_policy_that_is_known() {
    let mut agent = agent(3);
    play(&mut agent, 3, 0..1500, &mut 0, &mut Vec::new());
    let mut policy = agent.policy();
    for x in [-1.0, -0.5, 0.0, 0.5, 1.0] {
        let Action::Continuous(values) = policy.act(&[x, 1.0]) else {
            panic!("a continuous action")
        };
        assert!((values[0] - x / 2.0).abs() < 0.15, "{x}: {values:?}");
        assert!((values[1] + 0.3).abs() < 0.1, "{x}: {values:?}");
    }
}

#[test]
fn all_episodes_of_a_start_share_it_and_pairs_have_opposite_offsets() {
    let mut agent = agent(3);
    let starts: Vec<u64> = (0..15).map(|episode| agent.start_of(episode)).collect();
    assert_eq!(starts, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2]);
    for environment in 0..3 {
        agent.begin(environment, environment as u64);
    }
    for decision in 0..20 {
        let all = [0, 1, 2].map(|environment| agent.act(environment, &[0.1, decision as f32]));
        let [
            Action::Continuous(own),
            Action::Continuous(up),
            Action::Continuous(down),
        ] = &all
        else {
            panic!("continuous actions")
        };
        assert_eq!(own, &[0.0, 0.0], "the policy itself");
        for (a, b) in up.iter().zip(down) {
            assert!((a + b).abs() < 1e-6 && a.abs() > 1e-6, "{all:?}");
        }
    }
}

#[test]
fn segments_double() {
    let agent = agent(1);
    let of: Vec<usize> = (0..16).map(|decision| agent.segment(decision)).collect();
    assert_eq!(of, [0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4]);
    assert_eq!(agent.segment(u64::MAX - 1), SEGMENTS - 1);
}

#[test]
fn a_return_that_is_no_number_is_left_out() {
    let mut agent = agent(1);
    let observation = [0.0, 1.0];
    for episode in 0..64 {
        agent.begin(0, episode);
        let action = agent.act(0, &observation);
        agent.observe(
            0,
            Transition {
                observation: &observation,
                action: &action,
                reward: f32::NAN,
                next_observation: &observation,
                terminated: true,
                truncated: false,
                continuation: 1.0,
            },
        );
        assert_eq!(agent.learn(), None, "nothing to learn from");
    }
    assert_eq!(agent.memory.rejected_transitions, 64);
    assert!(agent.memory.parameters.iter().all(|&w| w == 0.0));
}

#[test]
fn a_saved_state_continues_with_the_same_bits() {
    let (mut whole, mut next, mut playing) = (agent(3), 0, Vec::new());
    play(&mut whole, 3, 0..70, &mut next, &mut playing);
    let mut restored = agent(3);
    restored.restore(&whole.save()).unwrap();
    let (mut other_next, mut other_playing) = (next, playing.clone());
    play(&mut whole, 3, 70..300, &mut next, &mut playing);
    play(
        &mut restored,
        3,
        70..300,
        &mut other_next,
        &mut other_playing,
    );
    assert_eq!(whole.save(), restored.save());
    assert_eq!(whole.policy(), restored.policy());

    let state = whole.save();
    for length in [0, 7, 8, state.len() / 2, state.len() - 1] {
        assert!(
            restored.restore(&state[..length]).is_err(),
            "{length} bytes"
        );
    }
    assert!(agent(2).restore(&state).is_err(), "other environments");
}

#[test]
fn the_memory_is_bounded() {
    let settings = RegressionSettings {
        memory: 16,
        ..RegressionSettings::default()
    };
    let space = ActionSpace::Continuous { dimensions: 2 };
    let mut agent = Regression::new(&settings, 2, space, 3, 3).unwrap();
    let (mut next, mut playing) = (0, Vec::new());
    play(&mut agent, 3, 0..400, &mut next, &mut playing);
    let before = agent.save().len();
    play(&mut agent, 3, 400..2400, &mut next, &mut playing);
    assert!(agent.save().len() < before + before / 5);
}

#[test]
fn what_cannot_be_is_refused() {
    let build = |settings: &RegressionSettings, space| {
        Regression::new(settings, 2, space, 1, 3)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let space = ActionSpace::Continuous { dimensions: 2 };
    let usual = RegressionSettings::default();
    build(&usual, space).unwrap();
    let error = build(&usual, ActionSpace::Discrete(3)).unwrap_err();
    assert!(error.contains("continuous space"), "{error}");
    for broken in [
        RegressionSettings {
            spread: 0.0,
            ..usual.clone()
        },
        RegressionSettings {
            trust: f64::NAN,
            ..usual.clone()
        },
        RegressionSettings {
            hold: 0,
            ..usual.clone()
        },
        RegressionSettings {
            pairs: 0,
            ..usual.clone()
        },
        RegressionSettings {
            memory: 4,
            ..usual.clone()
        },
    ] {
        assert!(build(&broken, space).is_err(), "{broken:?}");
    }
}
