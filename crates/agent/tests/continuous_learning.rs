//! Agents of continuous actions learn a small problem whose best policy is known.
//!
//! The problem, *docking*: a position x in [−1, 1] is moved by 0.5 · a, and each step costs (x − 0.4)² + 0.02 a² afterwards,
//! for 10 steps. There is a second action that only costs: 0.3 (a₂ + 0.6)². The best policy is close to
//! a = clip(1.85 (0.4 − x)), a₂ = −0.6; its mean cost over the starts is found by dynamic programming on a grid.

use descender_agent::{AgentSettings, Transition, build};
use descender_control::{Action, ActionSpace, Policy};
use descender_random::{Purpose, stream, unit};

const HORIZON: usize = 10;
const GOAL: f64 = 0.4;

fn moved(x: f64, action: f64) -> f64 {
    (x + 0.5 * action).clamp(-1.0, 1.0)
}

fn cost(x: f64, action: f64) -> f64 {
    (x - GOAL).powi(2) + 0.02 * action * action
}

/// The least mean cost from these starts, the second action being perfect.
fn least_cost(starts: &[f64]) -> f64 {
    let place = |x: f64| ((x + 1.0) * 200.0).clamp(0.0, 400.0);
    let mut value = vec![0.0; 401];
    let best = |value: &[f64], x: f64| {
        (-100..=100)
            .map(|step| {
                let action = f64::from(step) / 100.0;
                let next = moved(x, action);
                let (below, share) = (place(next).floor() as usize, place(next).fract());
                let above = (below + 1).min(400);
                cost(next, action) + (1.0 - share) * value[below] + share * value[above]
            })
            .fold(f64::INFINITY, f64::min)
    };
    for _ in 1..HORIZON {
        value = (0..=400)
            .map(|i| best(&value, i as f64 / 200.0 - 1.0))
            .collect();
    }
    starts.iter().map(|&x| best(&value, x)).sum::<f64>() / starts.len() as f64
}

fn step(x: f64, action: &Action) -> (f64, f64) {
    let Action::Continuous(numbers) = action else {
        panic!("a continuous action was expected")
    };
    let [first, second] = [0, 1].map(|index| f64::from(numbers[index]));
    let next = moved(x, first);
    (next, -cost(next, first) - 0.3 * (second + 0.6).powi(2))
}

fn starts() -> Vec<f64> {
    (0..41).map(|i| f64::from(i) / 20.0 - 1.0).collect()
}

/// The mean cost of a policy.
fn cost_of(mut policy: Policy) -> f64 {
    let mut total = 0.0;
    for mut x in starts() {
        for _ in 0..HORIZON {
            let reward;
            (x, reward) = step(x, &policy.act(&[x as f32]));
            total -= reward;
        }
    }
    total / starts().len() as f64
}

/// Trains on two environments side by side; rewards are multiplied by `factor` before they are told.
fn train(agent: &str, seed: u64, rounds: usize, factor: f64) -> Policy {
    let text = format!(
        "name = \"{agent}\"\nhidden = [32, 32]\nbatch_size = 64\nwarm_up = 200\ndiscount = 0.9\nlearning_rate = 0.003\n\
         policy_learning_rate = 0.003\ntarget_rate = 0.02\n"
    );
    let settings: AgentSettings = toml::from_str(&text).expect("it can be read");
    let space = ActionSpace::Continuous { dimensions: 2 };
    let mut agent = build(&settings, 1, space, 2, seed).expect("the settings are possible");
    let mut draws = stream(seed, Purpose::new(1, "training start"), 0);
    let mut positions = [0.0; 2];
    for round in 0..rounds {
        for (environment, x) in positions.iter_mut().enumerate() {
            if round % HORIZON == 0 {
                *x = 2.0 * unit(&mut draws) - 1.0;
            }
            let observation = [*x as f32];
            let action = agent.act(environment, &observation);
            let (next, reward) = step(*x, &action);
            *x = next;
            agent.observe(
                environment,
                Transition {
                    observation: &observation,
                    action: &action,
                    reward: (factor * reward) as f32,
                    next_observation: &[next as f32],
                    terminated: false,
                    truncated: round % HORIZON == HORIZON - 1,
                    continuation: 1.0,
                },
            );
        }
        agent.learn();
    }
    agent.policy()
}

/// What a trained policy may cost; one that has learned nothing costs 0.3 more at least.
fn bar() -> f64 {
    least_cost(&starts()) + 0.15
}

#[test]
fn each_agent_comes_close_to_the_least_cost_on_each_of_three_seeds() {
    for agent in ["ddpg", "td3", "sac"] {
        for seed in 1..=3 {
            let cost = cost_of(train(agent, seed, 1_500, 1.0));
            assert!(cost < bar(), "{agent}, seed {seed}: {cost}, bar {}", bar());
        }
    }
}

#[test]
fn agents_that_have_learned_nothing_or_are_told_the_opposite_stay_far_from_it() {
    for agent in ["ddpg", "td3", "sac"] {
        for (rounds, factor) in [(0, 1.0), (700, 0.0), (700, -1.0)] {
            let cost = cost_of(train(agent, 1, rounds, factor));
            assert!(cost > bar() + 0.3, "{agent}, {rounds}, {factor}: {cost}");
        }
    }
}

/// The mean value that an agent learns for a constant reward of 1, with γ = 0.9 and episodes of four steps.
fn value_of_constant_reward(agent: &str, terminated: bool, continuation: f32) -> f32 {
    // Of SAC, the temperature is too small to count.
    let own = match agent {
        "sac" => "temperature = 1e-6\ntemperature_learning_rate = 0.0\n",
        _ => "",
    };
    let text = format!(
        "name = \"{agent}\"\nhidden = [32]\nbatch_size = 32\nwarm_up = 100\ndiscount = 0.9\nlearning_rate = 0.003\n\
         target_rate = 0.05\n{own}"
    );
    let settings: AgentSettings = toml::from_str(&text).expect("it can be read");
    let space = ActionSpace::Continuous { dimensions: 1 };
    let mut agent = build(&settings, 4, space, 1, 1).expect("the settings are possible");
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
                continuation,
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

#[test]
fn a_truncated_episode_is_worth_what_would_have_followed_and_a_terminated_one_is_not() {
    for agent in ["ddpg", "td3", "sac"] {
        // Without an end: 1 / (1 − γ), and 1 / (1 − γ/2) where it goes on with probability ½.
        let truncated = value_of_constant_reward(agent, false, 1.0);
        assert!((truncated - 10.0).abs() < 0.5, "{agent}: {truncated}");
        let halved = value_of_constant_reward(agent, false, 0.5);
        assert!((halved - 1.0 / 0.55).abs() < 0.1, "{agent}: {halved}");
        // With an end after 4, 3, 2 and 1 steps: 3.439, 2.71, 1.9 and 1.
        let terminated = value_of_constant_reward(agent, true, 1.0);
        let expected = (3.439 + 2.71 + 1.9 + 1.0) / 4.0;
        assert!(
            (terminated - expected).abs() < 0.25,
            "{agent}: {terminated}"
        );
    }
}
