//! Random search: the best of many random policies, all from the same starts.
//!
//! A negative control for agents that search. It draws linear policies with weights from N(0, spread²), the first one with
//! all weights 0, lets each steer a descent from each of a few starts that all share, and keeps the one with the highest mean
//! return. An agent that learns must beat it at the same number of episodes. Source: J. Bergstra, Y. Bengio, "Random Search
//! for Hyper-Parameter Optimization" (2012).
//!
//! Episode e is policy e div starts on start e mod starts.

use descender_control::{Action, ActionSpace, Policy, PolicyHead};
use descender_nn::NetworkSpecification;
use descender_random::{normal_pair, stream};
use serde::{Deserialize, Serialize};

use crate::episode_return::EpisodeReturn;
use crate::error::impossible;
use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::saved_state;
use crate::whole_policy::WholePolicy;
use crate::{
    Agent, AgentBuilder, AgentError, AgentStateError, LearnReport, SettingsError, Transition,
};

/// First part of every saved state: the kind of agent and the version of the layout.
const STATE_TAG: [u8; 8] = *b"randsr\0\x01";

/// Settings of [`RandomSearch`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RandomSearchSettings {
    /// Starts from which every policy descends, from 1. Default 4.
    pub starts: usize,
    /// Standard deviation of the weights, above 0. Default 0.4.
    pub spread: f64,
}

impl Default for RandomSearchSettings {
    fn default() -> Self {
        Self {
            starts: 4,
            spread: 0.4,
        }
    }
}

impl RandomSearchSettings {
    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        if !(1..=10_000).contains(&self.starts) {
            return Err(impossible(
                "starts",
                self.starts,
                "1 to 10000 starts for each policy",
            ));
        }
        if !(0.001..=10.0).contains(&self.spread) {
            return Err(impossible(
                "spread",
                self.spread,
                "a number from 0.001 to 10",
            ));
        }
        Ok(())
    }
}

/// Everything that a saved state carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Memory {
    tag: [u8; 8],
    /// The number of the best policy whose episodes have all ended, and its mean return.
    best: Option<(u64, f64)>,
    /// For each policy under way its number and the returns so far.
    open: Vec<(u64, Vec<f64>)>,
    /// For each environment the policy at work and what it has earned.
    seats: Vec<Option<(u64, EpisodeReturn)>>,
    rejected_transitions: u64,
    /// Policies done since the last report.
    news: u64,
}

/// An agent that keeps the best of many random policies.
#[derive(Debug)]
pub struct RandomSearch {
    settings: RandomSearchSettings,
    space: ActionSpace,
    specification: NetworkSpecification,
    head: PolicyHead,
    parameters: usize,
    seed: u64,
    memory: Memory,
    acting: Vec<Policy>,
}

impl RandomSearch {
    /// The name of this kind of agent in settings.
    pub const NAME: &'static str = "random-search";

    /// An agent whose policy gives zero outputs until the first policy is done.
    ///
    /// # Errors
    /// If a setting is impossible, or there is nothing to see, to do or to act in.
    pub fn new(
        settings: &RandomSearchSettings,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        settings.check()?;
        let WholePolicy {
            specification,
            head,
            parameters,
        } = WholePolicy::new(observation_len, &[], space, environments)?;
        let zero = Policy::with_head(head, specification.clone(), vec![0.0; parameters])?;
        Ok(Self {
            settings: settings.clone(),
            space,
            specification,
            head,
            parameters,
            seed,
            memory: Memory {
                tag: STATE_TAG,
                best: None,
                open: Vec::new(),
                seats: vec![None; environments],
                rejected_transitions: 0,
                news: 0,
            },
            acting: vec![zero; environments],
        })
    }

    /// The policy of this number, the same whenever it is asked for.
    fn numbered(&self, number: u64) -> Policy {
        let mut generator = stream(self.seed, purpose::EXPLORATION, number);
        let mut weights = Vec::with_capacity(self.parameters + 1);
        while weights.len() < self.parameters {
            weights.extend(normal_pair(&mut generator).map(|z| (z * self.settings.spread) as f32));
        }
        weights.truncate(self.parameters);
        if number == 0 {
            weights.fill(0.0);
        }
        Policy::with_head(self.head, self.specification.clone(), weights)
            .expect("building the agent has shown that its network makes a policy")
    }
}

impl AgentBuilder for RandomSearchSettings {
    fn name(&self) -> &str {
        RandomSearch::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        RandomSearch::new(self, observation_len, space, environments, seed)
            .map(|agent| Box::new(agent) as Box<dyn Agent>)
    }
}

impl BuiltInAgent for RandomSearchSettings {
    const NAME: &'static str = RandomSearch::NAME;
    const DESCRIPTION: &'static str =
        "the best of many random linear policies, compared from common starts: a negative control";
    const WORDS: &'static str = "a random search";
}

impl Agent for RandomSearch {
    fn start_of(&self, episode: u64) -> u64 {
        episode % self.settings.starts as u64
    }

