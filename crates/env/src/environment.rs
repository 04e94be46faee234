//! A descent as a reinforcement-learning environment, with the meaning of Gymnasium's five-tuple.
//!
//! [`Environment::reset`] begins a descent at a start point, makes one update with h(μ0) and observes, as in Algorithm 1
//! of the paper. [`Environment::step`] changes μ by an action, makes `interval` updates with it (fewer if the episode
//! ends before), and returns the sum of their rewards. The next observation is [`Environment::observation`]. What
//! Gymnasium calls `info` is in [`StepOutcome`] and [`EpisodeSummary`].
//!
//! An episode *terminates* if nothing of value can follow: η left its bounds (mode `end`), the descent diverged, or the
//! reward's goal is reached and the reward ends episodes there. It is *truncated* if the steps are used up or the score
//! is too low: the descent could go on, so an agent bootstraps. An end inside the interval takes effect at once. If two
//! ends coincide, a termination wins over a truncation.

use descender_control::{Action, ActionSpace, ControlLoop, ControlState};
use descender_optim::{HyperParameters, Method};
use descender_task::{Capabilities, Descent, Split, StartPoint};
use serde::{Deserialize, Serialize};

use crate::divergence::DivergenceWatch;
use crate::reward::{EpisodeShape, ProbeExamples, Reward, RewardNeeds};
use crate::selection_probe::selection_probe;
use crate::summary::Tally;
use crate::{
    BoundsMode, EndReason, EnvironmentError, EnvironmentSettings, EnvironmentSettingsError,
    EnvironmentStateError, EpisodeSummary,
};

/// The outcome of one decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepOutcome {
    /// Sum of the rewards of the decision's steps.
    pub reward: f32,
    /// The episode terminated: nothing follows it.
    pub terminated: bool,
    /// The episode was truncated: its return would continue.
    pub truncated: bool,
    /// Why the episode ended, if it did.
    pub end: Option<EndReason>,
    /// Steps of the descent made.
    pub steps: u64,
    /// Probability that the episode goes on, as far as the reward is concerned: a factor for the agent's γ beside
    /// `terminated`. 1 unless the reward says otherwise, as `expected-hit` does (the probability of no hit in these
    /// steps). 0 after the last step of a whole descent if the reward needs the final loss.
    pub continuation: f32,
}

/// One descent, its control and its reward.
pub struct Environment {
    descent: Box<dyn Descent>,
    settings: EnvironmentSettings,
    control: ControlLoop,
    reward: Box<dyn Reward>,
    episode: Episode,
    observation: Vec<f32>,
    probe: Vec<f32>,
    /// Losses of the examples that the observation asks for.
    probed: Vec<f32>,
}

/// The state of an episode besides descent, control and reward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Episode {
    running: bool,
    end: Option<EndReason>,
    /// The first step, that of the reset, already ended the episode: the next decision says so, with this reward.
    pending: Option<(f64, EndReason)>,
    tally: Tally,
    divergence: DivergenceWatch,
}

/// Examples that the reward looks at, where it asks for a probe.
const PROBES: usize = 256;

/// Version of the saved state.
const STATE_VERSION: u32 = 3;

#[derive(Serialize)]
struct SavedRef<'a> {
    version: u32,
    episode: &'a Episode,
    control: ControlState,
    reward: SavedReward,
    descent: Vec<u8>,
}

#[derive(Deserialize)]
struct Saved {
    version: u32,
    episode: Episode,
    control: ControlState,
    reward: SavedReward,
    descent: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct SavedReward {
    name: String,
    memory: Vec<u8>,
}

impl Environment {
    /// An environment over `descent`, which trains under `method`. It has no episode before
    /// [`reset`](Environment::reset).
    ///
    /// # Errors
    /// A setting of the environment or of the method is impossible, or the reward needs something that the descent
    /// doesn't have.
    pub fn new(
        descent: Box<dyn Descent>,
        method: Method,
        settings: EnvironmentSettings,
    ) -> Result<Self, EnvironmentError> {
        settings.check()?;
        method.check()?;
        let control =
            ControlLoop::new(&settings.control, method).map_err(EnvironmentSettingsError::from)?;
        let mut reward = settings.reward.build()?;
        reward.reset(&shape(&settings, &*descent));
        check_capabilities(&*reward, descent.capabilities())?;
        Ok(Self {
            descent,
            observation: vec![0.0; control.observation_len()],
            control,
            reward,
            episode: Episode {
                running: false,
                end: None,
                pending: None,
                tally: Tally::new(),
                divergence: DivergenceWatch::default(),
            },
            probe: Vec::new(),
            probed: Vec::new(),
            settings,
        })
    }

