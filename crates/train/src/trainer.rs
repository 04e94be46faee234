//! Training of a controller: the loop in which environments step side by side and the agent learns.
//!
//! A [`Trainer`] moves in rounds. In each round every environment takes one decision; the agent receives the
//! transitions in the order of the environments, and learns. An environment whose episode has ended begins the next one
//! at once, and the episodes are numbered in the order in which they begin. So the result depends on the number of
//! environments, but never on the number of threads. A trainer that is saved after any round continues with the same
//! bits.

use std::time::{Duration, Instant};

use descender_agent::{Agent, AgentError, LearnReport, Transition};
use descender_control::Action;
use descender_env::{EndReason, Environment, StepOutcome, vector};
use descender_random::{Purpose, below, stream};
use descender_task::{Problem, StartPoint, StartPurpose};
use serde::{Deserialize, Serialize};

use crate::candidate::Candidate;
use crate::candidates::Candidates;
use crate::configuration::{Configuration, TrainingStarts};
use crate::episode_record::EpisodeRecord;
use crate::error::TrainError;

/// Seeds of the learners after the first.
const LEARNER_SEED: Purpose = Purpose::new(15, "seeds of learners");

/// One environment with its episode.
struct Seat {
    environment: Environment,
    /// Number of the running episode; `None` when there are no more episodes for it.
    episode: Option<u64>,
    /// Index of the episode's start among the training starts.
    start: u64,
    /// What the agent saw when it chose the action.
    observation: Vec<f32>,
}

/// A training between two rounds.
pub struct Trainer {
    configuration: Configuration,
    /// The problem's identity.
    problem: String,
    seats: Vec<Seat>,
    agent: Box<dyn Agent>,
    progress: Progress,
    times: TrainingTimes,
}

/// The wall-clock time of a training's rounds, by activity. It is not part of the training's state or result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrainingTimes {
    /// The steps of the descents, with observations and rewards, in all environments side by side.
    pub descents: Duration,
    /// The agent: its actions, its memory and its learning.
    pub agent: Duration,
}

/// Counters and candidates of a training.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Episodes that have begun.
    pub episodes_begun: u64,
    /// Episodes that have ended.
    pub episodes_ended: u64,
    /// Decisions made, over all environments.
    pub decisions: u64,
    /// Steps of the descents made, over all environments.
    pub steps: u64,
    /// The learner's last report, if there was one.
    pub learned: Option<LearnReport>,
    /// Number of the current learner.
    pub learner: u64,
    /// Policies taken so far, as far as they are kept.
    pub candidates: Candidates,
}

/// The state for an exact continuation.
#[derive(Debug, Serialize, Deserialize)]
pub struct TrainerState {
    /// The settings, as TOML text.
    pub configuration: String,
    /// What the training learns on: [`Problem::identity`], which sees validation and selection data, too.
    pub problem: String,
    /// Length of `episodes.jsonl` in bytes.
    pub episodes_length: u64,
    progress: Progress,
    agent: Vec<u8>,
    seats: Vec<SavedSeat>,
}

/// An environment in a saved state.
#[derive(Debug, Serialize, Deserialize)]
struct SavedSeat {
    episode: Option<u64>,
    start: u64,
    environment: Vec<u8>,
}

impl TrainerState {
    /// The policies taken so far, as far as they are kept.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        self.progress.candidates.kept()
    }
}

impl Trainer {
    /// A training before its first round.
    ///
    /// # Errors
    /// Something that the settings name cannot be built.
    pub fn new(configuration: Configuration, problem: &dyn Problem) -> Result<Self, TrainError> {
        let mut seats = Vec::with_capacity(configuration.environments);
        for _ in 0..configuration.environments {
            let descent = problem.descent(configuration.optimizer)?;
            let environment = Environment::new(
                descent,
                configuration.optimizer,
                configuration.environment.clone(),
            )?;
            let observation = vec![0.0; environment.observation().len()];
            seats.push(Seat {
                environment,
                episode: None,
                start: 0,
                observation,
            });
        }
        let agent = learner(&configuration, &seats[0].environment, 0)?;
        let mut trainer = Self {
            configuration,
            problem: problem.identity(),
            seats,
            agent,
            progress: Progress::default(),
            times: TrainingTimes::default(),
        };
        for seat in 0..trainer.seats.len() {
            trainer.begin_episode(seat);
        }
        Ok(trainer)
    }

