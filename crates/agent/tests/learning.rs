//! Agents learn a small problem whose best score is known.
//!
//! The problem, *steering*, is a caricature of controlling ln η. A level from 0 to 12 is moved by −1, 0 or +1, and
//! in one step out of ten it slips by one more, up or down. The good level is 9. The far end 12 is a divergence:
//! the episode terminates with −5. The lowest levels pay a little, the more the lower, so that an agent that doesn't
//! look ahead goes down and stays there. Training episodes start anywhere, those that are scored at levels 0 to 4;
//! both are truncated after 40 steps. What is seen is the level with some noise, and a second number that means
//! nothing.
//!
//! The best expected score is computed exactly, by dynamic programming over (steps left, level).

use descender_agent::dqn::{Dqn, DqnLoss, DqnSettings};
use descender_agent::{Agent, Exploration, Transition};
use descender_control::{Action, ActionSpace, Policy};
use descender_random::{ChaCha8Rng, Purpose, stream, unit};

const TOP: usize = 12;
const HORIZON: usize = 40;
const SLIP: f64 = 0.05;

/// Reward for arriving at a level.
fn reward(level: usize) -> f32 {
    match level {
        0..=3 => 0.05 * (4 - level) as f32,
        8 | 10 => 0.5,
        9 => 1.0,
        TOP => -5.0,
        _ => 0.0,
    }
}

fn moved(level: usize, by: i32) -> usize {
    (level as i32 + by).clamp(0, TOP as i32) as usize
}

/// The expected score of the best policy, over the starts that are scored.
fn best_score() -> f64 {
    let mut value = [0.0_f64; TOP + 1];
    for _ in 0..HORIZON {
        let mut next = [0.0_f64; TOP + 1];
        for (level, next) in next.iter_mut().enumerate().take(TOP) {
            *next = [-1, 0, 1]
                .into_iter()
                .map(|action| {
                    [(-1, SLIP), (0, 1.0 - 2.0 * SLIP), (1, SLIP)]
                        .into_iter()
                        .map(|(slip, probability)| {
                            let arrived = moved(level, action + slip);
                            let rest = if arrived == TOP { 0.0 } else { value[arrived] };
                            probability * (f64::from(reward(arrived)) + rest)
                        })
                        .sum::<f64>()
                })
                .fold(f64::NEG_INFINITY, f64::max);
        }
        value = next;
    }
    value[..5].iter().sum::<f64>() / 5.0
}

/// One environment of the problem.
struct Steering {
    level: usize,
    step: usize,
    observation: [f32; 2],
    /// Episodes start at levels below this.
    starts: f64,
    generator: ChaCha8Rng,
}

impl Steering {
    fn new(starts: usize, seed: u64, index: u64) -> Self {
        let mut steering = Self {
            level: 0,
            step: 0,
            observation: [0.0; 2],
            starts: starts as f64,
            generator: stream(seed, Purpose::new(1, "training start"), index),
        };
        steering.reset();
        steering
    }

    fn reset(&mut self) {
        self.step = 0;
        self.level = (unit(&mut self.generator) * self.starts) as usize;
        self.look();
    }

    fn look(&mut self) {
        let mut noise = || (unit(&mut self.generator) * 2.0 - 1.0) as f32;
        self.observation = [self.level as f32 / 6.0 - 1.0 + 0.05 * noise(), noise()];
    }

    /// (reward, terminated, truncated)
    fn step(&mut self, action: &Action) -> (f32, bool, bool) {
        let Action::Discrete(action) = action else {
            panic!("a discrete action was expected")
        };
        let chance = unit(&mut self.generator);
        let slip = if chance < SLIP {
            -1
        } else {
            i32::from(chance < 2.0 * SLIP)
        };
        self.level = moved(self.level, *action as i32 - 1 + slip);
        self.step += 1;
        self.look();
        (reward(self.level), self.level == TOP, self.step == HORIZON)
    }
}

/// Mean score over 300 episodes.
fn score(mut act: impl FnMut(&[f32]) -> Action) -> f64 {
    let episodes = 300;
    let mut steering = Steering::new(5, 99, 7);
    let mut total = 0.0;
    for _ in 0..episodes {
        steering.reset();
        loop {
            let action = act(&steering.observation.clone());
            let (reward, terminated, truncated) = steering.step(&action);
            total += f64::from(reward);
            if terminated || truncated {
                break;
            }
        }
    }
    total / f64::from(episodes)
}

