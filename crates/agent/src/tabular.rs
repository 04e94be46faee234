//! Tabular Q-learning and SARSA: a value for each action in each cell of what is seen.
//!
//! A few features of the observation are cut into bins, and each combination of bins is a cell s. After the transition
//! (s, a, r, s'), with c the probability that the return goes on (0 after a termination):
//!
//! ```text
//! Q-learning   Q(s, a) += α (r + γ c max_a' Q(s', a') − Q(s, a))
//! SARSA        Q(s, a) += α (r + γ c Q(s', a') − Q(s, a))          a' is the action that is taken in s'
//! ```
//!
//! Actions are ε-greedy. Where an episode is cut off, the best action of s' stands for a'. Both are honest negative controls
//! for agents with networks: they see little, and generalise not at all. Sources: C. Watkins, P. Dayan, "Q-learning", 1992;
//! G. Rummery, M. Niranjan, "On-line Q-learning using connectionist systems", 1994; R. Sutton, A. Barto, "Reinforcement
//! Learning: An Introduction", 2nd edition, sections 6.4 and 6.5.
//!
//! The frozen policy is a network with the table in its last layer: a hidden layer tells on which side of each edge a feature is, a
//! second one has a unit for each cell, which is 1 inside of it and 0 outside. Within a thousandth of a bin of an edge it mixes the
//! two cells.

mod settings;

use descender_control::{Action, ActionSpace, Policy, highest};
use descender_nn::{Activation, NetworkSpecification};
use descender_random::{ChaCha8Rng, below, stream, unit};
use serde::{Deserialize, Serialize};

pub use settings::{TabularRule, TabularSettings};

use crate::error::impossible;
use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::saved_state;
use crate::{Agent, AgentBuilder, AgentError, AgentStateError, LearnReport, Transition};

/// First part of every saved state: the kind of agent and the version of the layout.
const STATE_TAG: [u8; 8] = *b"tabular\x01";
/// Share of a bin in which the policy's cells mix.
const EDGE: f32 = 1e-3;

impl AgentBuilder for TabularSettings {
    fn name(&self) -> &str {
        Tabular::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        Tabular::new(self, observation_len, space, environments, seed)
            .map(|agent| Box::new(agent) as Box<dyn Agent>)
    }
}

impl BuiltInAgent for TabularSettings {
    const NAME: &'static str = Tabular::NAME;
    const DESCRIPTION: &'static str =
        "tabular Q-learning or SARSA over a few features in bins: a negative control";
    const WORDS: &'static str = "a table of action values";
}

/// A step whose next action isn't known yet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Waiting {
    cell: usize,
    action: usize,
    reward: f32,
    /// γ c.
    kept: f32,
    next_cell: usize,
}

/// Everything that a saved state carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Memory {
    tag: [u8; 8],
    /// Q, `[cell][action]`.
    values: Vec<f32>,
    /// For each environment.
    waiting: Vec<Option<Waiting>>,
    exploration: Vec<ChaCha8Rng>,
    progress: f64,
    /// Updates since the last report, with their sums of squared differences and of values.
    updates: u64,
    loss: f64,
    value: f64,
    rejected_transitions: u64,
}

/// A tabular agent for a discrete action space.
#[derive(Debug)]
pub struct Tabular {
    settings: TabularSettings,
    observation_len: usize,
    /// Numbers of the features that are looked at.
    features: Vec<usize>,
    actions: usize,
    memory: Memory,
}

impl Tabular {
    /// The name of this kind of agent in settings.
    pub const NAME: &'static str = "tabular";

