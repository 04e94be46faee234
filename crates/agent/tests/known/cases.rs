//! Which agent is held to which score on which known problem.

use descender_agent::a2c::A2cSettings;
use descender_agent::ddpg::DdpgSettings;
use descender_agent::dqn::{DqnLoss, DqnSettings};
use descender_agent::ppo::PpoSettings;
use descender_agent::rainbow::RainbowSettings;
use descender_agent::sac::SacSettings;
use descender_agent::td3::Td3Settings;
use descender_agent::{AgentSettings, Exploration};

use super::training::{SCORED, evaluate, train};
use super::{Acrobot, CartPole, Known, Pendulum};

/// Episodes that a policy is scored on.
const EPISODES: u64 = 100;

/// A problem of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    CartPole,
    Acrobot,
    Pendulum,
}

/// The scores of the episodes of a training's policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    pub last: Vec<f64>,
    pub chosen: Vec<f64>,
}

impl Scores {
    /// The mean of a list of scores.
    pub fn mean(scores: &[f64]) -> f64 {
        scores.iter().sum::<f64>() / scores.len() as f64
    }
}

/// An agent on a problem, with the score that it has to reach.
#[derive(Clone, Debug)]
pub struct Case {
    pub problem: Problem,
    pub agent: AgentSettings,
    pub environments: usize,
    /// Steps over all environments.
    pub steps: u64,
    /// The mean score of the trained policy that is published.
    pub bar: f64,
}

impl Case {
    /// The agent's name and the problem's.
    pub fn name(&self) -> String {
        let problem = match self.problem {
            Problem::CartPole => CartPole::NAME,
            Problem::Acrobot => Acrobot::NAME,
            Problem::Pendulum => Pendulum::NAME,
        };
        format!("{}:{problem}", self.agent.name())
    }

    /// Trains, and scores the policy at the end and the one that was chosen on the way.
    pub fn run(&self, seed: u64) -> Scores {
        match self.problem {
            Problem::CartPole => self.on::<CartPole>(seed),
            Problem::Acrobot => self.on::<Acrobot>(seed),
            Problem::Pendulum => self.on::<Pendulum>(seed),
        }
    }

    fn on<P: Known>(&self, seed: u64) -> Scores {
        let mut trained = train::<P>(&self.agent, self.environments, self.steps, seed);
        Scores {
            last: evaluate::<P>(&mut trained.last, SCORED, EPISODES),
            chosen: evaluate::<P>(&mut trained.chosen, SCORED, EPISODES),
        }
    }
}

/// DQN, as small networks like it on classic control.
fn dqn() -> DqnSettings {
    DqnSettings {
        hidden: vec![128, 128],
        learning_rate: 5e-4,
        discount: 0.99,
        exploration: Exploration {
            start: 1.0,
            end: 0.04,
            fraction: 0.2,
        },
        batch_size: 64,
        replay_capacity: 50_000,
        warm_up: 1_000,
        updates_per_decision: 1.0,
        target_interval: 1,
        target_rate: 0.005,
        loss: DqnLoss::Huber,
        double: true,
        return_steps: 3,
        gradient_clip: 10.0,
        averaging_rate: 1e-4,
        ..DqnSettings::paper()
    }
}

/// Rainbow on the same budget. The values of cart and pole lie between 0 and 100 for this discount.
fn rainbow() -> DqnSettings {
    DqnSettings {
        dueling: true,
        noise: 0.1,
        priority_exponent: 0.5,
        importance_exponent: 0.4,
        atoms: 51,
        least_value: 0.0,
        most_value: 100.0,
        ..dqn()
    }
}

/// PPO, as small networks like it on classic control.
fn ppo() -> PpoSettings {
    PpoSettings {
        learning_rate: 1e-3,
        discount: 0.98,
        lambda: 0.8,
        horizon: 32,
        epochs: 20,
        batch_size: 256,
        most_change: 0.0,
        ..PpoSettings::default()
    }
}

/// A2C, as small networks like it on classic control.
fn a2c() -> A2cSettings {
    A2cSettings {
        learning_rate: 3e-3,
        lambda: 0.95,
        horizon: 16,
        ..A2cSettings::default()
    }
}

/// TD3 with more noise than usual: with 0.1, some seeds see too little of the pendulum.
fn td3() -> Td3Settings {
    Td3Settings {
        noise_deviation: 0.3,
        ..Td3Settings::default()
    }
}

/// All cases.
pub fn all() -> Vec<Case> {
    vec![
        Case {
            problem: Problem::CartPole,
            agent: AgentSettings::Dqn(dqn()),
            environments: 1,
            steps: 50_000,
            bar: 475.0,
        },
        Case {
            problem: Problem::Acrobot,
            agent: AgentSettings::Dqn(dqn()),
            environments: 1,
            steps: 100_000,
            bar: -80.0,
        },
        Case {
            problem: Problem::CartPole,
            agent: AgentSettings::Ppo(ppo()),
            environments: 8,
            steps: 100_000,
            bar: 500.0,
        },
        Case {
            problem: Problem::CartPole,
            agent: AgentSettings::A2c(a2c()),
            environments: 8,
            steps: 200_000,
            bar: 475.0,
        },
        Case {
            problem: Problem::Pendulum,
            agent: AgentSettings::Ddpg(DdpgSettings::default()),
            environments: 1,
            steps: 20_000,
            bar: -152.0,
        },
        Case {
            problem: Problem::Pendulum,
            agent: AgentSettings::Td3(td3()),
            environments: 1,
            steps: 20_000,
            bar: -152.0,
        },
        Case {
            problem: Problem::Pendulum,
            agent: AgentSettings::Sac(SacSettings::default()),
            environments: 1,
            steps: 20_000,
            bar: -152.0,
        },
        Case {
            problem: Problem::CartPole,
            agent: AgentSettings::Rainbow(RainbowSettings(rainbow())),
            environments: 1,
            steps: 50_000,
            bar: 475.0,
        },
    ]
}
