//! Policy search by regression on perturbed descents.
//!
//! From each start the policy steers one descent as it is, and pairs of descents with opposite offsets added to its
//! outputs, all with the same batches. An offset is held over a segment of the descent, so that it has an effect that can be
//! seen; each segment and each dimension of the action has its own. Half the difference of a pair's returns is then, but for
//! odd terms of the third order, the effect of the offsets, and what its mean lacks of the return without offsets is their
//! curvature. The luck of the start is in neither. A regression over all pairs finds both, and the policy
//! moves to where the fitted surface is highest, within a trust region. All descents of the memory are used again in each
//! regression: what a policy would have done elsewhere is part of the model.
//!
//! ```text
//! z = W·x + b + s·δ_k,   a = tanh(z),   s = 0 or ±1, k the segment of the decision, δ ~ N(0, σ²)
//! k-th segment: decisions hold·(2^k − 1) to hold·(2^(k+1) − 1) − 1
//! ```
//!
//! It is a policy-gradient method whose noise is antithetic and constant over a segment (R. Williams, "Simple statistical
//! gradient-following algorithms", 1992; antithetic pairs as in T. Salimans et al., "Evolution Strategies as a Scalable
//! Alternative to Reinforcement Learning", 2017) with a second-order model of the return (G. Box, K. Wilson, "On the
//! Experimental Attainment of Optimum Conditions", 1951). The policy is linear in the observation, so the
//! observation must be able to tell the time: the policy is fitted to the outputs that the surface asks for.
//!
//! With n = 2·pairs + 1, episode e belongs to start e div n; e mod n = 0 is the one without offsets.

mod memory;
mod settings;
mod surface;

use descender_control::{Action, ActionSpace, Policy, PolicyHead};
use descender_nn::NetworkSpecification;
use descender_random::{normal_pair, stream};

use crate::episode_return::EpisodeReturn;
use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::saved_state;
use crate::whole_policy::WholePolicy;
use crate::{Agent, AgentBuilder, AgentError, AgentStateError, LearnReport, Transition};
use memory::{Group, Memory, STATE_TAG, Seat, Segment};
pub use settings::RegressionSettings;
use surface::Surface;

/// Segments that offsets are drawn for. The last one has no end.
const SEGMENTS: usize = 16;

/// The outputs that a policy is moved to are not further from 0 than this: tanh is flat beyond.
const FARTHEST: f64 = 2.0;

/// An agent that learns from pairs of perturbed descents.
#[derive(Debug)]
pub struct Regression {
    settings: RegressionSettings,
    space: ActionSpace,
    seed: u64,
    specification: NetworkSpecification,
    memory: Memory,
    /// The policy as it stands; every environment acts by the one that its episode began with.
    acting: Vec<Policy>,
}

impl Regression {
    /// The name of this kind of agent in settings.
    pub const NAME: &'static str = "regression";

    /// An agent whose policy is the anchor: all outputs are 0.
    ///
    /// # Errors
    /// If a setting is impossible, the action space is discrete, or there is nothing to see or no environment.
    pub fn new(
        settings: &RegressionSettings,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        settings.check()?;
        if let ActionSpace::Discrete(_) = space {
            return Err(AgentError::ActionSpace {
                agent: Self::NAME,
                space: space.to_string(),
                expected: "a continuous space",
            });
        }
        let WholePolicy {
            specification,
            head,
            parameters,
        } = WholePolicy::new(observation_len, &[], space, environments)?;
        let zero = Policy::with_head(head, specification.clone(), vec![0.0; parameters])?;
        Ok(Self {
            settings: settings.clone(),
            space,
            seed,
            specification,
            memory: Memory {
                tag: STATE_TAG,
                parameters: vec![0.0; parameters],
                spread: settings.spread,
                groups: Vec::new(),
                open: Vec::new(),
                since: 0,
                rounds: 0,
                seats: vec![None; environments],
                rejected_transitions: 0,
            },
            acting: vec![zero; environments],
        })
    }

    fn policy_of(&self, parameters: &[f64]) -> Policy {
        let parameters = parameters.iter().map(|&w| w as f32).collect();
        Policy::with_head(PolicyHead::Squashed, self.specification.clone(), parameters)
            .expect("building the agent has shown that its network makes a policy")
    }

    fn dimensions(&self) -> usize {
        self.space.dimensions()
    }

    /// The segment of a decision.
    fn segment(&self, decision: u64) -> usize {
        let holds = decision / self.settings.hold as u64 + 1;
        (holds.ilog2() as usize).min(SEGMENTS - 1)
    }

    /// A group that begins now. Its offsets have a stream of their own.
    fn group(&self, number: u64) -> Group {
        let mut generator = stream(self.seed, purpose::EXPLORATION, number);
        let count = SEGMENTS * self.dimensions();
        let mut offsets = || {
            let mut offsets = Vec::with_capacity(count + 1);
            while offsets.len() < count {
                offsets.extend(normal_pair(&mut generator).map(|z| z * self.memory.spread));
            }
            offsets.truncate(count);
            offsets
        };
        Group {
            number,
            offsets: (0..self.settings.pairs).map(|_| offsets()).collect(),
            parameters: self.memory.parameters.clone(),
            runs: vec![None; self.settings.episodes_of_start() as usize],
        }
    }
}