    /// An agent whose values are all 0.
    ///
    /// # Errors
    /// If a setting is impossible, there is nothing to see or to act in, or the actions aren't discrete.
    pub fn new(
        settings: &TabularSettings,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        settings.check()?;
        let actions = match space {
            ActionSpace::Discrete(actions) if (1..=4_096).contains(&actions) => actions,
            _ => {
                return Err(AgentError::ActionSpace {
                    agent: Self::NAME,
                    space: space.to_string(),
                    expected: "a discrete space of 1 to 4096 actions",
                });
            }
        };
        AgentError::require_something(observation_len, environments)?;
        let mut features = settings.features.clone();
        if features.is_empty() {
            features = vec![0, observation_len - 1];
            features.dedup();
        }
        if let Some(beyond) = features.iter().find(|feature| **feature >= observation_len) {
            let expected = "numbers below the length of the observation";
            return Err(impossible("features", beyond, expected).into());
        }
        let cells = settings.bins.pow(features.len() as u32);
        let agent = Self {
            settings: settings.clone(),
            observation_len,
            features,
            actions,
            memory: Memory {
                tag: STATE_TAG,
                values: vec![0.0; cells * actions],
                waiting: vec![None; environments],
                exploration: (0..environments as u64)
                    .map(|environment| stream(seed, purpose::EXPLORATION, environment))
                    .collect(),
                progress: 0.0,
                updates: 0,
                loss: 0.0,
                value: 0.0,
                rejected_transitions: 0,
            },
        };
        agent.network_policy()?;
        Ok(agent)
    }

    fn values(&self, cell: usize) -> &[f32] {
        &self.memory.values[cell * self.actions..][..self.actions]
    }

    /// One update of the table.
    fn update(&mut self, step: Waiting, next_value: f32) {
        let place = step.cell * self.actions + step.action;
        let memory = &mut self.memory;
        let difference = step.reward + step.kept * next_value - memory.values[place];
        if !difference.is_finite() {
            memory.rejected_transitions = memory.rejected_transitions.saturating_add(1);
            return;
        }
        memory.value += f64::from(memory.values[place]);
        memory.loss += f64::from(difference).powi(2);
        memory.updates += 1;
        memory.values[place] += self.settings.learning_rate * difference;
    }

    /// The policy as a network: sides of edges, cells, values.
    fn network_policy(&self) -> Result<Policy, AgentError> {
        let TabularSettings {
            bins, low, high, ..
        } = self.settings;
        let width = (high - low) / bins as f32;
        let edges: Vec<(usize, f32)> = (self.features.iter().enumerate())
            .flat_map(|(place, _)| (1..bins).map(move |edge| (place, low + edge as f32 * width)))
            .collect();
        let cells = self.memory.values.len() / self.actions;
        let specification = NetworkSpecification::multi_layer_perceptron(
            self.observation_len,
            &[2 * edges.len(), cells],
            self.actions,
            Activation::Relu,
        );
        let mut parameters = Vec::new();
        // u and u − 1 of each edge, u = (x − edge) / band + 1/2: their ReLUs differ by 0 on its left and by 1 on its right.
        let band = EDGE * width;
        for input in 0..self.observation_len {
            for &(place, _) in &edges {
                let slope = if self.features[place] == input {
                    1.0 / band
                } else {
                    0.0
                };
                parameters.extend([slope, slope]);
            }
        }
        for &(_, edge) in &edges {
            parameters.extend([0.5 - edge / band, -0.5 - edge / band]);
        }
        // A cell: right of its left edges and left of its right ones, for all features.
        let bin_of = |cell: usize, place: usize| {
            let below = bins.pow((self.features.len() - 1 - place) as u32);
            cell / below % bins
        };
        for (number, &(place, _)) in edges.iter().enumerate() {
            let edge = number % (bins - 1) + 1; // between the bins edge − 1 and edge
            let weights: Vec<f32> = (0..cells)
                .map(|cell| match bin_of(cell, place) {
                    bin if bin == edge => 1.0,
                    bin if bin + 1 == edge => -1.0,
                    _ => 0.0,
                })
                .collect();
            parameters.extend(&weights);
            parameters.extend(weights.iter().map(|weight| -weight));
        }
        // A first bin has no left edge to be right of.
        parameters.extend((0..cells).map(|cell| {
            let first = (0..self.features.len()).filter(|place| bin_of(cell, *place) == 0);
            1.0 + first.count() as f32 - self.features.len() as f32
        }));
        parameters.extend(&self.memory.values);
        parameters.extend(vec![0.0; self.actions]);
        Ok(Policy::new(specification, parameters)?)
    }
}

