//! The agents that learn from what their present policy did, and then forget it: all that A2C and PPO share.
//!
//! Each environment collects steps ([`Rollout`]). When there are `horizon` of them for each environment, the critic values
//! them, their [advantages] are estimated, and the algorithm learns from the whole; then they are forgotten. Where a
//! training ends, what is there is learned from.

use descender_control::{Action, ActionSpace, Policy};
use descender_random::{ChaCha8Rng, stream};
use serde::{Deserialize, Serialize};

use crate::advantage::advantages;
use crate::on_policy_networks::{Learned, OnPolicyNetworks, Rates};
use crate::purpose;
use crate::rollout::{Rollout, RolloutStep, StepEnd};
use crate::saved_state;
use crate::{Agent, AgentError, AgentStateError, LearnReport, Transition};

/// What an on-policy agent is, beside its algorithm.
#[derive(Clone, Debug)]
pub(crate) struct OnPolicyPlan {
    pub(crate) hidden: Vec<usize>,
    pub(crate) horizon: usize,
    pub(crate) discount: f32,
    pub(crate) lambda: f32,
    pub(crate) learning_rate: f32,
    /// By how much of itself η falls over the training.
    pub(crate) learning_rate_decay: f32,
    pub(crate) entropy: f32,
    pub(crate) gradient_clip: f32,
    pub(crate) log_deviation: f32,
    /// Most steps that are learned from at a time; 0: all at once.
    pub(crate) batch_size: usize,
}

/// All steps that are learned from, with what is known of them.
pub(crate) struct OnPolicyBatch {
    pub(crate) observations: Vec<f32>,
    /// Actions, as their distribution keeps them.
    pub(crate) kept: Vec<f32>,
    pub(crate) advantages: Vec<f32>,
    /// What the critic should have said: advantage + value.
    pub(crate) returns: Vec<f32>,
}

/// Sums over the updates of a learning.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OnPolicySums {
    pub(crate) updates: u64,
    pub(crate) skipped: u64,
    pub(crate) loss: f64,
    pub(crate) value: f64,
    pub(crate) entropy: f64,
}

/// How an on-policy agent learns from a batch.
pub(crate) trait OnPolicyAlgorithm: Send + std::fmt::Debug {
    /// The name of the agent.
    const NAME: &'static str;
    /// First part of every saved state.
    const STATE_TAG: [u8; 8];

    /// Learns. `shuffling` is for the order of steps.
    fn learn(
        &self,
        networks: &mut OnPolicyNetworks,
        batch: &OnPolicyBatch,
        rates: Rates,
        shuffling: &mut ChaCha8Rng,
    ) -> OnPolicySums;
}

/// The small numbers that a saved state carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counters {
    progress: f64,
    entropy: f64,
    rejected_transitions: u64,
}

/// A saved state; borrowed from the agent where it is written.
#[derive(Serialize)]
struct StateView<'a> {
    tag: [u8; 8],
    actor: &'a Learned,
    critic: &'a Learned,
    rollouts: &'a [Rollout],
    chosen: &'a [Vec<f32>],
    exploration: &'a [ChaCha8Rng],
    shuffling: &'a ChaCha8Rng,
    counters: Counters,
}

/// A saved state as it is read: field for field a [`StateView`].
#[derive(Deserialize)]
struct State {
    #[serde(rename = "tag")]
    _tag: [u8; 8],
    actor: Learned,
    critic: Learned,
    rollouts: Vec<Rollout>,
    chosen: Vec<Vec<f32>>,
    exploration: Vec<ChaCha8Rng>,
    shuffling: ChaCha8Rng,
    counters: Counters,
}

/// An on-policy agent with its algorithm.
#[derive(Debug)]
pub(crate) struct OnPolicy<A> {
    algorithm: A,
    plan: OnPolicyPlan,
    observation_len: usize,
    space: ActionSpace,
    networks: OnPolicyNetworks,
    /// For each environment.
    rollouts: Vec<Rollout>,
    /// For each environment the action that was chosen last, as its distribution keeps it.
    chosen: Vec<Vec<f32>>,
    /// For each environment, so that one's draws don't depend on the others'.
    exploration: Vec<ChaCha8Rng>,
    shuffling: ChaCha8Rng,
    counters: Counters,
}

impl<A: OnPolicyAlgorithm> OnPolicy<A> {
    pub(crate) fn new(
        algorithm: A,
        plan: OnPolicyPlan,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        AgentError::require_something(observation_len, environments)?;
        let actions = match space {
            ActionSpace::Discrete(actions) => actions,
            ActionSpace::Continuous { dimensions } => dimensions,
        };
        if !(1..=65_536).contains(&actions) {
            return Err(AgentError::ActionSpace {
                agent: A::NAME,
                space: space.to_string(),
                expected: "1 to 65536 discrete actions, or as many dimensions",
            });
        }
        let most = match plan.batch_size {
            0 => plan.horizon * environments,
            size => size,
        };
        let networks = OnPolicyNetworks::new(
            &plan.hidden,
            observation_len,
            space,
            plan.log_deviation,
            most,
            seed,
        )?;
        let kept = networks.distribution.kept_count();
        Ok(Self {
            algorithm,
            plan,
            observation_len,
            space,
            networks,
            rollouts: vec![Rollout::default(); environments],
            chosen: vec![vec![0.0; kept]; environments],
            exploration: (0..environments as u64)
                .map(|environment| stream(seed, purpose::EXPLORATION, environment))
                .collect(),
            shuffling: stream(seed, purpose::REPLAY, 0),
            counters: Counters::default(),
        })
    }

