//! Direct policy search by an evolution strategy: it compares whole episodes, without values or gradients.
//!
//! A policy of a few dozen parameters is a point. CMA-ES (N. Hansen) samples a generation of points, each steers a few
//! whole descents, and the distribution moves towards those with the highest returns. The return of an episode is
//! Σ_t r_t·Π_{s<t} continuation_s, undiscounted. All policies of a generation descend from the *same* starts with the
//! same batch orders (common random numbers), so that the policies are compared and not the luck of the starts.
//! That is why this agent says which start an episode uses ([`Agent::start_of`]).
//!
//! Compared with a Deep Q-Network: a single decision hardly changes the end of a descent, and the change is smaller than
//! the noise of a batch, so values of single decisions are learned slowly. The return of a whole policy is one number,
//! and it has little noise on common starts. Source of the idea for control: T. Salimans et al., "Evolution Strategies
//! as a Scalable Alternative to Reinforcement Learning" (2017).
//!
//! Episodes of a generation are numbered start by start: episode e of generation g is policy e mod λ on start
//! g·starts + e div λ. Environments that are done early begin with the next generation. Its first few policies are then
//! sampled before the last results are in; CMA-ES tolerates that.

mod distribution;
mod eigen;
mod memory;
mod settings;

use std::collections::VecDeque;

use descender_control::{Action, ActionSpace, Policy, PolicyHead};
use descender_nn::{Activation, NetworkSpecification};
use descender_random::stream;

use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::{Agent, AgentBuilder, AgentError, AgentStateError, LearnReport, Transition};
use distribution::Distribution;
use memory::{Generation, Memory, STATE_TAG, Seat};
pub use settings::EvolutionSettings;

/// The most parameters of a policy: the covariance is a square matrix of them.
const MOST_PARAMETERS: usize = 400;

/// An agent that searches policies by an evolution strategy.
#[derive(Debug)]
pub struct Evolution {
    settings: EvolutionSettings,
    space: ActionSpace,
    specification: NetworkSpecification,
    head: PolicyHead,
    memory: Memory,
    /// For each environment the policy at work there, made anew from its point.
    acting: Vec<Policy>,
}

impl Evolution {
    /// The name of this kind of agent in settings.
    pub const NAME: &'static str = "evolution";

    /// An agent whose policy gives zero outputs, for observations of `observation_len` numbers and `environments`
    /// environments. In a continuous space zero is the anchor.
    ///
    /// # Errors
    /// If a setting is impossible, the action space has no or too many actions, or the policy is too large.
    pub fn new(
        settings: &EvolutionSettings,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Self, AgentError> {
        settings.check()?;
        let (outputs, head) = match space {
            ActionSpace::Discrete(actions) => (actions, PolicyHead::GreedyValues),
            ActionSpace::Continuous { dimensions } => (dimensions, PolicyHead::Squashed),
        };
        for (what, count) in [
            ("the observation's length", observation_len),
            ("the number of environments", environments),
            ("the number of actions", outputs),
        ] {
            if count == 0 {
                return Err(AgentError::Nothing { what });
            }
        }
        let specification = NetworkSpecification::multi_layer_perceptron(
            observation_len,
            &settings.hidden,
            outputs,
            Activation::Tanh,
        );
        let widths: Vec<usize> = std::iter::once(observation_len)
            .chain(settings.hidden.iter().copied())
            .chain([outputs])
            .collect();
        let parameters: usize = widths
            .windows(2)
            .map(|pair| (pair[0] + 1).saturating_mul(pair[1]))
            .fold(0, usize::saturating_add);
        if parameters > MOST_PARAMETERS {
            return Err(AgentError::TooManyParameters {
                agent: Self::NAME,
                found: parameters,
                most: MOST_PARAMETERS,
            });
        }
        let zero = Policy::with_head(head, specification.clone(), vec![0.0; parameters])?;
        let mean = initial_mean(&zero, seed);
        Ok(Self {
            settings: settings.clone(),
            space,
            head,
            memory: Memory {
                tag: STATE_TAG,
                distribution: Distribution::new(mean, settings.spread),
                sampling: stream(seed, purpose::EXPLORATION, 0),
                first: 0,
                generations: VecDeque::new(),
                seats: vec![None; environments],
                rejected_transitions: 0,
            },
            acting: vec![zero; environments],
            specification,
        })
    }

    fn policy_at(&self, point: &[f64]) -> Policy {
        let parameters = point.iter().map(|&x| x as f32).collect();
        Policy::with_head(self.head, self.specification.clone(), parameters)
            .expect("building the agent has shown that its network makes a policy")
    }

    /// The point of a policy of a generation, sampled now if it is the first time that it is asked for.
    fn point(&mut self, generation: u64, policy: usize) -> Vec<f64> {
        let memory = &mut self.memory;
        let place = (generation - memory.first) as usize;
        while memory.generations.len() <= place {
            memory.generations.push_back(Generation::default());
        }
        let generation = &mut memory.generations[place];
        while generation.points.len() <= policy {
            generation
                .points
                .push(memory.distribution.sample(&mut memory.sampling));
            generation.returns.push(Vec::new());
        }
        generation.points[policy].clone()
    }
}

/// Zero outputs, but hidden layers that do something: their weights are drawn, the last layer's are 0.
fn initial_mean(zero: &Policy, seed: u64) -> Vec<f64> {
    let network = zero.network();
    let mut parameters = vec![0.0; network.parameter_count()];
    network.initialize(&mut stream(seed, purpose::WEIGHTS, 0), &mut parameters);
    let last = network.output_count() * (last_inputs(zero.specification()) + 1);
    let hidden = parameters.len() - last;
    parameters[hidden..].fill(0.0);
    parameters.into_iter().map(f64::from).collect()
}

/// Width of the layer before the outputs.
fn last_inputs(specification: &NetworkSpecification) -> usize {
    let shapes = specification.shapes().unwrap_or_default();
    let before_last = shapes.len().checked_sub(2).and_then(|i| shapes.get(i));
    before_last.map_or(specification.input.count(), |shape| shape.count())
}

impl AgentBuilder for EvolutionSettings {
    fn name(&self) -> &str {
        Evolution::NAME
    }

    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        Evolution::new(self, observation_len, space, environments, seed)
            .map(|agent| Box::new(agent) as Box<dyn Agent>)
    }
}

