//! Training an agent on a known problem, and scoring its policy.

use descender_agent::{AgentSettings, Transition, build};
use descender_control::Policy;
use descender_random::{ChaCha8Rng, Purpose, stream};

use super::Known;

/// Starts of training episodes; the environments are streams of their own.
const STARTS: Purpose = Purpose::new(1, "training start");
/// Starts of the episodes that a policy is chosen by, and their number.
const SELECTION: Purpose = Purpose::new(2, "selection start");
const CHOICE: u64 = 20;
/// Starts of scored episodes.
pub const SCORED: Purpose = Purpose::new(3, "report start");

/// An episode of a known problem, at its start.
struct Episode<P> {
    problem: P,
    steps: u32,
    seen: Vec<f32>,
}

impl<P: Known> Episode<P> {
    fn begin(generator: &mut ChaCha8Rng) -> Self {
        let problem = P::start(generator);
        let mut seen = vec![0.0; P::OBSERVED];
        problem.observe(&mut seen);
        Self {
            problem,
            steps: 0,
            seen,
        }
    }
}

/// A trained agent's policies.
pub struct Trained {
    /// That at the end.
    pub last: Policy,
    /// The best of a policy at each tenth of the training, by episodes of their own: as the program chooses a controller.
    pub chosen: Policy,
}

/// Trains an agent for so many steps over all environments.
pub fn train<P: Known>(
    settings: &AgentSettings,
    environments: usize,
    steps: u64,
    seed: u64,
) -> Trained {
    let mut agent = build(settings, P::OBSERVED, P::ACTIONS, environments, seed)
        .expect("the settings are possible");
    let mut generators: Vec<ChaCha8Rng> = (0..environments as u64)
        .map(|environment| stream(seed, STARTS, environment))
        .collect();
    let mut episodes: Vec<Episode<P>> = generators.iter_mut().map(Episode::begin).collect();
    let mut begun = 0;
    for environment in 0..environments {
        agent.begin(environment, begun);
        begun += 1;
    }
    let rounds = steps / environments as u64;
    let mut next = vec![0.0; P::OBSERVED];
    let mut best: Option<(f64, Policy)> = None;
    let mut consider = |mut policy: Policy| {
        let scores = evaluate::<P>(&mut policy, SELECTION, CHOICE);
        let score = scores.iter().sum::<f64>();
        // The later of equals.
        if best.as_ref().is_none_or(|(best, _)| score >= *best) {
            best = Some((score, policy));
        }
    };
    for round in 0..rounds {
        agent.set_progress(round as f64 / rounds as f64);
        for environment in 0..environments {
            let episode = &mut episodes[environment];
            let action = agent.act(environment, &episode.seen);
            let outcome = episode.problem.step(&action);
            episode.steps += 1;
            episode.problem.observe(&mut next);
            let truncated = !outcome.terminated && episode.steps == P::LIMIT;
            agent.observe(
                environment,
                Transition {
                    observation: &episode.seen,
                    action: &action,
                    reward: outcome.reward as f32,
                    next_observation: &next,
                    terminated: outcome.terminated,
                    truncated,
                    continuation: 1.0,
                },
            );
            if outcome.terminated || truncated {
                *episode = Episode::begin(&mut generators[environment]);
                agent.begin(environment, begun);
                begun += 1;
            } else {
                episode.seen.copy_from_slice(&next);
            }
        }
        agent.learn();
        if (round + 1) % rounds.div_ceil(10) == 0 {
            consider(agent.policy());
        }
    }
    agent.set_progress(1.0);
    agent.learn();
    consider(agent.policy());
    Trained {
        last: agent.policy(),
        chosen: best.expect("the last one was considered").1,
    }
}

/// The score (sum of rewards) of a policy on each of so many episodes, from starts of their own.
pub fn evaluate<P: Known>(policy: &mut Policy, starts: Purpose, episodes: u64) -> Vec<f64> {
    let score = |index| {
        let mut episode = Episode::<P>::begin(&mut stream(1, starts, index));
        let mut score = 0.0;
        for _ in 0..P::LIMIT {
            let outcome = episode.problem.step(&policy.act(&episode.seen));
            score += outcome.reward;
            if outcome.terminated {
                break;
            }
            episode.problem.observe(&mut episode.seen);
        }
        score
    };
    (0..episodes).map(score).collect()
}
