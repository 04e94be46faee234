//! Updates a second of the learners of DQN, PPO and SAC, as one line of JSON, for `benchmarks/learners.py`.
//!
//! Networks and batches are the defaults of Stable-Baselines3: DQN 2 × 64 units and 32 transitions, PPO 2 × 64 and 64, SAC 2 ×
//! 256 and 256. Observations of 4 numbers; what is learned doesn't matter. An update is one step of every optimizer of the agent.
//!
//! ```text
//! cargo run --release -p descender-agent --example learner_rates -- SECONDS
//! ```

#![allow(clippy::print_stdout, reason = "the line is what it is for")]

use std::time::Instant;

use descender_agent::dqn::DqnSettings;
use descender_agent::ppo::PpoSettings;
use descender_agent::sac::SacSettings;
use descender_agent::{Agent, AgentSettings, Transition, build};
use descender_control::ActionSpace;

const OBSERVED: usize = 4;

/// Steps of an environment whose numbers are waves.
struct Waves {
    agent: Box<dyn Agent>,
    round: u64,
}

impl Waves {
    fn step(&mut self) {
        let seen = |round: u64| -> [f32; OBSERVED] {
            std::array::from_fn(|place| (round as f32 * 0.7 + place as f32).sin())
        };
        let (now, next) = (seen(self.round), seen(self.round + 1));
        let action = self.agent.act(0, &now);
        self.agent.observe(
            0,
            Transition {
                observation: &now,
                action: &action,
                reward: now[0],
                next_observation: &next,
                terminated: self.round % 200 == 199,
                truncated: false,
                continuation: 1.0,
            },
        );
        self.round += 1;
    }

    /// Updates a second: the median over the learnings of so many seconds. Steps of the environment are not counted.
    fn rate(&mut self, seconds: f64) -> f64 {
        let begin = Instant::now();
        let mut rates = Vec::new();
        while rates.is_empty() || begin.elapsed().as_secs_f64() < seconds {
            self.step();
            let from = Instant::now();
            if let Some(report) = self.agent.learn() {
                rates.push(report.updates as f64 / from.elapsed().as_secs_f64());
            }
        }
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    }
}

fn main() {
    let seconds: f64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .expect("the seconds of each measurement");
    let discrete = ActionSpace::Discrete(2);
    let continuous = ActionSpace::Continuous { dimensions: 1 };
    let agents = [
        (
            "dqn",
            AgentSettings::Dqn(DqnSettings {
                hidden: vec![64, 64],
                batch_size: 32,
                warm_up: 1_000,
                replay_capacity: 10_000,
                updates_per_decision: 1.0,
                gradient_clip: 10.0,
                ..DqnSettings::default()
            }),
            discrete,
        ),
        (
            "ppo",
            AgentSettings::Ppo(PpoSettings {
                horizon: 2_048,
                most_change: 0.0,
                ..PpoSettings::default()
            }),
            discrete,
        ),
        (
            "sac",
            AgentSettings::Sac(SacSettings {
                hidden: vec![256, 256],
                batch_size: 256,
                warm_up: 1_000,
                replay_capacity: 10_000,
                updates_per_decision: 1.0,
                ..SacSettings::default()
            }),
            continuous,
        ),
    ];
    let rates: Vec<String> = agents
        .into_iter()
        .map(|(name, settings, space)| {
            let agent = build(&settings, OBSERVED, space, 1, 1).expect("the settings are possible");
            let mut waves = Waves { agent, round: 0 };
            format!("\"{name}\": {:.1}", waves.rate(seconds))
        })
        .collect();
    println!("{{{}}}", rates.join(", "));
}