    /// A training that continues from a saved state.
    ///
    /// # Errors
    /// The state does not fit the settings.
    pub fn restore(
        configuration: Configuration,
        problem: &dyn Problem,
        state: TrainerState,
    ) -> Result<Self, TrainError> {
        let mismatch = |part: &'static str, message: &dyn std::fmt::Display| TrainError::State {
            part,
            message: message.to_string(),
        };
        if state.configuration != configuration.to_toml() {
            return Err(mismatch(
                "the run",
                &"config.toml was changed after the checkpoint was written",
            ));
        }
        let (then, now) = (state.problem, problem.identity());
        if then != now {
            return Err(TrainError::Changed(changes(&then, &now)));
        }
        if state.seats.len() != configuration.environments {
            return Err(mismatch(
                "the environments",
                &format!("{} of them", state.seats.len()),
            ));
        }
        let mut trainer = Self::new(configuration, problem)?;
        let environment = &trainer.seats[0].environment;
        trainer.agent = learner(&trainer.configuration, environment, state.progress.learner)?;
        trainer
            .agent
            .restore(&state.agent)
            .map_err(|error| mismatch("the agent", &error))?;
        for (seat, saved) in trainer.seats.iter_mut().zip(state.seats) {
            seat.environment
                .restore(&saved.environment)
                .map_err(|error| mismatch("an environment", &error))?;
            (seat.episode, seat.start) = (saved.episode, saved.start);
        }
        trainer.progress = state.progress;
        Ok(trainer)
    }

    /// Everything that an exact continuation needs; `None` if the problem's descents can't be saved.
    #[must_use]
    pub fn save(&self, episodes_length: u64) -> Option<TrainerState> {
        let seats: Option<Vec<_>> = (self.seats.iter())
            .map(|seat| {
                Some(SavedSeat {
                    episode: seat.episode,
                    start: seat.start,
                    environment: seat.environment.save()?,
                })
            })
            .collect();
        Some(TrainerState {
            configuration: self.configuration.to_toml(),
            problem: self.problem.clone(),
            episodes_length,
            progress: self.progress.clone(),
            agent: self.agent.save(),
            seats: seats?,
        })
    }

    /// Settings of the training.
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Counters and candidates.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Adds a scored candidate.
    pub fn add_candidate(&mut self, candidate: Candidate) {
        let finalists = self.configuration.selection.finalists;
        self.progress.candidates.add(candidate, finalists);
    }

    /// The agent's policy as it is now.
    #[must_use]
    pub fn policy(&self) -> descender_control::Policy {
        self.agent.policy()
    }

    /// The time of the rounds since the last call, or since the training was made.
    pub fn take_times(&mut self) -> TrainingTimes {
        std::mem::take(&mut self.times)
    }

    /// Whether all episodes have ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.progress.episodes_ended == self.configuration.episodes
    }

    /// Whether all episodes of the current learner have ended.
    #[must_use]
    pub fn learner_is_done(&self) -> bool {
        self.progress.episodes_ended == self.episodes_of_learners(self.progress.learner + 1)
    }

    /// Episodes of the first `count` learners.
    fn episodes_of_learners(&self, count: u64) -> u64 {
        self.configuration.episodes / self.configuration.learners * count
    }

    /// Share of the training that is done, in [0, 1]: ended episodes and the finished parts of running ones.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        let running: f64 = self
            .seats
            .iter()
            .filter(|seat| seat.episode.is_some())
            .map(|seat| {
                seat.environment.steps() as f64 / self.configuration.environment.steps as f64
            })
            .sum();
        ((self.progress.episodes_ended as f64 + running) / self.configuration.episodes as f64)
            .clamp(0.0, 1.0)
    }

    /// One decision in every environment that has an episode, and the agent's learning. Returns the records of the
    /// episodes that ended, in the order of the environments. If a learner is done, the next one begins first. After the
    /// last episode of a learner the agent learns once more.
    ///
    /// # Errors
    /// The next learner cannot be built.
    pub fn round(&mut self) -> Result<Vec<EpisodeRecord>, TrainError> {
        if self.learner_is_done() && !self.is_done() {
            self.begin_learner()?;
        }
        let began = Instant::now();
        let learners = self.configuration.learners as f64;
        let fraction = self.fraction() * learners - self.progress.learner as f64;
        self.agent.set_progress(fraction.clamp(0.0, 1.0));
        let mut actions: Vec<Option<Action>> = Vec::with_capacity(self.seats.len());
        for (number, seat) in self.seats.iter_mut().enumerate() {
            actions.push(seat.episode.map(|_| {
                seat.observation
                    .copy_from_slice(seat.environment.observation());
                self.agent.act(number, &seat.observation)
            }));
        }
        let before: u64 = self.seats.iter().map(|seat| seat.environment.steps()).sum();
        let stepping = Instant::now();
        let outcomes: Vec<Option<StepOutcome>> = vector::step_all(
            self.seats.iter_mut().map(|seat| &mut seat.environment),
            &actions,
        );
        let descents = stepping.elapsed();
        let after: u64 = self.seats.iter().map(|seat| seat.environment.steps()).sum();
        self.progress.steps += after - before;
        for (number, ((seat, action), outcome)) in
            self.seats.iter().zip(&actions).zip(&outcomes).enumerate()
        {
            if let (Some(action), Some(outcome)) = (action, outcome) {
                self.progress.decisions += 1;
                self.agent.observe(
                    number,
                    Transition {
                        observation: &seat.observation,
                        action,
                        reward: outcome.reward,
                        next_observation: seat.environment.observation(),
                        terminated: outcome.terminated,
                        truncated: outcome.truncated,
                        continuation: outcome.continuation,
                    },
                );
            }
        }
        self.learn();
        self.times.descents += descents;
        self.times.agent += began.elapsed().saturating_sub(descents);
        let mut ended = Vec::new();
        for (number, outcome) in outcomes.iter().enumerate() {
            if outcome
                .as_ref()
                .is_some_and(|outcome| outcome.terminated || outcome.truncated)
            {
                ended.push(self.record(number));
                self.progress.episodes_ended += 1;
                self.begin_episode(number);
            }
        }
        if self.learner_is_done() {
            // What the agent has kept for later is of use now or never.
            self.agent.set_progress(1.0);
            self.learn();
        }
        Ok(ended)
    }

    fn learn(&mut self) {
        if let Some(report) = self.agent.learn() {
            self.progress.learned = Some(report);
        }
    }

    fn begin_learner(&mut self) -> Result<(), TrainError> {
        self.progress.learner += 1;
        self.progress.learned = None;
        self.agent = learner(
            &self.configuration,
            &self.seats[0].environment,
            self.progress.learner,
        )?;
        for seat in 0..self.seats.len() {
            self.begin_episode(seat);
        }
        Ok(())
    }

    fn begin_episode(&mut self, seat: usize) {
        let episode = self.progress.episodes_begun;
        if episode == self.episodes_of_learners(self.progress.learner + 1) {
            self.seats[seat].episode = None;
            return;
        }
        self.progress.episodes_begun += 1;
        let start = self.start_of(episode);
        let before = self.episodes_of_learners(self.progress.learner);
        self.agent.begin(seat, episode - before);
        self.seats[seat].episode = Some(episode);
        self.seats[seat].start = start.index;
        self.seats[seat].environment.reset(start);
    }

    fn start_of(&self, episode: u64) -> StartPoint {
        let before = self.episodes_of_learners(self.progress.learner);
        let index = match self.configuration.training_starts {
            TrainingStarts::Fixed => 0,
            TrainingStarts::Random => before + self.agent.start_of(episode - before),
        };
        StartPoint {
            purpose: StartPurpose::Training,
            seed: self.configuration.seed,
            index,
        }
    }

    fn record(&self, number: usize) -> EpisodeRecord {
        let seat = &self.seats[number];
        let episode = seat.episode.unwrap_or_default();
        let learned = &self.progress.learned;
        let summary = seat.environment.summary();
        EpisodeRecord {
            episode,
            environment: number as u64,
            start: seat.start,
            steps: summary.steps,
            score: summary.score,
            end: summary.end.map_or("", EndReason::name).to_owned(),
            first_hit: summary.first_hit,
            minimum_loss: summary.minimum_loss,
            final_loss: summary.final_loss as f32,
            mean_learning_rate: summary.mean_learning_rate as f32,
            minimum_learning_rate: summary.minimum_learning_rate,
            maximum_learning_rate: summary.maximum_learning_rate,
            epsilon: learned.map_or(f32::NAN, |report| report.exploration as f32),
            learner_loss: learned.map_or(f32::NAN, |report| report.loss),
        }
    }
}

/// What differs between two identities of a problem: the parts between their commas, then and now.
fn changes(then: &str, now: &str) -> String {
    let [then, now] = [then, now].map(|identity| identity.split(", ").collect::<Vec<_>>());
    let only = |parts: &[&str], others: &[&str]| {
        let only: Vec<&str> = parts
            .iter()
            .filter(|part| !others.contains(part))
            .copied()
            .collect();
        only.join(", ")
    };
    format!("then {}; now {}", only(&then, &now), only(&now, &then))
}

/// The agent of learner `number`, as new. The first one's seed is the run's.
fn learner(
    configuration: &Configuration,
    environment: &Environment,
    number: u64,
) -> Result<Box<dyn Agent>, AgentError> {
    let seed = match number {
        0 => configuration.seed,
        further => {
            let mut drawn = stream(configuration.seed, LEARNER_SEED, further);
            below(&mut drawn, usize::MAX) as u64
        }
    };
    descender_agent::build(
        &configuration.agent,
        environment.observation().len(),
        environment.action_space(),
        configuration.environments,
        seed,
    )
}