    /// Begins an episode from `start`: one update with h(μ0), and an observation. The update earns nothing.
    pub fn reset(&mut self, start: StartPoint) {
        let fixed = self.settings.control.initial_learning_rate;
        self.control
            .start(self.settings.start_learning_rate.draw(fixed, start));
        self.descent.reset(start);
        self.reward.reset(&shape(&self.settings, &*self.descent));
        self.episode.running = true;
        self.episode.end = None;
        self.episode.tally.reset();
        self.episode.divergence = DivergenceWatch::default();
        let (reward, end) = self.descend();
        self.episode.pending = end.map(|end| (reward, end));
        self.look();
        self.reward.begin(&self.probe);
        self.control.observation(&mut self.observation);
    }

    /// Takes one decision: changes μ by `action` and makes the steps up to the next one.
    ///
    /// An action outside of the [action space](Environment::action_space) changes nothing. Without a running
    /// episode nothing happens: the outcome has no reward and says how the episode ended (before the first reset:
    /// truncated).
    pub fn step(&mut self, action: &Action) -> StepOutcome {
        if !self.episode.running {
            return outcome(0.0, self.episode.end, true, 0, 1.0);
        }
        self.episode.tally.decisions += 1;
        let (mut reward, mut end, mut steps) = (0.0, None, 0);
        let mut continuation = 1.0;
        if let Some((value, reason)) = self.episode.pending.take() {
            (reward, end) = (value, Some(reason));
        } else if !self.control.apply(action).is_inside()
            && self.settings.bounds_mode == BoundsMode::End
        {
            (reward, end) = (self.reward.ending().out_of_bounds, Some(EndReason::Bounds));
        } else {
            while end.is_none() {
                let value;
                (value, end) = self.descend();
                reward += value;
                steps += 1;
                if self.control.is_decision() {
                    break;
                }
            }
            if end != Some(EndReason::Diverged) {
                self.look();
                let interval = self.reward.decide(steps, &self.probe);
                reward += interval.value;
                continuation = interval.continuation;
                if end == Some(EndReason::Time) && self.reward.needs().final_loss {
                    let loss = self.selection_loss();
                    reward += self.reward.finish(loss);
                    continuation = 0.0; // the budget is used up
                } else if end.is_none() && interval.ends {
                    end = Some(EndReason::Reached);
                }
            }
        }
        self.episode.tally.pay(reward, continuation);
        if end.is_none() && self.episode.tally.score < self.settings.score_threshold {
            end = Some(EndReason::Score);
        }
        self.episode.end = end;
        self.episode.running = end.is_none();
        self.control.observation(&mut self.observation);
        outcome(reward, end, false, steps, continuation)
    }

    /// One step of the descent: its reward, and the end that it brings.
    fn descend(&mut self) -> (f64, Option<EndReason>) {
        let mu = *self.control.hyper_parameters();
        let feedback = self.descent.step(std::slice::from_ref(&mu));
        let chance_loss = self.descent.chance_loss();
        let episode = &mut self.episode;
        episode
            .tally
            .record(feedback.loss, mu.learning_rate, self.settings.threshold);
        if episode
            .divergence
            .has_diverged(&self.settings.divergence, chance_loss, &feedback)
        {
            // Not recorded: what the agent sees stays finite.
            return (self.reward.ending().divergence, Some(EndReason::Diverged));
        }
        if let Some(examples) = self.control.wants_probe() {
            let loss = selection_probe(&mut *self.descent, examples, &mut self.probed);
            self.control.probe(loss);
        }
        self.control.record(&feedback);
        let reward = self.reward.step(feedback.loss);
        let end = if reward.ends {
            Some(EndReason::Reached)
        } else if episode.tally.steps >= self.settings.steps {
            Some(EndReason::Time)
        } else {
            None
        };
        (reward.value, end)
    }

    /// Takes the losses of the probe, if the reward asks for them.
    fn look(&mut self) {
        let split = match self.reward.needs().probe {
            ProbeExamples::None => return,
            ProbeExamples::Training => Split::Training,
            ProbeExamples::Selection => Split::Selection,
        };
        let probed = self.descent.probe(split, PROBES, &mut self.probe);
        debug_assert!(probed, "the constructor has asked for it");
    }

    /// The loss on the selection data, which the constructor has asked for.
    fn selection_loss(&mut self) -> f32 {
        let evaluation = self.descent.evaluate(Split::Selection);
        evaluation.map_or(f32::NAN, |evaluation| evaluation.loss)
    }

    /// What the agent sees now; all zeros before the first reset.
    #[must_use]
    pub fn observation(&self) -> &[f32] {
        &self.observation
    }

