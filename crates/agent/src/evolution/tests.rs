//! The evolution strategy learns, compares on common starts, and goes on with the same bits.

use super::*;

/// A game of four decisions whose best policy is known: a₀ = x₀/2 and a₁ = −0.3 wherever one is. Lengths differ, so
/// that generations overlap.
fn play(agent: &mut Evolution, environments: usize, rounds: std::ops::Range<u64>, next: &mut u64) {
    let seen = |time: u64| [(time as f32 * 0.9).sin(), 1.0];
    for round in rounds {
        for environment in 0..environments {
            let offset = round + environment as u64;
            if round == 0 || offset.is_multiple_of(4) {
                agent.begin(environment, *next);
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
            let transition = Transition {
                observation: &observation,
                action: &action,
                reward: -error,
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

fn agent(environments: usize) -> Evolution {
    let settings = EvolutionSettings {
        population: 8,
        starts: 2,
        ..EvolutionSettings::default()
    };
    let space = ActionSpace::Continuous { dimensions: 2 };
    Evolution::new(&settings, 2, space, environments, 3).unwrap()
}

#[test]
fn it_finds_a_policy_that_is_known() {
    let mut agent = agent(3);
    play(&mut agent, 3, 0..3000, &mut 0);
    let mut policy = agent.policy();
    for x in [-1.0, -0.5, 0.0, 0.5, 1.0] {
        let Action::Continuous(values) = policy.act(&[x, 1.0]) else {
            panic!("a continuous action")
        };
        assert!((values[0] - x / 2.0).abs() < 0.1, "{x}: {values:?}");
        assert!((values[1] + 0.3).abs() < 0.1, "{x}: {values:?}");
    }
    assert!(agent.memory.distribution.spread() < 0.4, "it converges");
}

#[test]
fn all_policies_of_a_generation_descend_from_the_same_starts() {
    let agent = agent(1);
    let starts: Vec<u64> = (0..32).map(|episode| agent.start_of(episode)).collect();
    let expected: Vec<u64> = [0, 1, 2, 3]
        .into_iter()
        .flat_map(|start| [start; 8])
        .collect();
    assert_eq!(starts, expected);
}

#[test]
fn a_return_that_is_no_number_is_the_worst() {
    let mut agent = agent(1);
    for episode in 0..16 {
        agent.begin(0, episode);
        let action = agent.act(0, &[1.0, 1.0]);
        let transition = Transition {
            observation: &[1.0, 1.0],
            action: &action,
            reward: if episode % 8 == 3 { f32::NAN } else { 0.0 },
            next_observation: &[1.0, 1.0],
            terminated: true,
            truncated: false,
            continuation: 1.0,
        };
        agent.observe(0, transition);
    }
    let report = agent.learn().unwrap();
    assert_eq!(report.rejected_transitions, 2);
    assert!(report.mean_q == 0.0 && agent.memory.distribution.fits(6));
}

#[test]
fn a_saved_agent_goes_on_with_the_same_bits() {
    let (mut one, mut episode) = (agent(3), 0);
    play(&mut one, 3, 0..117, &mut episode);
    let state = one.save();
    let mut other = agent(3);
    other.restore(&state).unwrap();
    let mut same = episode;
    play(&mut one, 3, 117..300, &mut episode);
    play(&mut other, 3, 117..300, &mut same);
    assert_eq!(one.save(), other.save());

    for cut in [0, 7, 8, state.len() / 2, state.len() - 1] {
        assert!(other.restore(&state[..cut]).is_err());
    }
    assert!(agent(2).restore(&state).is_err());
    let mut larger = Evolution::new(
        &EvolutionSettings {
            population: 8,
            starts: 2,
            hidden: vec![3],
            ..EvolutionSettings::default()
        },
        2,
        ActionSpace::Continuous { dimensions: 2 },
        3,
        3,
    )
    .unwrap();
    let before = larger.save();
    assert!(larger.restore(&state).is_err());
    assert_eq!(larger.save(), before);
}

#[test]
fn the_first_policy_is_the_anchor_and_large_ones_are_refused() {
    let settings = |hidden| EvolutionSettings {
        hidden,
        ..EvolutionSettings::default()
    };
    let space = ActionSpace::Continuous { dimensions: 2 };
    for hidden in [vec![], vec![8]] {
        let agent = Evolution::new(&settings(hidden), 4, space, 1, 1).unwrap();
        let mut policy = agent.policy();
        assert_eq!(
            policy.act(&[1.0, -2.0, 3.0, 0.5]),
            Action::Continuous(vec![0.0, 0.0])
        );
    }
    let error = Evolution::new(&settings(vec![64]), 4, space, 1, 1).unwrap_err();
    assert!(error.to_string().contains("450 parameters"), "{error}");
    // Discrete actions are chosen by the highest output.
    let agent = Evolution::new(&settings(vec![]), 4, ActionSpace::Discrete(3), 1, 1).unwrap();
    assert_eq!(agent.policy().act(&[0.0; 4]), Action::Discrete(0));
}
