//! What the off-policy agents of continuous actions have in common: they act, remember, and learn from random batches of
//! what they remember.
//!
//! ```text
//! a = random, until the memory holds `warm_up` transitions; then the learner's action with its noise
//! remember (s, a, r, s', D)       D = γ · continuation, 0 after a termination
//! for each update that is due: sample a batch, learner.update(batch)
//! ```
//!
//! The algorithm itself is the [`Learner`]: [`ddpg`](crate::ddpg), [`td3`](crate::td3) and [`sac`](crate::sac) each are one.

use std::fmt::Debug;

use descender_control::{Action, ActionSpace, Policy, PolicyError};
use descender_random::{ChaCha8Rng, stream, unit};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::actor_critic_settings::ActorCriticSettings;
use crate::critic::CriticReport;
use crate::purpose;
use crate::replay::{Batch, Experience, Replay, ReplayContents};
use crate::saved_state;
use crate::state_action::StateAction;
use crate::{Agent, AgentError, AgentStateError, LearnReport, Transition};

/// The most dimensions that an action may have.
const MOST_DIMENSIONS: usize = 4096;

/// What is different between these agents: the networks, and what they make of a batch.
pub(crate) trait Learner: Send + Debug {
    /// The name of the agent in settings.
    const NAME: &'static str;
    /// First part of every saved state: the kind of agent and the version of the layout.
    const STATE_TAG: [u8; 8];
    /// What the learner must carry from one call to the next.
    type State: Serialize + DeserializeOwned;

    /// The action to explore with.
    fn explore(
        &mut self,
        environment: usize,
        observation: &[f32],
        generator: &mut ChaCha8Rng,
        action: &mut [f32],
    );

    /// An episode has ended in this environment.
    fn end_episode(&mut self, environment: usize) {
        let _ = environment;
    }

    /// One update by a batch of [pairs](StateAction), which it may change. `None` if a part of it was left out because it
    /// wasn't finite; the weights are finite in any case.
    fn update(&mut self, batch: &mut Batch, noise: &mut ChaCha8Rng) -> Option<CriticReport>;

    /// How much it explores at the moment.
    fn exploration(&self) -> f64;

    /// The policy without exploration.
    ///
    /// # Errors
    /// If the network makes none, which is known from the start.
    fn policy(&self) -> Result<Policy, PolicyError>;

    /// What must be saved.
    fn state(&self) -> Self::State;

    /// Checks that a state could be its own.
    fn check(&self, state: &Self::State) -> Result<(), AgentStateError>;

    /// Goes back to a state that has passed the check.
    fn replace(&mut self, state: Self::State);
}

/// An agent around a learner.
#[derive(Debug)]
pub(crate) struct ActorCritic<L> {
    pub(crate) learner: L,
    parts: StateAction,
    warm_up: usize,
    discount: f32,
    updates_per_decision: f64,
    replay: Replay,
    batch: Batch,
    /// For each environment, so that one's draws don't depend on the others'.
    exploration: Vec<ChaCha8Rng>,
    sampling: ChaCha8Rng,
    /// For the noise within updates.
    noise: ChaCha8Rng,
    counters: UpdateCounters,
    /// The pair and the next one of a transition, on their way to the memory.
    rows: [Vec<f32>; 2],
}

/// The small numbers that a saved state carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct UpdateCounters {
    /// Updates that are due, with what is left of parts.
    due: f64,
    rejected_transitions: u64,
}

/// A saved state; borrowed from the agent where it is written.
#[derive(Serialize)]
struct SavedView<'a, S> {
    tag: [u8; 8],
    learner: S,
    replay: &'a ReplayContents,
    exploration: &'a [ChaCha8Rng],
    sampling: &'a ChaCha8Rng,
    noise: &'a ChaCha8Rng,
    counters: UpdateCounters,
}

/// A saved state as it is read: field for field a [`SavedView`].
#[derive(Deserialize)]
struct Saved<S> {
    #[serde(rename = "tag")]
    _tag: [u8; 8],
    learner: S,
    replay: ReplayContents,
    exploration: Vec<ChaCha8Rng>,
    sampling: ChaCha8Rng,
    noise: ChaCha8Rng,
    counters: UpdateCounters,
}

impl<L: Learner> ActorCritic<L> {
    /// An agent with an empty memory around the learner that `make` gives.
    ///
    /// # Errors
    /// If the action space isn't continuous with at least one dimension, there is nothing to see, no environment or no
    /// memory for the replay, or the learner can't be made.
    pub(crate) fn new(
        settings: ActorCriticSettings<'_>,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
        make: impl FnOnce(StateAction) -> Result<L, AgentError>,
    ) -> Result<Self, AgentError> {
        let dimensions = match space {
            ActionSpace::Continuous { dimensions }
                if (1..=MOST_DIMENSIONS).contains(&dimensions) =>
            {
                dimensions
            }
            _ => {
                return Err(AgentError::ActionSpace {
                    agent: L::NAME,
                    space: space.to_string(),
                    expected: "a continuous space of 1 to 4096 dimensions",
                });
            }
        };
        AgentError::require_something(observation_len, environments)?;
        let parts = StateAction {
            observation_len,
            dimensions,
        };
        let learner = make(parts)?;
        learner.policy()?;
        Ok(Self {
            learner,
            parts,
            warm_up: settings.warm_up,
            discount: settings.discount,
            updates_per_decision: settings.updates_per_decision,
            replay: Replay::new(settings.replay_capacity, parts.len())?,
            batch: Batch::new(settings.batch_size, parts.len()),
            exploration: (0..environments as u64)
                .map(|environment| stream(seed, purpose::EXPLORATION, environment))
                .collect(),
            sampling: stream(seed, purpose::REPLAY, 0),
            noise: stream(seed, purpose::REPLAY, 1),
            counters: UpdateCounters::default(),
            rows: [vec![0.0; parts.len()], vec![0.0; parts.len()]],
        })
    }

