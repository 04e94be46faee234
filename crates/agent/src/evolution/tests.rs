//! The evolution strategy learns, compares on common starts, and goes on with the same bits.

use super::*;
use descender_random::{Purpose, normal_pair};

/// A game of four decisions whose best policy is known: a₀ = x₀/2 and a₁ = −0.3 wherever one is. Lengths differ, so
/// that generations overlap. `noise` is the size of what the rewards have besides.
fn play(
    agent: &mut Evolution,
    environments: usize,
    rounds: std::ops::Range<u64>,
    next: &mut u64,
    noise: f32,
) {
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
                reward: -error + noise * ((offset * 7 + *next * 13) as f32 * 12.9898).sin(),
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
    play(&mut agent, 3, 0..3000, &mut 0, 0.0);
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
    let mut agent = agent(1);
    let starts: Vec<u64> = (0..32)
        .map(|episode| {
            let start = agent.start_of(episode);
            agent.begin(0, episode);
            assert_eq!(start, agent.start_of(episode), "also when it has begun");
            start
        })
        .collect();
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
    let mut reviews = 0;
    // Long enough for reviews, and for twice as many starts while two generations overlap.
    let mut begin = 0;
    for cut in [117, 243, 371, 598, 722, 901] {
        let mut other = agent(3);
        other.restore(&one.save()).unwrap();
        assert_eq!(one.save(), other.save());
        let mut same = episode;
        play(&mut one, 3, begin..cut, &mut episode, 3.0);
        play(&mut other, 3, begin..cut, &mut same, 3.0);
        assert_eq!(one.save(), other.save());
        assert_eq!(one.policy(), other.policy());
        begin = cut;
        let begun = one.memory.generations.iter();
        reviews += begun
            .filter(|generation| !generation.reviewed.is_empty())
            .count();
    }
    assert!(one.memory.starts > 2 && reviews > 0);
    let state = one.save();
    let mut other = agent(3);

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

/// Searches the minimum of a quadratic in 15 dimensions by `episodes` episodes whose returns are noisy: minus the cost, plus
/// noise of this standard deviation. The agent, and the true cost of its policy.
fn search_in_noise(most_starts: usize, noise: f64, episodes: u64, seed: u64) -> (Evolution, f64) {
    const DRAWS: Purpose = Purpose::new(128, "noise of a test");
    let settings = EvolutionSettings {
        population: 16,
        starts: 4,
        most_starts,
        ..EvolutionSettings::default()
    };
    let space = ActionSpace::Continuous { dimensions: 3 };
    let mut agent = Evolution::new(&settings, 4, space, 4, seed).unwrap();
    let mut draws = stream(seed, DRAWS, 0);
    let cost = |policy: &Policy| -> f64 {
        let parameters = policy.parameters().iter().zip(1_u32..);
        parameters
            .map(|(&x, i)| f64::from(1 + i % 4) * (f64::from(x) - 0.5).powi(2))
            .sum()
    };
    let seen = [0.0; 4];
    for first in (0..episodes).step_by(4) {
        for environment in 0..4 {
            agent.begin(environment, first + environment as u64);
        }
        agent.set_progress(first as f64 / episodes as f64);
        for environment in 0..4 {
            let luck = normal_pair(&mut draws)[0] * noise;
            let action = agent.act(environment, &seen);
            let transition = Transition {
                observation: &seen,
                action: &action,
                reward: (luck - cost(&agent.acting[environment])) as f32,
                next_observation: &seen,
                terminated: true,
                truncated: false,
                continuation: 1.0,
            };
            agent.observe(environment, transition);
        }
        agent.learn();
    }
    agent.set_progress(1.0);
    agent.learn();
    let reached = cost(&agent.policy());
    (agent, reached)
}

/// Where ranks are noise, more starts find what few can't, at the same number of episodes.
#[test]
fn doubling_the_starts_finds_a_lower_cost_in_noise() {
    let mean_cost = |most_starts| -> f64 {
        let logarithms = (0..6).map(|seed| search_in_noise(most_starts, 3.0, 10_240, seed).1.ln());
        (logarithms.sum::<f64>() / 6.0).exp()
    };
    let (constant, growing) = (mean_cost(4), mean_cost(128));
    assert!(
        growing < 0.7 * constant,
        "{growing} with a growing number of starts, {constant} with 4"
    );
}

#[test]
fn the_number_of_starts_grows_with_the_noise_and_the_budget() {
    let starts = |most_starts, noise, episodes| {
        let (agent, _) = search_in_noise(most_starts, noise, episodes, 1);
        agent.memory.starts
    };
    assert_eq!(starts(128, 0.0, 2560), 4, "ranks without noise agree");
    assert_eq!(
        starts(16, 10.0, 10_240),
        16,
        "as many as the settings allow"
    );
    assert_eq!(starts(1, 10.0, 10_240), 4, "never fewer than at first");
    assert_eq!(
        starts(128, 10.0, 320),
        4,
        "five generations are none too many"
    );
    assert!((8..=32).contains(&starts(128, 10.0, 2560)));
}

#[test]
fn what_is_left_at_the_end_counts() {
    let mut agent = agent(1);
    let end = |agent: &mut Evolution, episodes: std::ops::Range<u64>| {
        for episode in episodes {
            agent.begin(0, episode);
            let action = agent.act(0, &[1.0, 1.0]);
            let transition = Transition {
                observation: &[1.0, 1.0],
                action: &action,
                reward: agent.acting[0].parameters()[0],
                next_observation: &[1.0, 1.0],
                terminated: true,
                truncated: false,
                continuation: 1.0,
            };
            agent.observe(0, transition);
        }
    };
    // 13 of 16: the first start is complete, the second is not.
    end(&mut agent, 0..13);
    agent.set_progress(0.99);
    assert!(agent.learn().is_none());
    agent.set_progress(1.0);
    assert!(agent.learn().is_some());
    assert!(agent.policy().parameters()[0] > 0.0);
    assert!(agent.learn().is_none());
}

/// In the fifth generation, the best points so far and the mean are members, too.
#[test]
fn the_best_points_are_reviewed_beside_the_mean() {
    let mut agent = agent(1);
    play(&mut agent, 1, 0..4 * 16 * 4, &mut 0, 0.0);
    agent.begin(0, 4 * 16);
    let generation = agent.memory.generations.front().unwrap();
    assert_eq!(generation.reviewed.len(), 1 + 4);
    assert_eq!(generation.reviewed[0], agent.memory.distribution.mean());
    assert_eq!(generation.end(), 4 * 16 + 2 * (8 + 5));
    // The sampled policies come first, then the mean.
    agent.begin(0, 4 * 16 + 8);
    let mean = agent.policy_at(agent.memory.distribution.mean());
    assert_eq!(agent.acting[0].parameters(), mean.parameters());
    agent.memory.champion = Some(vec![0.5; 6]);
    assert_eq!(agent.policy().parameters(), [0.5; 6]);
}
