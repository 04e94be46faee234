//! Deep Q-Network: Algorithm 1 of the paper, with a few later improvements.
//!
//! The agent acts ε-greedily and remembers. After each decision it takes gradient steps on random batches of its memory,
//! towards targets from a network that follows slowly. Each improvement is a setting ([`DqnSettings`]) that is off in
//! the paper's agent: Double DQN, n-step returns, Huber loss, soft target, clipped gradients, averaged policy, dueling and noisy
//! networks, prioritized replay, distributions over returns, scaled rewards. [`rainbow`](crate::rainbow) has most of them on.

mod distribution;
mod dueling;
mod expected_return;
mod learner;
mod memory;
mod return_model;
mod settings;
mod value_network;

use descender_control::{Action, ActionSpace, Policy};
use descender_optim::Optimizer;
use descender_random::{ChaCha8Rng, below, stream, unit};
use serde::{Deserialize, Serialize};

pub use settings::{DqnLoss, DqnSettings};

use crate::n_step::{ReturnWindow, Step};
use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::replay::{Experience, Replay};
use crate::reward_scale::RewardScale;
use crate::saved_state;
use crate::{Agent, AgentBuilder, AgentError, AgentStateError, LearnReport, Transition};
use learner::{Learner, Weights};
use memory::{Memory, MemoryView, SavedMemory};

/// First part of every saved state: the kind of agent and the version of the layout.
const STATE_TAG: [u8; 8] = *b"dqn\0\0\0\0\x02";

/// A Deep Q-Network agent for a discrete action space.
#[derive(Debug)]
pub struct Dqn {
    settings: DqnSettings,
    observation_len: usize,
    actions: usize,
    learner: Learner,
    memory: Memory,
    /// If rewards are scaled.
    reward_scale: Option<RewardScale>,
    /// For each environment.
    windows: Vec<ReturnWindow>,
    /// For each environment, so that one's draws don't depend on the others'.
    exploration: Vec<ChaCha8Rng>,
    sampling: ChaCha8Rng,
    counters: Counters,
}

/// The small numbers that a saved state carries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Counters {
    /// Part of the training that is done.
    progress: f64,
    /// Updates that are due, with what is left of parts.
    due: f64,
    rejected_transitions: u64,
}

/// A saved state; borrowed from the agent where it is written.
#[derive(Serialize)]
struct StateView<'a> {
    tag: [u8; 8],
    weights: &'a Weights,
    optimizer: &'a Optimizer,
    memory: MemoryView<'a>,
    reward_scale: &'a Option<RewardScale>,
    windows: &'a [ReturnWindow],
    exploration: &'a [ChaCha8Rng],
    sampling: &'a ChaCha8Rng,
    noise: &'a ChaCha8Rng,
    counters: Counters,
}

/// A saved state as it is read: field for field a [`StateView`].
#[derive(Deserialize)]
struct State {
    #[serde(rename = "tag")]
    _tag: [u8; 8],
    weights: Weights,
    optimizer: Optimizer,
    memory: SavedMemory,
    reward_scale: Option<RewardScale>,
    windows: Vec<ReturnWindow>,
    exploration: Vec<ChaCha8Rng>,
    sampling: ChaCha8Rng,
    noise: ChaCha8Rng,
    counters: Counters,
}

impl Dqn {
    /// The name of this kind of agent in settings.
    pub const NAME: &'static str = "dqn";