    fn begin(&mut self, environment: usize, episode: u64) {
        let number = episode / self.settings.starts as u64;
        self.acting[environment] = self.numbered(number);
        self.memory.seats[environment] = Some((number, EpisodeReturn::new()));
        if !self.memory.open.iter().any(|(open, _)| *open == number) {
            self.memory.open.push((number, Vec::new()));
        }
    }

    fn act(&mut self, environment: usize, observation: &[f32]) -> Action {
        self.acting[environment].act(observation)
    }

    fn observe(&mut self, environment: usize, transition: Transition<'_>) {
        assert!(
            self.space.contains(transition.action),
            "{:?} is no action of {}",
            transition.action,
            self.space
        );
        let memory = &mut self.memory;
        let Some((number, earned)) = &mut memory.seats[environment] else {
            return;
        };
        if !earned.add(&transition) {
            memory.rejected_transitions = memory.rejected_transitions.saturating_add(1);
        }
        if !(transition.terminated || transition.truncated) {
            return;
        }
        let (number, value) = (*number, earned.value());
        memory.seats[environment] = None;
        let Some(place) = memory.open.iter().position(|(open, _)| *open == number) else {
            return;
        };
        memory.open[place].1.push(value);
        if memory.open[place].1.len() == self.settings.starts {
            let (_, returns) = memory.open.remove(place);
            let mean = returns.iter().sum::<f64>() / returns.len() as f64;
            // Of equals the one with the lower number, whichever ended first.
            let better = memory
                .best
                .is_none_or(|(best, highest)| mean > highest || (mean == highest && number < best));
            if better {
                memory.best = Some((number, mean));
            }
            memory.news += 1;
        }
    }

    fn learn(&mut self) -> Option<LearnReport> {
        let (_, highest) = self.memory.best.filter(|_| self.memory.news > 0)?;
        let updates = std::mem::take(&mut self.memory.news);
        Some(LearnReport {
            updates,
            loss: -highest as f32,
            mean_q: highest as f32,
            exploration: self.settings.spread,
            skipped_updates: 0,
            rejected_transitions: self.memory.rejected_transitions,
        })
    }

    fn policy(&self) -> Policy {
        self.numbered(self.memory.best.map_or(0, |(number, _)| number))
    }

    fn set_progress(&mut self, _fraction: f64) {}

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.memory).expect("writing plain numbers to memory can't fail")
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
        let memory: Memory = saved_state::read(Self::NAME, &STATE_TAG, state)?;
        AgentStateError::compare(
            "number of environments",
            memory.seats.len(),
            self.memory.seats.len(),
        )?;
        for (place, seat) in memory.seats.iter().enumerate() {
            if let Some((number, _)) = seat {
                self.acting[place] = self.numbered(*number);
            }
        }
        self.memory = memory;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> RandomSearch {
        let space = ActionSpace::Continuous { dimensions: 1 };
        let settings = RandomSearchSettings {
            starts: 2,
            ..RandomSearchSettings::default()
        };
        RandomSearch::new(&settings, 1, space, 2, 5).unwrap()
    }

    /// Episodes of one decision, which should be tanh⁻¹ of 0.4 at x = 1; two at a time.
    fn play(agent: &mut RandomSearch, episodes: std::ops::Range<u64>) {
        for first in episodes.step_by(2) {
            for environment in 0..2 {
                agent.begin(environment, first + environment as u64);
            }
            for environment in 0..2 {
                let action = agent.act(environment, &[1.0]);
                let Action::Continuous(values) = &action else {
                    panic!("a continuous action")
                };
                let reward = -(values[0] - 0.4).powi(2);
                agent.observe(
                    environment,
                    Transition {
                        observation: &[1.0],
                        action: &action,
                        reward,
                        next_observation: &[1.0],
                        terminated: true,
                        truncated: false,
                        continuation: 1.0,
                    },
                );
            }
            agent.learn();
        }
    }

    #[test]
    fn it_keeps_the_best_and_begins_with_the_anchor() {
        let mut agent = agent();
        play(&mut agent, 0..2);
        assert_eq!(agent.policy().parameters(), [0.0, 0.0]);
        play(&mut agent, 2..200);
        let Action::Continuous(values) = agent.policy().act(&[1.0]) else {
            panic!("a continuous action")
        };
        assert!((values[0] - 0.4).abs() < 0.05, "{values:?}");
        assert_eq!([0, 1, 2, 3].map(|e| agent.start_of(e)), [0, 1, 0, 1]);
    }

    #[test]
    fn a_saved_state_continues_with_the_same_bits() {
        let (mut whole, mut restored) = (agent(), agent());
        play(&mut whole, 0..40);
        restored.restore(&whole.save()).unwrap();
        play(&mut whole, 40..80);
        play(&mut restored, 40..80);
        assert_eq!(whole.save(), restored.save());
        assert_eq!(whole.policy(), restored.policy());
        let state = whole.save();
        assert!(restored.restore(&state[..state.len() - 1]).is_err());
    }
}