impl Agent for Tabular {
    fn act(&mut self, environment: usize, observation: &[f32]) -> Action {
        assert_eq!(
            observation.len(),
            self.observation_len,
            "length of the observation"
        );
        let cell = self.settings.cell(&self.features, observation);
        let best = highest(self.values(cell));
        let epsilon = self.settings.exploration.epsilon(self.memory.progress);
        let actions = self.actions;
        let generator = &mut self.memory.exploration[environment];
        // Both draws are made whatever comes out, so that the stream's place depends on the number of decisions alone.
        let explores = unit(generator) < epsilon;
        let random = below(generator, actions);
        let action = if explores { random } else { best };
        if let Some(step) = self.memory.waiting[environment].take() {
            let next_value = self.values(step.next_cell)[action];
            self.update(step, next_value);
        }
        Action::Discrete(action)
    }

    fn observe(&mut self, environment: usize, transition: Transition<'_>) {
        let action = match *transition.action {
            Action::Discrete(action) if action < self.actions => action,
            ref other => panic!("{other:?} is no action of {} discrete ones", self.actions),
        };
        if !transition.is_usable() {
            let rejected = &mut self.memory.rejected_transitions;
            *rejected = rejected.saturating_add(1);
            return;
        }
        let cell = self.settings.cell(&self.features, transition.observation);
        let (next_cell, kept) = match transition.terminated {
            true => (cell, 0.0),
            false => (
                self.settings
                    .cell(&self.features, transition.next_observation),
                self.settings.discount * transition.continuation,
            ),
        };
        let step = Waiting {
            cell,
            action,
            reward: transition.reward,
            kept,
            next_cell,
        };
        let ends = transition.terminated || transition.truncated;
        match self.settings.rule {
            TabularRule::Sarsa if !ends => self.memory.waiting[environment] = Some(step),
            _ => {
                let next = self.values(next_cell);
                let best = next[highest(next)];
                self.update(step, best);
            }
        }
    }

    fn learn(&mut self) -> Option<LearnReport> {
        let memory = &mut self.memory;
        let updates = std::mem::take(&mut memory.updates);
        let loss = std::mem::take(&mut memory.loss);
        let value = std::mem::take(&mut memory.value);
        (updates > 0).then(|| LearnReport {
            updates,
            loss: (loss / updates as f64) as f32,
            mean_q: (value / updates as f64) as f32,
            exploration: self.settings.exploration.epsilon(memory.progress),
            skipped_updates: 0,
            rejected_transitions: memory.rejected_transitions,
        })
    }

    fn policy(&self) -> Policy {
        self.network_policy()
            .expect("building the agent has shown that its table makes a policy")
    }

    fn set_progress(&mut self, fraction: f64) {
        self.memory.progress = match fraction.is_nan() {
            true => 0.0,
            false => fraction.clamp(0.0, 1.0),
        };
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.memory).expect("writing plain numbers to memory can't fail")
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
        let state: Memory = saved_state::read(Self::NAME, &STATE_TAG, state)?;
        let own = &self.memory;
        AgentStateError::compare("number of values", state.values.len(), own.values.len())?;
        AgentStateError::compare(
            "number of environments",
            [state.waiting.len(), state.exploration.len()],
            [own.waiting.len(); 2],
        )?;
        let cells = own.values.len() / self.actions;
        let fits = state.values.iter().all(|value| value.is_finite())
            && (0.0..=1.0).contains(&state.progress)
            && (state.waiting.iter().flatten()).all(|step| {
                step.cell < cells && step.next_cell < cells && step.action < self.actions
            });
        AgentStateError::compare("consistency of the table", fits, true)?;
        self.memory = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