    /// An agent that has learned nothing, for observations of `observation_len` numbers and `environments`
    /// environments. Weights, exploration and sampling come from their streams of `seed`.
    ///
    /// # Errors
    /// If a setting is impossible, the action space isn't discrete with at least one action, or there is no memory
    /// for the replay.
    pub fn new(
        settings: &DqnSettings,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        settings.check()?;
        let actions = match space {
            ActionSpace::Discrete(actions) if (1..=65_536).contains(&actions) => actions,
            _ => {
                return Err(AgentError::ActionSpace {
                    agent: Self::NAME,
                    space: space.to_string(),
                    expected: "a discrete space of 1 to 65536 actions",
                });
            }
        };
        AgentError::require_something(observation_len, environments)?;
        let learner = Learner::new(settings, observation_len, actions, seed)?;
        learner.policy()?;
        Ok(Self {
            learner,
            memory: Memory::new(settings, observation_len)?,
            reward_scale: (settings.scale_rewards)
                .then(|| RewardScale::new(environments, settings.discount.into())),
            windows: vec![
                ReturnWindow::new(
                    settings.return_steps,
                    settings.discount,
                    observation_len
                );
                environments
            ],
            exploration: (0..environments as u64)
                .map(|environment| stream(seed, purpose::EXPLORATION, environment))
                .collect(),
            sampling: stream(seed, purpose::REPLAY, 0),
            counters: Counters {
                progress: 0.0,
                due: 0.0,
                rejected_transitions: 0,
            },
            settings: settings.clone(),
            observation_len,
            actions,
        })
    }

    /// ε at this point of the training.
    #[must_use]
    pub fn epsilon(&self) -> f64 {
        self.settings.exploration.epsilon(self.counters.progress)
    }

    /// The most updates that can be due: those of 1,024 rounds. Rare calls of `learn`, or a damaged state, then cannot
    /// ask for endless learning.
    fn most_due(&self) -> f64 {
        self.settings.updates_per_decision.max(1.0) * (self.windows.len() * 1_024) as f64
    }

    /// What the agent remembers.
    #[must_use]
    pub fn replay(&self) -> &Replay {
        &self.memory.replay
    }

    fn remember(memory: &mut Memory, rejected: &mut u64, experience: Experience<'_>) {
        // Finite rewards can still sum to infinity.
        if experience.reward.is_finite() {
            memory.push(experience);
        } else {
            *rejected = rejected.saturating_add(1);
        }
    }
}

impl AgentBuilder for DqnSettings {
    fn name(&self) -> &str {
        Dqn::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        Dqn::new(self, observation_len, space, environments, seed)
            .map(|agent| Box::new(agent) as Box<dyn Agent>)
    }
}

impl BuiltInAgent for DqnSettings {
    const NAME: &'static str = Dqn::NAME;
    const DESCRIPTION: &'static str = "Deep Q-Network with uniform or prioritized replay; Double DQN, n-step returns, soft target, averaged policy";
    const WORDS: &'static str = "a Deep Q-Network";
}

impl Agent for Dqn {
    fn act(&mut self, environment: usize, observation: &[f32]) -> Action {
        assert_eq!(
            observation.len(),
            self.observation_len,
            "length of the observation"
        );
        let epsilon = self.epsilon();
        let generator = &mut self.exploration[environment];
        // Both draws are made whatever comes out, so that the stream's place depends on the number of decisions
        // alone.
        let explores = unit(generator) < epsilon;
        let random_action = below(generator, self.actions);
        Action::Discrete(if explores {
            random_action
        } else {
            self.learner.best_action(observation, generator)
        })
    }

    fn observe(&mut self, environment: usize, transition: Transition<'_>) {
        let action = match *transition.action {
            Action::Discrete(action) if action < self.actions => action as u32,
            ref other => panic!("{other:?} is no action of {} discrete ones", self.actions),
        };
        let window = &mut self.windows[environment];
        let (memory, rejected) = (&mut self.memory, &mut self.counters.rejected_transitions);
        if !transition.is_usable() {
            *rejected = rejected.saturating_add(1);
            if let Some(scale) = &mut self.reward_scale {
                scale.restart(environment);
            }
            window.close(|experience| Self::remember(memory, rejected, experience));
            return;
        }
        let ends = transition.terminated || transition.truncated;
        let reward = match &mut self.reward_scale {
            Some(scale) => scale.scale(environment, transition.reward, ends),
            None => transition.reward,
        };
        window.push(
            Step {
                observation: transition.observation,
                action,
                reward,
                next_observation: transition.next_observation,
                terminated: transition.terminated,
                truncated: transition.truncated,
                continuation: transition.continuation,
            },
            |experience| Self::remember(memory, rejected, experience),
        );
        if self.memory.replay.len() >= self.settings.warm_up {
            let due = self.counters.due + self.settings.updates_per_decision;
            self.counters.due = due.min(self.most_due());
        }
    }

