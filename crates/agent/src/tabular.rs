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

use descender_control::{Action, ActionSpace, Policy, highest};
use descender_nn::{Activation, NetworkSpecification};
use descender_random::{ChaCha8Rng, below, stream, unit};
use serde::{Deserialize, Serialize};

use crate::error::impossible;
use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::saved_state;
use crate::{
    Agent, AgentBuilder, AgentError, AgentStateError, Exploration, LearnReport, SettingsError,
    Transition,
};

/// First part of every saved state: the kind of agent and the version of the layout.
const STATE_TAG: [u8; 8] = *b"tabular\x01";
/// The most cells: the policy has a unit for each.
const MOST_CELLS: usize = 4096;
/// Share of a bin in which the policy's cells mix.
const EDGE: f32 = 1e-3;

/// What the value of the next cell is taken to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TabularRule {
    /// That of its best action.
    #[default]
    QLearning,
    /// That of the action that is taken there.
    Sarsa,
}

/// Settings of a tabular agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TabularSettings {
    /// Q-learning or SARSA. Default `q-learning`.
    pub rule: TabularRule,
    /// Numbers of the features that are looked at, from 0. Empty, the default: the first, and the last.
    pub features: Vec<usize>,
    /// Bins of each feature, from 2. Default 6.
    pub bins: usize,
    /// The lower end of the bins; what is below belongs to the first. Default −2.
    pub low: f32,
    /// The upper end of the bins; what is above belongs to the last. Default 2.
    pub high: f32,
    /// α. Default 0.1.
    pub learning_rate: f32,
    /// γ, the discount of a reward one decision later, in [0, 1]. Default 0.99.
    pub discount: f32,
    /// ε over the training. Default from 0.5 to 0.05 over the first half.
    pub exploration: Exploration,
}

impl Default for TabularSettings {
    fn default() -> Self {
        Self {
            rule: TabularRule::QLearning,
            features: Vec::new(),
            bins: 6,
            low: -2.0,
            high: 2.0,
            learning_rate: 0.1,
            discount: 0.99,
            exploration: Exploration {
                start: 0.5,
                end: 0.05,
                fraction: 0.5,
            },
        }
    }
}