impl AgentBuilder for RegressionSettings {
    fn name(&self) -> &str {
        Regression::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        Regression::new(self, observation_len, space, environments, seed)
            .map(|agent| Box::new(agent) as Box<dyn Agent>)
    }
}

impl BuiltInAgent for RegressionSettings {
    const NAME: &'static str = Regression::NAME;
    const DESCRIPTION: &'static str = "regression on descents whose actions are perturbed in opposite pairs, segment by segment; for continuous actions";
    const WORDS: &'static str = "a regression on perturbed descents";
}

impl Agent for Regression {
    fn start_of(&self, episode: u64) -> u64 {
        episode / self.settings.episodes_of_start()
    }

    fn begin(&mut self, environment: usize, episode: u64) {
        let length = self.settings.episodes_of_start();
        let (number, member) = (episode / length, (episode % length) as usize);
        let known = |group: &&Group| group.number == number;
        if !self.memory.open.iter().any(|group| known(&group)) {
            let group = self.group(number);
            self.memory.open.push(group);
        }
        let group = self.memory.open.iter().find(known);
        let parameters = &group.expect("it was put there").parameters;
        self.acting[environment] = self.policy_of(parameters);
        self.memory.seats[environment] = Some(Seat {
            group: number,
            member,
            earned: EpisodeReturn::new(),
            decisions: 0,
            segments: Vec::new(),
        });
    }

    fn act(&mut self, environment: usize, observation: &[f32]) -> Action {
        let dimensions = self.dimensions();
        let outputs: Vec<f64> = self.acting[environment]
            .outputs(observation)
            .iter()
            .map(|&z| f64::from(z))
            .collect();
        let Some(decisions) = self.memory.seats[environment]
            .as_ref()
            .map(|seat| seat.decisions)
        else {
            return self.acting[environment].act(observation);
        };
        let place = self.segment(decisions);
        let memory = &mut self.memory;
        let seat = memory.seats[environment].as_mut().expect("looked at above");
        seat.decisions += 1;
        if seat.segments.len() <= place {
            seat.segments
                .resize(place + 1, Segment::new(observation.len(), dimensions));
        }
        seat.segments[place].add(observation, &outputs);
        let (number, member) = (seat.group, seat.member);
        let group = memory.open.iter().find(|group| group.number == number);
        let offset = group.expect("a seat's group is open").offset(member);
        let moved = |(d, z): (usize, &f64)| {
            let offset = offset.map_or(0.0, |(sign, offsets)| {
                sign * offsets[place * dimensions + d]
            });
            (z + offset).tanh() as f32
        };
        Action::Continuous(outputs.iter().enumerate().map(moved).collect())
    }

    fn observe(&mut self, environment: usize, transition: Transition<'_>) {
        assert!(
            self.space.contains(transition.action),
            "{:?} is no action of {}",
            transition.action,
            self.space
        );
        let memory = &mut self.memory;
        let Some(seat) = &mut memory.seats[environment] else {
            return;
        };
        if !seat.earned.add(&transition) {
            memory.rejected_transitions = memory.rejected_transitions.saturating_add(1);
        }
        if transition.terminated || transition.truncated {
            let seat = memory.seats[environment].take().expect("looked at above");
            memory.finish(seat, self.settings.memory);
        }
    }

    fn learn(&mut self) -> Option<LearnReport> {
        if self.memory.since < self.settings.round {
            return None;
        }
        self.memory.since = 0;
        self.memory.rounds += 1;
        let memory = &mut self.memory;
        let surface = Surface::fit(&memory.groups, &memory.parameters, self.settings.spread)?;
        memory.parameters = surface.move_policy(
            &memory.groups,
            &memory.parameters,
            self.settings.trust,
            FARTHEST,
        );
        let recent = &memory.groups[memory.groups.len().saturating_sub(self.settings.round)..];
        let values: Vec<f64> = recent.iter().filter_map(Group::base).collect();
        Some(LearnReport {
            updates: 1,
            loss: surface.error() as f32,
            mean_q: (values.iter().sum::<f64>() / values.len() as f64) as f32,
            exploration: memory.spread,
            skipped_updates: 0,
            rejected_transitions: memory.rejected_transitions,
        })
    }

    fn policy(&self) -> Policy {
        self.policy_of(&self.memory.parameters)
    }

    /// The offsets shrink to half as the training goes on.
    fn set_progress(&mut self, fraction: f64) {
        let fraction = if fraction.is_nan() { 0.0 } else { fraction };
        self.memory.spread = self.settings.spread * (1.0 - 0.5 * fraction.clamp(0.0, 1.0));
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.memory).expect("writing plain numbers to memory can't fail")
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
        let memory: Memory = saved_state::read(Self::NAME, &STATE_TAG, state)?;
        let pairs = self.settings.pairs;
        memory.check_like(&self.memory, self.dimensions(), SEGMENTS, pairs)?;
        for (place, seat) in memory.seats.iter().enumerate() {
            if let Some(seat) = seat {
                let group = memory.open.iter().find(|group| group.number == seat.group);
                let parameters = &group.expect("the check has found it").parameters;
                self.acting[place] = self.policy_of(parameters);
            }
        }
        self.memory = memory;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
