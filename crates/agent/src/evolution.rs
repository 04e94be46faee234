//! Direct policy search by an evolution strategy: it compares whole episodes, without values or gradients.
//!
//! A policy of a few dozen parameters is a point. CMA-ES (N. Hansen) samples a generation of points in mirrored pairs,
//! each steers a few whole descents, and the distribution moves towards those with the highest returns. The return of an
//! episode is Σ_t r_t·Π_{s<t} continuation_s, undiscounted. All policies of a generation descend from the *same* starts
//! with the same batch orders (common random numbers), so that the policies are compared and not the luck of the starts.
//! That is why this agent says which start an episode uses ([`Agent::start_of`]).
//!
//! Compared with a Deep Q-Network: a single decision hardly changes the end of a descent, and the change is smaller than
//! the noise of a batch, so values of single decisions are learned slowly. The return of a whole policy is one number,
//! and it has little noise on common starts. Source of the idea for control: T. Salimans et al., "Evolution Strategies
//! as a Scalable Alternative to Reinforcement Learning" (2017).
//!
//! **Noise.** After a generation its policies are ranked twice: by the first half of the starts, and by the second. Where
//! Spearman's correlation of the two is below [`AGREEMENT`], the ranks are mostly noise. The spread σ is then left as it
//! is, because it would shrink although nothing was found, and later generations have twice as many starts, up to
//! `most_starts`. Source of the idea: N. Hansen, A. Niederberger, L. Guzzella, P. Koumoutsakos, "A Method for Handling
//! Uncertainty in Evolutionary Optimization" (2009), which evaluates points twice.
//!
//! **What counts as best.** The learned policy is the mean of the distribution, which many starts have shaped. A single
//! point may be better, but the best of a generation of few starts is also the luckiest. So in every fourth generation
//! the mean, the best point of each generation since the last review, and the point that was proven before descend from
//! the common starts, too, as further members that don't move the distribution. A point that is better than the mean
//! there by more than twice the standard error of their differences is the learned policy until the next review;
//! otherwise it is the mean again.
//!
//! **The budget.** A generation takes λ·starts episodes, and one with a review up to 7·starts more: with λ = 16 and 4
//! starts 64, and every fourth up to 92. So N episodes are at most N/(λ·starts) generations; five are the least that is
//! worth a search. While ranks are noise, generations grow, and their number falls; they don't grow where the rest
//! of the budget (estimated from the share of the training that is done) would hold fewer than three of the larger ones.
//! At the end of the training the last generation counts with those starts from which all its members have descended, so
//! that no more than the episodes of one start are lost for each generation that is under way.
//!
//! Episodes of a generation are numbered start by start: with m members, its episode e is member e mod m on its start
//! e div m. Environments that are done early begin with the next generation. Its first few policies are then
//! sampled before the last results are in; CMA-ES tolerates that.

mod distribution;
mod eigen;
mod generation;
mod memory;
mod ranks;
mod settings;

use std::collections::VecDeque;

use descender_control::{Action, ActionSpace, Policy, PolicyHead};
use descender_nn::NetworkSpecification;
use descender_random::stream;

use crate::episode_return::EpisodeReturn;
use crate::purpose;
use crate::registry::BuiltInAgent;
use crate::saved_state;
use crate::whole_policy::WholePolicy;
use crate::{Agent, AgentBuilder, AgentError, AgentStateError, LearnReport, Transition};
use distribution::Distribution;
use generation::Generation;
use memory::{Memory, STATE_TAG, Seat};
pub use settings::EvolutionSettings;

