//! Soft actor-critic (SAC): a random policy π that is rewarded for its entropy, twin critics, and a learned temperature.
//!
//! The agent acts by π and remembers. Each update takes a random batch of (s, a, r, s', D), with D = γ, or 0 after a
//! termination; Q'₁ and Q'₂ are target networks, and α the temperature before the update:
//!
//! ```text
//! a' ~ π(·|s')
//! y = r + D · (min(Q'₁(s', a'), Q'₂(s', a')) − α ln π(a'|s'))
//! θ_1, θ_2: one step of Adam down the slope of the mean of (Q_i(s, a) − y)²
//! ã = tanh(μ(s) + σ(s) ε)
//! θ_π: one step of Adam down the slope of the mean of α ln π(ã|s) − min(Q₁(s, ã), Q₂(s, ã))
//! ln α: one step of Adam down the slope −(mean of ln π(ã|s) + H̄)
//! θ' ← τ θ + (1 − τ) θ'    for both target networks
//! ```
//!
//! H̄, the entropy that is aimed at, is −1 for each dimension of the action.
//!
//! Source: T. Haarnoja et al., "Soft Actor-Critic Algorithms and Applications", 2018, Algorithm 1, which has the learned
//! temperature and two critics; the loss of the critics is equation 5 without its factor ½.

mod settings;

use descender_control::{ActionSpace, Policy, PolicyError};
use descender_random::{ChaCha8Rng, stream};
use serde::{Deserialize, Serialize};

pub use settings::SacSettings;

use crate::actor_critic::{ActorCritic, Learner};
use crate::critic::{Critic, CriticReport};
use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::replay::Batch;
use crate::state_action::StateAction;
use crate::stochastic_actor::StochasticActor;
use crate::temperature::{Temperature, TemperatureState};
use crate::trained_network::NetworkState;
use crate::twin_critics::TwinCritics;
use crate::{Agent, AgentBuilder, AgentError, AgentStateError};

/// The networks of SAC, and its temperature.
#[derive(Debug)]
struct Sac {
    actor: StochasticActor,
    twins: TwinCritics,
    temperature: Temperature,
    /// y of each transition.
    targets: Vec<f32>,
    target_rate: f32,
}

#[derive(Serialize, Deserialize)]
struct SacState {
    actor: NetworkState,
    critics: [NetworkState; 2],
    temperature: TemperatureState,
}

impl Sac {
    fn new(settings: &SacSettings, parts: StateAction, seed: u64) -> Result<Self, AgentError> {
        let weights = |number| stream(seed, purpose::WEIGHTS, number);
        let (hidden, batch_size) = (&settings.hidden, settings.batch_size);
        let critic = |number| {
            let rate = settings.learning_rate;
            Critic::new(parts, hidden, batch_size, rate, &mut weights(number))
        };
        let rate = settings.policy_learning_rate;
        Ok(Self {
            actor: StochasticActor::new(parts, hidden, batch_size, rate, &mut weights(0))?,
            twins: TwinCritics::new([critic(1)?, critic(2)?], parts.len(), batch_size),
            temperature: Temperature::new(
                settings.temperature,
                settings.temperature_learning_rate,
                settings.target_entropy * parts.dimensions as f32,
            )?,
            targets: vec![0.0; batch_size],
            target_rate: settings.target_rate,
        })
    }
}

impl Learner for Sac {
    const NAME: &'static str = "sac";
    const STATE_TAG: [u8; 8] = *b"sac\0\0\0\0\x01";
    type State = SacState;

    fn explore(
        &mut self,
        _environment: usize,
        observation: &[f32],
        generator: &mut ChaCha8Rng,
        action: &mut [f32],
    ) {
        self.actor.act(observation, generator, action);
    }

    fn update(&mut self, batch: &mut Batch, noise: &mut ChaCha8Rng) -> Option<CriticReport> {
        let temperature = self.temperature.value();
        let log_densities = self
            .actor
            .write_actions(&mut batch.next_observations, noise);
        let next_values = self.twins.target_values(&batch.next_observations);
        let next = next_values.iter().zip(log_densities);
        let outcomes = batch.rewards.iter().zip(&batch.discounts);
        for ((y, (next_value, log_density)), (reward, discount)) in
            self.targets.iter_mut().zip(next).zip(outcomes)
        {
            *y = reward + discount * (next_value - temperature * log_density);
        }

        let report = self.twins.learn(&batch.observations, &self.targets)?;
        let pairs = &mut batch.observations;
        let mean_log_density = self
            .actor
            .learn(&mut self.twins, temperature, pairs, noise)?;
        self.temperature.learn(mean_log_density)?;
        self.twins.follow(self.target_rate);
        Some(report)
    }

    /// The temperature.
    fn exploration(&self) -> f64 {
        f64::from(self.temperature.value())
    }

    fn policy(&self) -> Result<Policy, PolicyError> {
        self.actor.policy()
    }

    fn state(&self) -> SacState {
        SacState {
            actor: self.actor.learned.state.clone(),
            critics: self.twins.states(),
            temperature: self.temperature.state.clone(),
        }
    }

    fn check(&self, state: &SacState) -> Result<(), AgentStateError> {
        state.actor.check_like(&self.actor.learned.state)?;
        self.twins.check(&state.critics)?;
        state.temperature.check()
    }

    fn replace(&mut self, state: SacState) {
        self.actor.learned.state = state.actor;
        self.twins.replace(state.critics);
        self.temperature.state = state.temperature;
    }
}

impl AgentBuilder for SacSettings {
    fn name(&self) -> &str {
        Sac::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        self.check()?;
        let make = |parts| Sac::new(self, parts, seed);
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

impl BuiltInAgent for SacSettings {
    const NAME: &'static str = Sac::NAME;
    const DESCRIPTION: &'static str = "soft actor-critic: continuous actions, a random policy with a learned temperature, the smaller of two critics";
    const WORDS: &'static str = "a soft actor-critic";
}

#[cfg(test)]
mod tests;