    fn learn(&mut self) -> Option<LearnReport> {
        let due = self.counters.due.floor();
        self.counters.due -= due;
        let updates = due as u64;
        if updates == 0 || self.memory.replay.is_empty() {
            return None;
        }
        let (mut loss, mut mean_q, mut done) = (0.0, 0.0, 0_u64);
        for _ in 0..updates {
            (self.memory).sample(&mut self.sampling, self.counters.progress);
            let (batch, weights) = (&self.memory.batch, self.memory.weights());
            if let Some(update) = self.learner.update(&self.settings, batch, weights) {
                self.memory.learned(self.learner.errors());
                loss += f64::from(update.loss);
                mean_q += f64::from(update.mean_q);
                done += 1;
            }
        }
        // 0 / 0 where all were skipped is the NaN that the report promises.
        Some(LearnReport {
            updates: done,
            loss: (loss / done as f64) as f32,
            mean_q: (mean_q / done as f64) as f32,
            exploration: self.epsilon(),
            skipped_updates: updates - done,
            rejected_transitions: self.counters.rejected_transitions,
        })
    }

    fn figures(&self) -> Vec<(&'static str, f64)> {
        let memory = self.memory.figures(self.counters.progress);
        let figures = [
            ("mean priority", memory.map(|figures| figures.0)),
            ("importance exponent", memory.map(|figures| figures.1)),
            ("mean noise", self.learner.mean_noise()),
            (
                "reward scale",
                (self.reward_scale.as_ref()).map(RewardScale::deviation),
            ),
        ];
        (figures.into_iter())
            .filter_map(|(name, figure)| Some((name, figure?)))
            .collect()
    }

    fn policy(&self) -> Policy {
        (self.learner.policy())
            .expect("building the agent has shown that its network makes a policy")
    }

    fn set_progress(&mut self, fraction: f64) {
        self.counters.progress = if fraction.is_nan() {
            0.0
        } else {
            fraction.clamp(0.0, 1.0)
        };
    }

    fn save(&self) -> Vec<u8> {
        let view = StateView {
            tag: STATE_TAG,
            weights: &self.learner.weights,
            optimizer: &self.learner.optimizer,
            memory: self.memory.saved(),
            reward_scale: &self.reward_scale,
            windows: &self.windows,
            exploration: &self.exploration,
            sampling: &self.sampling,
            noise: &self.learner.noise,
            counters: self.counters,
        };
        postcard::to_stdvec(&view).expect("writing plain numbers to memory can't fail")
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
        let state: State = saved_state::read(Self::NAME, &STATE_TAG, state)?;
        let actions = self.actions as u32;
        state.weights.check_like(&self.learner.weights)?;
        AgentStateError::compare(
            "number of the optimizer's parameters",
            state.optimizer.parameter_count(),
            self.learner.optimizer.parameter_count(),
        )?;
        let priorities = self.memory.check(&state.memory, actions)?;
        AgentStateError::compare(
            "scaling of rewards",
            state.reward_scale.is_some(),
            self.reward_scale.is_some(),
        )?;
        if let (Some(scale), Some(own)) = (&state.reward_scale, &self.reward_scale) {
            scale.check_like(own)?;
        }
        AgentStateError::compare(
            "number of environments",
            state.windows.len(),
            self.windows.len(),
        )?;
        AgentStateError::compare(
            "number of exploration streams",
            state.exploration.len(),
            self.windows.len(),
        )?;
        for (window, own) in state.windows.iter().zip(&self.windows) {
            window.check_like(own, actions)?;
        }
        let Counters { progress, due, .. } = state.counters;
        let counts = (0.0..=1.0).contains(&progress) && (0.0..=self.most_due()).contains(&due);
        AgentStateError::compare("consistency of the counters", counts, true)?;

        self.learner.weights = state.weights;
        self.learner.optimizer = state.optimizer;
        self.learner.noise = state.noise;
        self.memory.replace(&state.memory, priorities);
        self.reward_scale = state.reward_scale;
        self.windows = state.windows;
        self.exploration = state.exploration;
        self.sampling = state.sampling;
        self.counters = state.counters;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