    /// The shape of an action.
    #[must_use]
    pub fn action_space(&self) -> ActionSpace {
        self.control.action_space()
    }

    /// μ of the next step.
    #[must_use]
    pub fn hyper_parameters(&self) -> &HyperParameters {
        self.control.hyper_parameters()
    }

    /// Steps of the descent made in this episode, including that of the reset.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.episode.tally.steps
    }

    /// Whether an episode is running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.episode.running
    }

    /// The summary of the episode so far.
    #[must_use]
    pub fn summary(&self) -> EpisodeSummary {
        self.episode
            .tally
            .summary(self.reward.expected_hit(), self.episode.end)
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &EnvironmentSettings {
        &self.settings
    }

    /// The descent, for an evaluation during the episode.
    pub fn descent(&mut self) -> &mut dyn Descent {
        &mut *self.descent
    }

    /// The state for an exact continuation, even in the middle of an episode; `None` if the descent can't be saved.
    #[must_use]
    pub fn save(&self) -> Option<Vec<u8>> {
        let saved = SavedRef {
            version: STATE_VERSION,
            episode: &self.episode,
            control: self.control.state(),
            reward: SavedReward {
                name: self.reward.name().to_owned(),
                memory: self.reward.save(),
            },
            descent: self.descent.save()?,
        };
        Some(
            postcard::to_stdvec(&saved).expect("plain numbers and lists always have a binary form"),
        )
    }

    /// Continues, with the same bits, from a `state` that an environment with the same settings saved.
    ///
    /// # Errors
    /// The bytes are not a state, or the state of an environment with other settings. This environment is then
    /// unchanged.
    pub fn restore(&mut self, state: &[u8]) -> Result<(), EnvironmentStateError> {
        let (saved, rest): (Saved, &[u8]) = postcard::take_from_bytes(state)
            .map_err(|error| EnvironmentStateError::Unreadable(error.to_string()))?;
        if !rest.is_empty() {
            return Err(EnvironmentStateError::Unreadable(format!(
                "{} bytes too many",
                rest.len()
            )));
        }
        let fits = |condition: bool, what: &'static str, expected: &str| {
            if condition {
                return Ok(());
            }
            Err(EnvironmentStateError::Mismatch {
                what,
                expected: expected.to_owned(),
            })
        };
        fits(
            saved.version == STATE_VERSION,
            "version",
            &STATE_VERSION.to_string(),
        )?;
        fits(
            saved.episode.tally.fits(),
            "list of last losses",
            "50 of them",
        )?;
        fits(
            saved.episode.tally.steps <= self.settings.steps,
            "number of steps",
            &format!("at most {}", self.settings.steps),
        )?;
        fits(
            self.reward.name() == saved.reward.name,
            "reward",
            self.reward.name(),
        )?;
        let mut reward = self.reward.boxed_clone();
        reward
            .restore(&saved.reward.memory)
            .map_err(EnvironmentStateError::Reward)?;
        let mut control = self.control.clone();
        control.restore(saved.control)?;
        self.descent
            .restore(&saved.descent)
            .map_err(EnvironmentStateError::Descent)?;
        self.control = control;
        self.reward = reward;
        self.episode = saved.episode;
        self.control.observation(&mut self.observation);
        Ok(())
    }
}

/// What the reward is told of the episodes.
fn shape(settings: &EnvironmentSettings, descent: &dyn Descent) -> EpisodeShape {
    EpisodeShape {
        batch_size: descent.batch_size(),
        ..EpisodeShape::new(settings.threshold, settings.steps)
    }
}

/// Rejects a reward that needs something that the descents don't have.
fn check_capabilities(
    reward: &dyn Reward,
    capabilities: Capabilities,
) -> Result<(), EnvironmentError> {
    let RewardNeeds {
        probe, final_loss, ..
    } = reward.needs();
    let lacks = |what| {
        Err(EnvironmentError::Incapable {
            reward: reward.name().to_owned(),
            what,
        })
    };
    if probe != ProbeExamples::None && !capabilities.probe {
        return lacks("a probe: the losses of a few fixed examples");
    }
    if (probe == ProbeExamples::Selection || final_loss) && !capabilities.selection {
        return lacks("selection data");
    }
    Ok(())
}

fn outcome(
    reward: f64,
    end: Option<EndReason>,
    idle: bool,
    steps: u64,
    continuation: f64,
) -> StepOutcome {
    let terminated = end.is_some_and(EndReason::is_termination);
    StepOutcome {
        reward: reward as f32,
        terminated,
        truncated: !terminated && (idle || end.is_some()),
        end,
        steps,
        continuation: continuation as f32,
    }
}

#[cfg(test)]
mod tests;