impl BuiltInAgent for EvolutionSettings {
    const NAME: &'static str = Evolution::NAME;
    const DESCRIPTION: &'static str = "evolution strategy (CMA-ES) over small policies, compared by whole episodes from common starts";
    const WORDS: &'static str = "an evolution strategy";
}

impl Agent for Evolution {
    fn start_of(&self, episode: u64) -> u64 {
        let (population, starts) = (self.settings.population as u64, self.settings.starts as u64);
        let length = self.settings.episodes_of_generation();
        (episode / length) * starts + (episode % length) / population
    }

    fn begin(&mut self, environment: usize, episode: u64) {
        let length = self.settings.episodes_of_generation();
        let (generation, policy) = (
            episode / length,
            (episode % length) as usize % self.settings.population,
        );
        if generation < self.memory.first {
            // Its generation is complete: nothing is to be learned from it.
            self.memory.seats[environment] = None;
            return;
        }
        let point = self.point(generation, policy);
        self.acting[environment] = self.policy_at(&point);
        self.memory.seats[environment] = Some(Seat {
            generation,
            policy,
            value: 0.0,
            weight: 1.0,
        });
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
        let Some(seat) = &mut self.memory.seats[environment] else {
            return;
        };
        if transition.reward.is_finite() && (0.0..=1.0).contains(&transition.continuation) {
            seat.value += seat.weight * f64::from(transition.reward);
            seat.weight *= f64::from(transition.continuation);
        } else {
            // What can't be valued is the worst that there is.
            seat.value = f64::NEG_INFINITY;
            let rejected = &mut self.memory.rejected_transitions;
            *rejected = rejected.saturating_add(1);
        }
        if transition.terminated || transition.truncated {
            let seat = *seat;
            self.memory.seats[environment] = None;
            let place = (seat.generation - self.memory.first) as usize;
            self.memory.generations[place].returns[seat.policy].push(seat.value);
        }
    }

    fn learn(&mut self) -> Option<LearnReport> {
        let due = self.settings.episodes_of_generation() as usize;
        let complete = self
            .memory
            .generations
            .front()
            .is_some_and(|generation| generation.finished() == due);
        if !complete {
            return None;
        }
        let generation = self.memory.generations.pop_front()?;
        self.memory.first += 1;
        let mut values: Vec<(f64, usize)> = generation
            .returns
            .iter()
            .enumerate()
            .map(|(policy, returns)| (returns.iter().sum::<f64>() / returns.len() as f64, policy))
            .collect();
        // Stable: of equals the earlier one is first.
        values.sort_by(|a, b| b.0.total_cmp(&a.0));
        let ranked: Vec<&[f64]> = values
            .iter()
            .map(|&(_, policy)| generation.points[policy].as_slice())
            .collect();
        self.memory.distribution.follow(&ranked);
        let best = values[0].0;
        let finite: Vec<f64> = values
            .iter()
            .map(|value| value.0)
            .filter(|value| value.is_finite())
            .collect();
        Some(LearnReport {
            updates: 1,
            loss: -best as f32,
            mean_q: (finite.iter().sum::<f64>() / finite.len() as f64) as f32,
            exploration: self.memory.distribution.spread(),
            skipped_updates: 0,
            rejected_transitions: self.memory.rejected_transitions,
        })
    }

    fn policy(&self) -> Policy {
        self.policy_at(self.memory.distribution.mean())
    }

    fn set_progress(&mut self, _fraction: f64) {}

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.memory).expect("writing plain numbers to memory can't fail")
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
        let unreadable = |reason: String| AgentStateError::Unreadable {
            agent: Self::NAME,
            reason,
        };
        if !state.starts_with(&STATE_TAG) {
            return Err(unreadable(
                "they don't begin like one of this version".to_owned(),
            ));
        }
        let (memory, rest) = postcard::take_from_bytes::<Memory>(state)
            .map_err(|error| unreadable(error.to_string()))?;
        if !rest.is_empty() {
            return Err(unreadable(format!("{} bytes too many", rest.len())));
        }
        memory.check_like(&self.memory, &self.settings)?;

        for (acting, seat) in self.acting.iter_mut().zip(&memory.seats) {
            if let Some(seat) = seat {
                let generation = &memory.generations[(seat.generation - memory.first) as usize];
                let parameters = generation.points[seat.policy]
                    .iter()
                    .map(|&x| x as f32)
                    .collect();
                *acting = Policy::with_head(self.head, self.specification.clone(), parameters)
                    .expect("building the agent has shown that its network makes a policy");
            }
        }
        self.memory = memory;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