    /// The most updates that can be due: those of 1,024 rounds. Rare calls of `learn`, or a damaged state, then cannot
    /// ask for endless learning.
    fn most_due(&self) -> f64 {
        self.updates_per_decision.max(1.0) * (self.exploration.len() * 1_024) as f64
    }

    /// Puts a transition into the memory, unless one of its numbers isn't finite.
    fn remember(&mut self, action: &[f32], transition: &Transition<'_>) -> bool {
        if !transition.is_usable() {
            return false;
        }
        let [pair, next] = &mut self.rows;
        let (observed, acted) = pair.split_at_mut(self.parts.observation_len);
        observed.copy_from_slice(transition.observation);
        acted.copy_from_slice(action);
        // After a termination the next observation may be anything; a finite one stands in its place.
        next[..self.parts.observation_len].copy_from_slice(if transition.terminated {
            transition.observation
        } else {
            transition.next_observation
        });
        self.replay.push(Experience {
            observation: pair,
            action: 0,
            reward: transition.reward,
            next_observation: next,
            discount: if transition.terminated {
                0.0
            } else {
                self.discount * transition.continuation
            },
        });
        true
    }
}

impl<L: Learner> Agent for ActorCritic<L> {
    fn act(&mut self, environment: usize, observation: &[f32]) -> Action {
        assert_eq!(
            observation.len(),
            self.parts.observation_len,
            "length of the observation"
        );
        let generator = &mut self.exploration[environment];
        let mut action = vec![0.0; self.parts.dimensions];
        if self.replay.len() < self.warm_up {
            for number in &mut action {
                *number = (2.0 * unit(generator) - 1.0) as f32;
            }
        } else {
            self.learner
                .explore(environment, observation, generator, &mut action);
        }
        // What comes of an observation that isn't finite is still an action.
        for number in &mut action {
            if number.is_nan() {
                *number = 0.0;
            }
        }
        Action::Continuous(action)
    }

    fn observe(&mut self, environment: usize, transition: Transition<'_>) {
        let space = ActionSpace::Continuous {
            dimensions: self.parts.dimensions,
        };
        let action = match transition.action {
            Action::Continuous(action) if space.contains(transition.action) => action,
            other => panic!("{other:?} is no action of {space}"),
        };
        assert!(environment < self.exploration.len(), "an environment");
        if !self.remember(action, &transition) {
            let rejected = &mut self.counters.rejected_transitions;
            *rejected = rejected.saturating_add(1);
        } else if self.replay.len() >= self.warm_up {
            let due = self.counters.due + self.updates_per_decision;
            self.counters.due = due.min(self.most_due());
        }
        if transition.terminated || transition.truncated {
            self.learner.end_episode(environment);
        }
    }

    fn learn(&mut self) -> Option<LearnReport> {
        let due = self.counters.due.floor();
        self.counters.due -= due;
        let updates = due as u64;
        if updates == 0 || self.replay.is_empty() {
            return None;
        }
        let (mut loss, mut mean_q, mut done) = (0.0, 0.0, 0_u64);
        for _ in 0..updates {
            self.replay.sample(&mut self.sampling, &mut self.batch);
            if let Some(update) = self.learner.update(&mut self.batch, &mut self.noise) {
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
            exploration: self.learner.exploration(),
            skipped_updates: updates - done,
            rejected_transitions: self.counters.rejected_transitions,
        })
    }

    fn policy(&self) -> Policy {
        self.learner
            .policy()
            .expect("building the agent has shown that its network makes a policy")
    }

    /// Nothing about these agents depends on it.
    fn set_progress(&mut self, _fraction: f64) {}

    fn save(&self) -> Vec<u8> {
        let view = SavedView {
            tag: L::STATE_TAG,
            learner: self.learner.state(),
            replay: self.replay.contents(),
            exploration: &self.exploration,
            sampling: &self.sampling,
            noise: &self.noise,
            counters: self.counters,
        };
        postcard::to_stdvec(&view).expect("writing plain numbers to memory can't fail")
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
        let state: Saved<L::State> = saved_state::read(L::NAME, &L::STATE_TAG, state)?;
        self.learner.check(&state.learner)?;
        self.replay.check(&state.replay, 1)?;
        AgentStateError::compare(
            "number of exploration streams",
            state.exploration.len(),
            self.exploration.len(),
        )?;
        let counts = (0.0..=self.most_due()).contains(&state.counters.due);
        AgentStateError::compare("consistency of the counters", counts, true)?;

        self.learner.replace(state.learner);
        self.replay.replace(&state.replay);
        self.exploration = state.exploration;
        self.sampling = state.sampling;
        self.noise = state.noise;
        self.counters = state.counters;
        Ok(())
    }
}