    /// All steps that were collected, with their advantages; they are forgotten.
    fn take_batch(&mut self) -> OnPolicyBatch {
        let mut batch = OnPolicyBatch {
            observations: Vec::new(),
            kept: Vec::new(),
            advantages: Vec::new(),
            returns: Vec::new(),
        };
        for rollout in &mut self.rollouts {
            let (mut values, mut behind) = (Vec::new(), Vec::new());
            self.networks.values(&rollout.observations, &mut values);
            self.networks.values(rollout.behind(), &mut behind);
            let valued = rollout.valued(&values, &behind);
            let own = advantages(&valued, self.plan.discount, self.plan.lambda);
            for (advantage, value) in own.zip(values) {
                batch.advantages.push(advantage);
                batch.returns.push(advantage + value);
            }
            batch.observations.extend(&rollout.observations);
            batch.kept.extend(&rollout.kept);
            rollout.clear();
        }
        batch
    }
}

impl<A: OnPolicyAlgorithm> Agent for OnPolicy<A> {
    fn act(&mut self, environment: usize, observation: &[f32]) -> Action {
        assert_eq!(
            observation.len(),
            self.observation_len,
            "length of the observation"
        );
        let generator = &mut self.exploration[environment];
        let chosen = self.networks.draw(observation, generator);
        let action = self.networks.distribution.action(&chosen);
        self.chosen[environment] = chosen;
        action
    }

    fn observe(&mut self, environment: usize, transition: Transition<'_>) {
        assert!(
            self.space.contains(transition.action),
            "{:?} is no action of {}",
            transition.action,
            self.space
        );
        let drawn = &self.chosen[environment];
        let usable = transition.is_usable() && drawn.iter().all(|number| number.is_finite());
        let rollout = &mut self.rollouts[environment];
        if !usable {
            self.counters.rejected_transitions =
                self.counters.rejected_transitions.saturating_add(1);
            rollout.cut();
            return;
        }
        rollout.push(RolloutStep {
            observation: transition.observation,
            kept: &self.chosen[environment],
            reward: transition.reward,
            continuation: transition.continuation,
            next_observation: transition.next_observation,
            end: match (transition.terminated, transition.truncated) {
                (true, _) => StepEnd::Terminated,
                (_, true) => StepEnd::Truncated,
                _ => StepEnd::GoesOn,
            },
        });
    }

    fn learn(&mut self) -> Option<LearnReport> {
        let steps: usize = self.rollouts.iter().map(Rollout::len).sum();
        let full = self.plan.horizon * self.rollouts.len();
        let over = self.counters.progress == 1.0 && steps > 0;
        if steps < full && !over {
            return None;
        }
        let batch = self.take_batch();
        let rates = Rates {
            learning_rate: self.plan.learning_rate
                * (1.0 - self.plan.learning_rate_decay * self.counters.progress as f32),
            entropy: self.plan.entropy,
            gradient_clip: self.plan.gradient_clip,
        };
        let sums = self
            .algorithm
            .learn(&mut self.networks, &batch, rates, &mut self.shuffling);
        let updates = sums.updates as f64;
        if sums.updates > 0 {
            self.counters.entropy = sums.entropy / updates;
        }
        // 0 / 0 where all were skipped is the NaN that the report promises.
        Some(LearnReport {
            updates: sums.updates,
            loss: (sums.loss / updates) as f32,
            mean_q: (sums.value / updates) as f32,
            exploration: self.counters.entropy,
            skipped_updates: sums.skipped,
            rejected_transitions: self.counters.rejected_transitions,
        })
    }

    fn policy(&self) -> Policy {
        self.networks
            .policy()
            .expect("building the agent has shown that its network makes a policy")
    }

    fn set_progress(&mut self, fraction: f64) {
        self.counters.progress = match fraction.is_nan() {
            true => 0.0,
            false => fraction.clamp(0.0, 1.0),
        };
    }

    fn save(&self) -> Vec<u8> {
        let view = StateView {
            tag: A::STATE_TAG,
            actor: &self.networks.actor,
            critic: &self.networks.critic,
            rollouts: &self.rollouts,
            chosen: &self.chosen,
            exploration: &self.exploration,
            shuffling: &self.shuffling,
            counters: self.counters,
        };
        postcard::to_stdvec(&view).expect("writing plain numbers to memory can't fail")
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
        let state: State = saved_state::read(A::NAME, &A::STATE_TAG, state)?;
        state.actor.check_like(&self.networks.actor)?;
        state.critic.check_like(&self.networks.critic)?;
        let environments = self.rollouts.len();
        AgentStateError::compare(
            "number of environments",
            [
                state.rollouts.len(),
                state.chosen.len(),
                state.exploration.len(),
            ],
            [environments; 3],
        )?;
        let kept = self.networks.distribution.kept_count();
        for rollout in &state.rollouts {
            rollout.check(self.observation_len, kept)?;
        }
        let fits = state.chosen.iter().all(|chosen| chosen.len() == kept)
            && (0.0..=1.0).contains(&state.counters.progress);
        AgentStateError::compare("consistency of the counters", fits, true)?;
        self.networks.actor = state.actor;
        self.networks.critic = state.critic;
        self.rollouts = state.rollouts;
        self.chosen = state.chosen;
        self.exploration = state.exploration;
        self.shuffling = state.shuffling;
        self.counters = state.counters;
        Ok(())
    }
}
