//! Training an agent on a known problem, and scoring its policy.

use descender_agent::{Agent, AgentSettings, Transition, build};
use descender_control::Policy;
use descender_random::{ChaCha8Rng, Purpose, stream};

use super::Known;

/// Starts of training episodes; the environments are streams of their own.
const STARTS: Purpose = Purpose::new(1, "training start");
/// Starts of scored episodes.
const SCORED: Purpose = Purpose::new(3, "report start");

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

/// Trains an agent for so many steps over all environments, and returns it.
pub fn train<P: Known>(
    settings: &AgentSettings,
    environments: usize,
    steps: u64,
    seed: u64,
) -> Box<dyn Agent> {
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
    }
    agent.set_progress(1.0);
    agent.learn();
    agent
}

/// Scores of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The sum of rewards of each episode.
    pub scores: Vec<f64>,
}

impl Evaluation {
    /// The mean score.
    pub fn mean(&self) -> f64 {
        self.scores.iter().sum::<f64>() / self.scores.len() as f64
    }
}

/// The scores of a policy on so many episodes from starts of their own.
pub fn evaluate<P: Known>(policy: &mut Policy, episodes: u64) -> Evaluation {
    let score = |index| {
        let mut episode = Episode::<P>::begin(&mut stream(1, SCORED, index));
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
    Evaluation {
        scores: (0..episodes).map(score).collect(),
    }
}