/// Ranks by two halves of the starts that correlate less than this are taken for noise.
pub const AGREEMENT: f64 = 0.3;

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
    /// Whether all episodes have ended, so that what is incomplete stays so.
    over: bool,
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
        let WholePolicy {
            specification,
            head,
            parameters,
        } = WholePolicy::new(observation_len, &settings.hidden, space, environments)?;
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
                end: 0,
                end_of_starts: 0,
                starts: settings.starts,
                bests: Vec::new(),
                champion: None,
                ended: 0,
                progress: 0.0,
                seats: vec![None; environments],
                rejected_transitions: 0,
            },
            over: false,
            acting: vec![zero; environments],
            specification,
        })
    }

    fn policy_at(&self, point: &[f64]) -> Policy {
        let parameters = point.iter().map(|&x| x as f32).collect();
        Policy::with_head(self.head, self.specification.clone(), parameters)
            .expect("building the agent has shown that its network makes a policy")
    }

    /// The point of a member of a generation, sampled now if it is the first time that it is asked for.
    fn point(&mut self, generation: u64, member: usize) -> Vec<f64> {
        let memory = &mut self.memory;
        let place = (generation - memory.first) as usize;
        let generation = &mut memory.generations[place];
        loop {
            if let Some(point) = generation.point(member) {
                return point.to_vec();
            }
            let (distribution, sampling) = (&memory.distribution, &mut memory.sampling);
            let direction = distribution.direction(&generation.directions, sampling);
            generation.points.extend(distribution.pair(&direction));
            generation.directions.push(direction);
        }
    }

    /// The first generation, if it is complete or, at the end of the training, as far as it is.
    fn take_generation(&mut self) -> Option<Generation> {
        let generations = &mut self.memory.generations;
        let front = generations.front_mut()?;
        let usable = front.is_complete() || self.over && front.cut_to_complete_starts();
        usable.then(|| self.memory.first += 1)?;
        generations.pop_front()
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
        let start_in = |generation: &Generation| {
            let (start, _) = generation.place(episode);
            generation.first_start + start as u64
        };
        let mut begun = self.memory.generations.iter().rev();
        match begun.find(|generation| generation.first_episode <= episode) {
            Some(generation) if episode < self.memory.end => start_in(generation),
            _ => start_in(&self.memory.next_generation(self.settings.population)),
        }
    }

    fn begin(&mut self, environment: usize, episode: u64) {
        let population = self.settings.population;
        let Some(number) = self.memory.generation_of(episode, population) else {
            // Its generation is complete: nothing is to be learned from it.
            self.memory.seats[environment] = None;
            return;
        };
        let (start, member) = self.memory.generation(number).place(episode);
        let point = self.point(number, member);
        self.acting[environment] = self.policy_at(&point);
        self.memory.seats[environment] = Some(Seat {
            generation: number,
            start,
            member,
            earned: EpisodeReturn::new(),
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
        if !seat.earned.add(&transition) {
            let rejected = &mut self.memory.rejected_transitions;
            *rejected = rejected.saturating_add(1);
        }
        if transition.terminated || transition.truncated {
            let seat = *seat;
            self.memory.seats[environment] = None;
            self.memory.ended += 1;
            let generation = self.memory.generation(seat.generation);
            generation.returns[seat.start][seat.member] = Some(seat.earned.value());
        }
    }

    fn learn(&mut self) -> Option<LearnReport> {
        let generation = self.take_generation()?;
        let outcome = generation.outcome();
        let memory = &mut self.memory;
        let reliable = outcome
            .agreement
            .is_none_or(|agreement| agreement >= AGREEMENT);
        let ranked = generation.ranked(&outcome.ranking);
        memory.distribution.follow(&ranked, reliable);
        // Once: not again for a generation that began before the number grew.
        if !reliable && generation.starts == memory.starts {
            memory.double_starts(&self.settings);
        }
        if !generation.reviewed.is_empty() {
            memory.champion = generation.proven().map(<[f64]>::to_vec);
        }
        memory.bests.push(ranked[0].point.to_vec());
        let values = outcome.ranking.iter().map(|value| value.0);
        let finite: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        Some(LearnReport {
            updates: 1,
            loss: -outcome.ranking[0].0 as f32,
            mean_q: (finite.iter().sum::<f64>() / finite.len() as f64) as f32,
            exploration: memory.distribution.spread(),
            skipped_updates: 0,
            rejected_transitions: memory.rejected_transitions,
        })
    }

    /// The mean of the distribution, or the point that was clearly better in the last review.
    fn policy(&self) -> Policy {
        let memory = &self.memory;
        let mean = memory.distribution.mean();
        self.policy_at(memory.champion.as_deref().unwrap_or(mean))
    }

    fn set_progress(&mut self, fraction: f64) {
        let fraction = if fraction.is_nan() { 0.0 } else { fraction };
        self.memory.progress = fraction.clamp(0.0, 1.0);
        self.over = self.memory.progress == 1.0;
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.memory).expect("writing plain numbers to memory can't fail")
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
        let memory: Memory = saved_state::read(Self::NAME, &STATE_TAG, state)?;
        memory.check_like(&self.memory, &self.settings)?;

        for (place, seat) in memory.seats.iter().enumerate() {
            let Some(seat) = seat else { continue };
            let generation = &memory.generations[(seat.generation - memory.first) as usize];
            let point = generation.point(seat.member);
            self.acting[place] = self.policy_at(point.expect("the check has found it"));
        }
        self.over = false;
        self.memory = memory;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