/// Trains on two environments side by side for `rounds`; what the agent is told can be changed by `tell`.
fn train(
    settings: &DqnSettings,
    seed: u64,
    rounds: usize,
    mut tell: impl FnMut(&mut Transition<'_>),
) -> Policy {
    let mut agent = Dqn::new(settings, 2, ActionSpace::Discrete(3), 2, seed)
        .expect("the settings are possible");
    let mut environments = [Steering::new(TOP, seed, 0), Steering::new(TOP, seed, 1)];
    for round in 0..rounds {
        agent.set_progress(round as f64 / rounds as f64);
        for (index, steering) in environments.iter_mut().enumerate() {
            let observation = steering.observation;
            let action = agent.act(index, &observation);
            let (reward, terminated, truncated) = steering.step(&action);
            let mut transition = Transition {
                observation: &observation,
                action: &action,
                reward,
                next_observation: &steering.observation,
                terminated,
                truncated,
                continuation: 1.0,
            };
            tell(&mut transition);
            agent.observe(index, transition);
            if terminated || truncated {
                steering.reset();
            }
        }
        agent.learn();
    }
    agent.policy()
}

fn score_of(mut policy: Policy) -> f64 {
    score(|observation| policy.act(observation))
}

/// What `quick` is made of, on a scale for a small problem.
fn quick() -> DqnSettings {
    DqnSettings {
        hidden: vec![32, 32],
        learning_rate: 0.001,
        discount: 0.95,
        batch_size: 32,
        updates_per_decision: 2.0,
        warm_up: 100,
        averaging_rate: 1e-3,
        loss: DqnLoss::Huber,
        ..DqnSettings::quick()
    }
}

#[test]
fn the_bar_lies_far_above_agents_that_have_learned_nothing() {
    let best = best_score();
    assert!((20.0..40.0).contains(&best), "best score {best}");
    let mut generator = stream(1, Purpose::new(6, "exploration"), 0);
    let random = score(|_| Action::Discrete((unit(&mut generator) * 3.0) as usize));
    assert!(random < 0.3 * best, "random {random} of {best}");
    for seed in 1..=5 {
        let untrained = score_of(train(&quick(), seed, 0, |_| {}));
        assert!(untrained < 0.3 * best, "untrained {untrained} of {best}");
    }
}

/// The paper's agent learns fast and never settles (its rate and its ε don't fall), so its last policy is a good one or
/// a middling one: of 40 seeds, 35 reached nine tenths of the best score, and the worst 0.64 of it.
#[test]
fn the_paper_agent_reaches_eight_tenths_of_the_best_score_over_five_seeds() {
    let best = best_score();
    let scores: Vec<f64> = (1..=5)
        .map(|seed| score_of(train(&DqnSettings::paper(), seed, 3_000, |_| {})))
        .collect();
    let mean = scores.iter().sum::<f64>() / 5.0;
    assert!(mean > 0.8 * best, "{scores:?} of {best}");
    assert!(
        scores.iter().all(|&score| score > 0.5 * best),
        "{scores:?} of {best}"
    );
}

/// Of 40 seeds, the worst reached 0.99 of the best score.
#[test]
fn the_quick_agent_reaches_nineteen_twentieths_of_the_best_score_on_each_of_five_seeds() {
    let best = best_score();
    for seed in 1..=5 {
        let score = score_of(train(&quick(), seed, 2_000, |_| {}));
        assert!(score > 0.95 * best, "seed {seed}: {score} of {best}");
    }
}

/// Everything on, and each switch alone: all of them reach the bar. Of five seeds, the worst reached 0.98 of the best
/// score without scaled rewards, 0.88 with all on, and 0.72 with scaled rewards alone: they change their scale while old ones are
/// remembered.
#[test]
fn rainbow_and_each_of_its_parts_learn_to_steer() {
    let best = best_score();
    // Noise alone, without an ε, stays in the trap at the bottom on most seeds: it explores too little here.
    let noise = DqnSettings {
        noise: 0.1,
        ..quick()
    };
    let mut each = [(); 5].map(|()| quick());
    each[0] = noise.clone();
    each[1].dueling = true;
    each[2].priority_exponent = 0.5;
    each[3].atoms = 51;
    each[3].most_value = 20.0;
    each[4].scale_rewards = true;
    let rainbow = DqnSettings {
        dueling: true,
        priority_exponent: 0.5,
        atoms: 51,
        scale_rewards: true,
        ..noise
    };
    for settings in each.into_iter().chain([rainbow]) {
        let score = score_of(train(&settings, 1, 2_000, |_| {}));
        let bar = if settings.scale_rewards && settings.atoms == 0 {
            0.6
        } else {
            0.9
        };
        assert!(score > bar * best, "{settings:?}: {score} of {best}");
    }
}

#[test]
fn an_agent_that_is_told_nothing_true_stays_below_the_bar() {
    let best = best_score();
    // Rewards hidden, or rewards of the wrong sign.
    for factor in [0.0, -1.0] {
        let policy = train(&quick(), 1, 1_500, |transition| transition.reward *= factor);
        let score = score_of(policy);
        assert!(score < 0.5 * best, "factor {factor}: {score} of {best}");
    }
    // Without a look ahead, the small reward at the bottom wins.
    let blind = DqnSettings {
        discount: 0.0,
        return_steps: 1,
        exploration: Exploration::constant(0.1),
        ..quick()
    };
    let score = score_of(train(&blind, 1, 1_500, |_| {}));
    assert!(score < 0.5 * best, "discount 0: {score} of {best}");
}

/// The mean value that an agent learns for a constant reward of 1, with γ = 0.9 and episodes of four steps that end in
/// one way or the other. What is seen is the time in the episode.
fn value_of_constant_reward(settings: &DqnSettings, terminated: bool) -> f32 {
    let mut agent =
        Dqn::new(settings, 4, ActionSpace::Discrete(2), 1, 1).expect("the settings are possible");
    let seen =
        |time: usize| -> [f32; 4] { std::array::from_fn(|i| f32::from(u8::from(i == time % 4))) };
    let mut last = Vec::new();
    for round in 0..2_500 {
        let time = round % 4;
        let observation = seen(time);
        let action = agent.act(0, &observation);
        agent.observe(
            0,
            Transition {
                observation: &observation,
                action: &action,
                reward: 1.0,
                next_observation: &seen(time + 1),
                terminated: terminated && time == 3,
                truncated: !terminated && time == 3,
                continuation: 1.0,
            },
        );
        if let Some(report) = agent.learn()
            && round >= 2_000
        {
            last.push(report.mean_q);
        }
    }
    last.iter().sum::<f32>() / last.len() as f32
}

/// With a discount of 1 a state is worth the rewards up to the end of the episode: 4, 3, 2 and 1.
#[test]
fn without_a_discount_values_are_the_sums_of_rewards() {
    for (atoms, most_value) in [(0, 10.0), (51, 5.0)] {
        let settings = DqnSettings {
            discount: 1.0,
            target_interval: 20,
            learning_rate: 0.002,
            exploration: Exploration::constant(1.0),
            atoms,
            least_value: 0.0,
            most_value,
            ..DqnSettings::paper()
        };
        let value = value_of_constant_reward(&settings, true);
        assert!((value - 2.5).abs() < 0.15, "{atoms} atoms: {value}");
    }
}

#[test]
fn a_truncated_episode_is_worth_what_would_have_followed_and_a_terminated_one_is_not() {
    for (return_steps, double) in [(1, false), (1, true), (3, true)] {
        let settings = DqnSettings {
            return_steps,
            double,
            target_interval: 20,
            learning_rate: 0.002,
            exploration: Exploration::constant(1.0),
            ..DqnSettings::paper()
        };
        // Without an end: 1 / (1 − γ).
        let truncated = value_of_constant_reward(&settings, false);
        assert!((truncated - 10.0).abs() < 0.5, "truncated: {truncated}");
        // With an end after 4, 3, 2 and 1 steps: 3.439, 2.71, 1.9 and 1.
        let terminated = value_of_constant_reward(&settings, true);
        let expected = (3.439 + 2.71 + 1.9 + 1.0) / 4.0;
        assert!(
            (terminated - expected).abs() < 0.25,
            "terminated: {terminated}"
        );
    }
}
