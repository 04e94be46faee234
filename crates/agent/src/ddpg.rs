//! Deep deterministic policy gradient (DDPG): a critic Q of continuous actions, and a policy μ that climbs its slope.
//!
//! The agent acts by μ with noise and remembers. Each update takes a random batch of (s, a, r, s', D), with D = γ, or 0 after
//! a termination; Q' and μ' are target networks:
//!
//! ```text
//! y = r + D · Q'(s', μ'(s'))
//! θ_Q: one step of Adam down the slope of the mean of (Q(s, a) − y)²
//! θ_μ: one step of Adam up the slope of the mean of Q(s, μ(s))
//! θ' ← τ θ + (1 − τ) θ'     for both target networks
//! ```
//!
//! Source: T. Lillicrap, J. Hunt, A. Pritzel, N. Heess, T. Erez, Y. Tassa, D. Silver, D. Wierstra, "Continuous control with
//! deep reinforcement learning", 2016, Algorithm 1. Without its batch normalisation and weight decay.

mod settings;

use descender_control::{ActionSpace, Policy, PolicyError};
use descender_random::{ChaCha8Rng, stream};
use serde::{Deserialize, Serialize};

pub use crate::action_noise::ActionNoise;
pub use settings::DdpgSettings;

use crate::action_noise::{add_clipped, advance};
use crate::actor_critic::{ActorCritic, Learner};
use crate::critic::{Critic, CriticReport};
use crate::deterministic_actor::DeterministicActor;
use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::replay::Batch;
use crate::state_action::StateAction;
use crate::trained_network::NetworkState;
use crate::{Agent, AgentBuilder, AgentError, AgentStateError};

/// The networks of DDPG, and the noise of each environment.
#[derive(Debug)]
struct Ddpg {
    actor: DeterministicActor,
    critic: Critic,
    /// For each environment; in one row.
    noise: Vec<f32>,
    /// y of each transition.
    targets: Vec<f32>,
    dimensions: usize,
    /// 1 − θ of the noise.
    remains: f32,
    deviation: f32,
    target_rate: f32,
}

#[derive(Serialize, Deserialize)]
struct DdpgState {
    actor: NetworkState,
    critic: NetworkState,
    noise: Vec<f32>,
}

impl Ddpg {
    fn new(
        settings: &DdpgSettings,
        parts: StateAction,
        environments: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        let batch_size = settings.batch_size;
        let weights = |number| stream(seed, purpose::WEIGHTS, number);
        Ok(Self {
            actor: DeterministicActor::new(
                parts,
                &settings.hidden,
                batch_size,
                settings.policy_learning_rate,
                &mut weights(0),
            )?,
            critic: Critic::new(
                parts,
                &settings.hidden,
                batch_size,
                settings.learning_rate,
                &mut weights(1),
            )?,
            noise: vec![0.0; environments * parts.dimensions],
            targets: vec![0.0; batch_size],
            dimensions: parts.dimensions,
            remains: match settings.noise {
                ActionNoise::Gaussian => 0.0,
                ActionNoise::OrnsteinUhlenbeck => 1.0 - settings.noise_return,
            },
            deviation: settings.noise_deviation,
            target_rate: settings.target_rate,
        })
    }

    fn noise_of(&mut self, environment: usize) -> &mut [f32] {
        &mut self.noise[environment * self.dimensions..][..self.dimensions]
    }
}

impl Learner for Ddpg {
    const NAME: &'static str = "ddpg";
    const STATE_TAG: [u8; 8] = *b"ddpg\0\0\0\x01";
    type State = DdpgState;

    fn explore(
        &mut self,
        environment: usize,
        observation: &[f32],
        generator: &mut ChaCha8Rng,
        action: &mut [f32],
    ) {
        self.actor.act(observation, action);
        let (remains, deviation) = (self.remains, self.deviation);
        let noise = self.noise_of(environment);
        advance(noise, remains, deviation, generator);
        add_clipped(action, noise);
    }

    fn end_episode(&mut self, environment: usize) {
        self.noise_of(environment).fill(0.0);
    }

    fn update(&mut self, batch: &mut Batch, _noise: &mut ChaCha8Rng) -> Option<CriticReport> {
        self.actor
            .write_target_actions(&mut batch.next_observations);
        let next_values = self.critic.learned.forward_target(&batch.next_observations);
        let outcomes = batch.rewards.iter().zip(&batch.discounts);
        for ((y, next_value), (reward, discount)) in
            self.targets.iter_mut().zip(next_values).zip(outcomes)
        {
            *y = reward + discount * next_value;
        }

        let report = self
            .critic
            .differentiate(&batch.observations, &self.targets)?;
        self.critic.learned.step();
        self.actor
            .climb(&mut self.critic, &mut batch.observations)?;
        self.critic.learned.follow(self.target_rate);
        self.actor.learned.follow(self.target_rate);
        Some(report)
    }

    fn exploration(&self) -> f64 {
        f64::from(self.deviation)
    }

    fn policy(&self) -> Result<Policy, PolicyError> {
        self.actor.policy()
    }

    fn state(&self) -> DdpgState {
        DdpgState {
            actor: self.actor.learned.state.clone(),
            critic: self.critic.learned.state.clone(),
            noise: self.noise.clone(),
        }
    }

    fn check(&self, state: &DdpgState) -> Result<(), AgentStateError> {
        state.actor.check_like(&self.actor.learned.state)?;
        state.critic.check_like(&self.critic.learned.state)?;
        AgentStateError::compare("length of the noise", state.noise.len(), self.noise.len())?;
        let finite = state.noise.iter().all(|x| x.is_finite());
        AgentStateError::compare("consistency of the noise", finite, true)
    }

    fn replace(&mut self, state: DdpgState) {
        self.actor.learned.state = state.actor;
        self.critic.learned.state = state.critic;
        self.noise = state.noise;
    }
}

impl AgentBuilder for DdpgSettings {
    fn name(&self) -> &str {
        Ddpg::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        self.check()?;
        let make = |parts| Ddpg::new(self, parts, environments, seed);
        ActorCritic::new(
            self.shared(),
            observation_len,
            space,
            environments,
            seed,
            make,
        )
        .map(|agent| Box::new(agent) as Box<dyn Agent>)
    }
}

impl BuiltInAgent for DdpgSettings {
    const NAME: &'static str = Ddpg::NAME;
    const DESCRIPTION: &'static str = "deep deterministic policy gradient: continuous actions, one critic, Gaussian or Ornstein-Uhlenbeck noise";
    const WORDS: &'static str = "a deep deterministic policy gradient";
}

#[cfg(test)]
mod tests;