impl TabularSettings {
    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        let mut sorted = self.features.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != self.features.len() || sorted.len() > 12 {
            return Err(impossible(
                "features",
                &self.features,
                "at most 12 numbers of features, each once",
            ));
        }
        let looked_at = self.features.len().max(1) as u32;
        let cells = self.bins.checked_pow(looked_at);
        if self.bins < 2 || cells.is_none_or(|cells| cells > MOST_CELLS) {
            return Err(impossible(
                "bins",
                self.bins,
                "2 or more, and at most 4096 cells: bins to the power of the number of features",
            ));
        }
        if !(self.low.is_finite() && self.high.is_finite() && self.low < self.high) {
            return Err(impossible("high", self.high, "a finite number above low"));
        }
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return Err(impossible(
                "learning_rate",
                self.learning_rate,
                "a number above 0, at most 1",
            ));
        }
        if !(0.0..=1.0).contains(&self.discount) {
            return Err(impossible(
                "discount",
                self.discount,
                "a number from 0 to 1",
            ));
        }
        self.exploration.check()
    }

    /// The cell of an observation.
    fn cell(&self, features: &[usize], observation: &[f32]) -> usize {
        let width = (self.high - self.low) / self.bins as f32;
        features.iter().fold(0, |cell, &feature| {
            let bin = ((observation[feature] - self.low) / width).floor();
            // What is no number belongs to the first bin.
            cell * self.bins + bin.clamp(0.0, (self.bins - 1) as f32) as usize
        })
    }
}

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
        for (what, count) in [
            ("the observation's length", observation_len),
            ("the number of environments", environments),
        ] {
            if count == 0 {
                return Err(AgentError::Nothing { what });
            }
        }
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
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        let fits = transition.reward.is_finite()
            && (0.0..=1.0).contains(&transition.continuation)
            && finite(transition.observation)
            && (transition.terminated || finite(transition.next_observation));
        if !fits {
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
mod tests {
    use super::*;

    fn agent(rule: TabularRule) -> Tabular {
        let settings = TabularSettings {
            rule,
            features: vec![0],
            bins: 4,
            low: 0.0,
            high: 4.0,
            learning_rate: 0.5,
            discount: 0.9,
            exploration: Exploration::constant(0.0),
        };
        Tabular::new(&settings, 2, ActionSpace::Discrete(2), 1, 1).unwrap()
    }

    fn step(agent: &mut Tabular, [from, to]: [f32; 2], action: usize, reward: f32, ends: bool) {
        agent.observe(
            0,
            Transition {
                observation: &[from, 7.0],
                action: &Action::Discrete(action),
                reward,
                next_observation: &[to, 7.0],
                terminated: ends,
                truncated: false,
                continuation: 1.0,
            },
        );
    }

    #[test]
    fn both_rules_by_hand() {
        // Cells 1 and 2; Q(2, ·) = (4, 1).
        for (rule, taken, expected) in [
            // 0.5 (1 + 0.9 · 4): the best one counts.
            (TabularRule::QLearning, 0, 2.3),
            // The one that is taken counts, and here the greedy one is.
            (TabularRule::Sarsa, 0, 2.3),
        ] {
            let mut agent = agent(rule);
            agent.memory.values[4] = 4.0;
            agent.memory.values[5] = 1.0;
            step(&mut agent, [1.5, 2.5], 1, 1.0, false);
            assert_eq!(agent.act(0, &[2.5, 0.0]), Action::Discrete(taken));
            assert!((agent.values(1)[1] - expected).abs() < 1e-6);
            assert_eq!(agent.values(1)[0], 0.0);
            let report = agent.learn().unwrap();
            assert_eq!(report.updates, 1);
            assert!((report.loss - 4.6 * 4.6).abs() < 1e-4);
        }
    }

    #[test]
    fn sarsa_counts_the_action_that_explores() {
        let mut agent = agent(TabularRule::Sarsa);
        agent.settings.exploration = Exploration::constant(1.0);
        agent.memory.values[4] = 4.0;
        agent.memory.values[5] = 1.0;
        let mut found = Vec::new();
        for _ in 0..20 {
            agent.memory.values[3] = 0.0;
            step(&mut agent, [1.5, 2.5], 1, 1.0, false);
            let Action::Discrete(taken) = agent.act(0, &[2.5, 0.0]) else {
                panic!("it is discrete")
            };
            let next = [4.0, 1.0][taken];
            assert!((agent.values(1)[1] - 0.5 * (1.0 + 0.9 * next)).abs() < 1e-6);
            found.push(taken);
        }
        assert!(found.contains(&0) && found.contains(&1));
    }

    #[test]
    fn nothing_follows_a_termination() {
        for rule in [TabularRule::QLearning, TabularRule::Sarsa] {
            let mut agent = agent(rule);
            agent.memory.values.fill(5.0);
            step(&mut agent, [0.5, f32::NAN], 0, 1.0, true);
            assert_eq!(agent.values(0), [3.0, 5.0]); // 5 + 0.5 (1 − 5)
        }
    }

    #[test]
    fn the_policy_is_the_table_everywhere_but_at_its_edges() {
        let settings = TabularSettings {
            features: vec![2, 0],
            bins: 3,
            low: -1.0,
            high: 2.0,
            ..TabularSettings::default()
        };
        let mut agent = Tabular::new(&settings, 3, ActionSpace::Discrete(4), 1, 1).unwrap();
        for (place, value) in agent.memory.values.iter_mut().enumerate() {
            *value = (place as f32 * 2.7).sin();
        }
        let mut policy = agent.policy();
        for number in 0..400 {
            let x = number as f32;
            let observation = [
                1.9 * (x * 0.37).sin() + 0.4,
                9.0 * x.cos(),
                2.1 * (x * 0.73).cos() + 0.5,
            ];
            let beside = |x: f32| [0.0, 1.0].into_iter().any(|edge| (x - edge).abs() < 2e-3);
            if beside(observation[0]) || beside(observation[2]) {
                continue;
            }
            let cell = settings.cell(&agent.features, &observation);
            let outputs = policy.outputs(&observation);
            for (found, known) in outputs.iter().zip(agent.values(cell)) {
                assert!(
                    (found - known).abs() < 1e-3,
                    "{observation:?}: {found} and {known}"
                );
            }
        }
    }

    #[test]
    fn a_restored_agent_goes_on_with_the_same_bits() {
        let mut first = agent(TabularRule::Sarsa);
        first.settings.exploration = Exploration::constant(0.3);
        let mut second = agent(TabularRule::Sarsa);
        second.settings.exploration = Exploration::constant(0.3);
        let play = |agent: &mut Tabular, from: usize| {
            (from..from + 50)
                .map(|round| {
                    let seen = (round as f32 * 0.7).sin() * 2.0 + 2.0;
                    let action = agent.act(0, &[seen, 0.0]);
                    let Action::Discrete(taken) = action else {
                        panic!("it is discrete")
                    };
                    let next = ((round + 1) as f32 * 0.7).sin() * 2.0 + 2.0;
                    step(
                        agent,
                        [seen, next],
                        taken,
                        seen - taken as f32,
                        round % 13 == 12,
                    );
                    taken
                })
                .collect::<Vec<_>>()
        };
        play(&mut first, 0);
        let state = first.save();
        play(&mut second, 7);
        second.restore(&state).unwrap();
        assert_eq!(play(&mut first, 50), play(&mut second, 50));
        assert_eq!(first.save(), second.save());
        assert!(second.restore(&state[1..]).is_err());
    }

    #[test]
    fn impossible_settings_are_refused_by_name() {
        let refused = |change: &dyn Fn(&mut TabularSettings)| {
            let mut settings = TabularSettings::default();
            change(&mut settings);
            settings.check().unwrap_err().to_string()
        };
        for (name, message) in [
            (
                "features",
                refused(&|settings| settings.features = vec![1, 1]),
            ),
            ("bins", refused(&|settings| settings.bins = 1)),
            (
                "bins",
                refused(&|settings| settings.features = (0..9).collect()),
            ),
            ("high", refused(&|settings| settings.high = -3.0)),
            (
                "learning_rate",
                refused(&|settings| settings.learning_rate = 0.0),
            ),
            ("discount", refused(&|settings| settings.discount = 2.0)),
        ] {
            assert!(message.starts_with(&format!("{name} = ")), "{message}");
        }
        let beyond = TabularSettings {
            features: vec![3],
            ..TabularSettings::default()
        };
        assert!(Tabular::new(&beyond, 3, ActionSpace::Discrete(2), 1, 1).is_err());
        let continuous = ActionSpace::Continuous { dimensions: 1 };
        let settings = TabularSettings::default();
        assert!(Tabular::new(&settings, 3, continuous, 1, 1).is_err());
    }
}
