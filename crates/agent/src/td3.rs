//! Twin delayed deep deterministic policy gradient (TD3): [DDPG](crate::ddpg) with three remedies for overestimated values.
//!
//! The agent acts by its policy μ with Gaussian noise and remembers. Each update takes a random batch of (s, a, r, s', D), with
//! D = γ, or 0 after a termination; Q'₁, Q'₂ and μ' are target networks:
//!
//! ```text
//! ã = clip(μ'(s') + clip(σ̃ ε, −c, c), −1, 1)         target policy smoothing
//! y = r + D · min(Q'₁(s', ã), Q'₂(s', ã))              twin critics
//! θ_1, θ_2: one step of Adam down the slope of the mean of (Q_i(s, a) − y)²
//! in every d-th update:                                delayed policy
//!     θ_μ: one step of Adam up the slope of the mean of Q₁(s, μ(s))
//!     θ' ← τ θ + (1 − τ) θ'    for all target networks
//! ```
//!
//! Source: S. Fujimoto, H. van Hoof, D. Meger, "Addressing Function Approximation Error in Actor-Critic Methods", 2018,
//! Algorithm 1.

mod settings;

use descender_control::{ActionSpace, Policy, PolicyError};
use descender_random::{ChaCha8Rng, stream};
use serde::{Deserialize, Serialize};

pub use settings::Td3Settings;

use crate::action_noise::{add_clipped, advance, fill_normal};
use crate::actor_critic::{ActorCritic, Learner};
use crate::critic::{Critic, CriticReport};
use crate::deterministic_actor::DeterministicActor;
use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::replay::Batch;
use crate::state_action::StateAction;
use crate::trained_network::NetworkState;
use crate::twin_critics::TwinCritics;
use crate::{Agent, AgentBuilder, AgentError, AgentStateError};

/// The networks of TD3.
#[derive(Debug)]
struct Td3 {
    actor: DeterministicActor,
    twins: TwinCritics,
    /// Updates of the critics that were done.
    updates: u64,
    settings: Td3Settings,
    parts: StateAction,
    /// Noise of one action.
    noise: Vec<f32>,
    /// y of each transition.
    targets: Vec<f32>,
}

#[derive(Serialize, Deserialize)]
struct Td3State {
    actor: NetworkState,
    critics: [NetworkState; 2],
    updates: u64,
}

impl Td3 {
    fn new(settings: &Td3Settings, parts: StateAction, seed: u64) -> Result<Self, AgentError> {
        let weights = |number| stream(seed, purpose::WEIGHTS, number);
        let (hidden, batch_size) = (&settings.hidden, settings.batch_size);
        let critic = |number| {
            let rate = settings.learning_rate;
            Critic::new(parts, hidden, batch_size, rate, &mut weights(number))
        };
        let rate = settings.policy_learning_rate;
        Ok(Self {
            actor: DeterministicActor::new(parts, hidden, batch_size, rate, &mut weights(0))?,
            twins: TwinCritics::new([critic(1)?, critic(2)?], parts.len(), batch_size),
            updates: 0,
            settings: settings.clone(),
            parts,
            noise: vec![0.0; parts.dimensions],
            targets: vec![0.0; batch_size],
        })
    }

    /// Writes ã into the next pairs.
    fn write_smoothed_actions(&mut self, pairs: &mut [f32], generator: &mut ChaCha8Rng) {
        let (deviation, limit) = (
            self.settings.smoothing_deviation,
            self.settings.smoothing_limit,
        );
        self.actor.write_target_actions(pairs);
        for action in self.parts.actions_mut(pairs) {
            fill_normal(generator, &mut self.noise);
            for noise in &mut self.noise {
                *noise = (deviation * *noise).clamp(-limit, limit);
            }
            add_clipped(action, &self.noise);
        }
    }
}

impl Learner for Td3 {
    const NAME: &'static str = "td3";
    const STATE_TAG: [u8; 8] = *b"td3\0\0\0\0\x01";
    type State = Td3State;

    fn explore(
        &mut self,
        _environment: usize,
        observation: &[f32],
        generator: &mut ChaCha8Rng,
        action: &mut [f32],
    ) {
        self.actor.act(observation, action);
        let deviation = self.settings.noise_deviation;
        advance(&mut self.noise, 0.0, deviation, generator);
        add_clipped(action, &self.noise);
    }

    fn update(&mut self, batch: &mut Batch, noise: &mut ChaCha8Rng) -> Option<CriticReport> {
        self.write_smoothed_actions(&mut batch.next_observations, noise);
        let next_values = self.twins.target_values(&batch.next_observations);
        let outcomes = batch.rewards.iter().zip(&batch.discounts);
        for ((y, next_value), (reward, discount)) in
            self.targets.iter_mut().zip(next_values).zip(outcomes)
        {
            *y = reward + discount * next_value;
        }

        let report = self.twins.learn(&batch.observations, &self.targets)?;
        self.updates = self.updates.wrapping_add(1);
        if self.updates.is_multiple_of(self.settings.policy_interval) {
            let [first, _] = &mut self.twins.critics;
            self.actor.climb(first, &mut batch.observations)?;
            self.twins.follow(self.settings.target_rate);
            self.actor.learned.follow(self.settings.target_rate);
        }
        Some(report)
    }

    fn exploration(&self) -> f64 {
        f64::from(self.settings.noise_deviation)
    }

    fn policy(&self) -> Result<Policy, PolicyError> {
        self.actor.policy()
    }

    fn state(&self) -> Td3State {
        Td3State {
            actor: self.actor.learned.state.clone(),
            critics: self.twins.states(),
            updates: self.updates,
        }
    }

    fn check(&self, state: &Td3State) -> Result<(), AgentStateError> {
        state.actor.check_like(&self.actor.learned.state)?;
        self.twins.check(&state.critics)
    }

    fn replace(&mut self, state: Td3State) {
        self.actor.learned.state = state.actor;
        self.twins.replace(state.critics);
        self.updates = state.updates;
    }
}

impl AgentBuilder for Td3Settings {
    fn name(&self) -> &str {
        Td3::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        self.check()?;
        let make = |parts| Td3::new(self, parts, seed);
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

impl BuiltInAgent for Td3Settings {
    const NAME: &'static str = Td3::NAME;
    const DESCRIPTION: &'static str = "twin delayed deep deterministic policy gradient: continuous actions, the smaller of two critics";
    const WORDS: &'static str = "a twin delayed deep deterministic policy gradient";
}

#[cfg(test)]
mod tests;
