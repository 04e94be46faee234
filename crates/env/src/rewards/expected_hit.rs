//! Reward for an early hit, from its probability instead of the event.
//!
//! The first step at which a batch loss is at or below the threshold is a noisy event. Its probability is not noisy. At
//! each decision, h is [computed](crate::HitProbability) from the probe losses, and a decision followed by k steps
//! earns
//!
//! ```text
//! −step_cost · (1 + (1−h) + … + (1−h)^(k−1))  +  potential_weight · (d·φ' − φ)
//! φ = −ln(mean probe loss),   d = discount · (1 − h)^k
//! ```
//!
//! The first part is the cost of the steps before the hit. The second part pays for a falling loss long before a hit is
//! in sight. It is the difference of a potential, so it leaves the best policy as it is if the agent discounts by d
//! (A. Ng, D. Harada, S. Russell, "Policy invariance under reward transformations", ICML 1999).
//!
//! The descent itself goes on after a hit. "The episode goes on" then has the probability (1−h)^k, and the agent must
//! know it: where the loss is low, h and φ are both high, and the difference of the potential alone looks like a
//! punishment. [`StepOutcome::continuation`](crate::StepOutcome::continuation) is (1−h)^k. An agent that multiplies its
//! γ by it learns the expected time to the hit. For an agent that cannot, `weigh_by_survival` multiplies each reward by
//! the probability that there was no hit earlier in the episode, which gives the same returns under a plain γ. Only
//! with that setting does the plain sum of the rewards (the score) rank episodes. The
//! [expected hit](crate::EpisodeSummary::expected_hit) always does.
//!
//! It matters which examples the probe has. A hit comes in the first pass through the data or soon after it, so its
//! batch holds examples that were not trained on yet. The losses of a probe of training examples fall below those of
//! a new batch, and more so under a policy that takes large steps. With `unseen` the probe is made of the selection
//! data, which are never trained on.
//!
//! With `final_weight` the reward has a second objective: a good network at the end of the budget. The last step of a
//! whole descent then earns −`final_weight`·ln(loss on the selection data), as under `final-loss`.

use descender_task::StateError;
use serde::{Deserialize, Serialize};

use super::registry::{BuiltInReward, restore, save};
use crate::error::require;
use crate::hit_probability::HitProbability;
use crate::reward::{DecisionReward, EpisodeShape, ProbeExamples, Reward, RewardNeeds, StepReward};
use crate::{Ending, EnvironmentSettingsError};

/// Settings of the reward for an early expected hit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExpectedHitSettings {
    /// Cost of each step before the hit, 0 or more. Default 0.01.
    pub step_cost: f64,
    /// Weight of the potential, 0 or more. Default 0.5.
    pub potential_weight: f64,
    /// γ in the potential's difference, in [0, 1]; the agent's own. Default 0.99.
    pub discount: f64,
    /// Examples in a batch that is imagined from the probe, from 1, for descents that don't tell the size of their own
    /// batches: those of every built-in task tell. Default 32.
    pub batch_size: u32,
    /// A mean probe loss below this counts as this much, above 0. Default 1e-6.
    pub floor: f64,
    /// The episode ends (as reached) once the probability that there was no hit yet is below this, in [0, 1): what
    /// comes after hardly counts. Default 0: never.
    pub settled_below: f64,
    /// Whether rewards are multiplied by the probability that there was no hit before. Default false.
    pub weigh_by_survival: bool,
    /// Whether the probe is made of the selection data, which are never trained on, instead of training examples.
    /// Default false.
    pub unseen: bool,
    /// Weight of the log loss on the selection data after the last step, 0 or more; above 0 only with
    /// `weigh_by_survival`, and with `settled_below` 0, as the last step must be reached. Default 0.
    pub final_weight: f64,
    /// Reward when the descent diverges, 0 or less. Default −5.
    pub divergence: f64,
    /// Reward when η leaves its bounds and that ends the episode, 0 or less. Default −15: more than living can
    /// cost at γ = 0.99 with a decision every 10 steps.
    pub out_of_bounds: f64,
}

impl Default for ExpectedHitSettings {
    fn default() -> Self {
        Self {
            step_cost: 0.01,
            potential_weight: 0.5,
            discount: 0.99,
            batch_size: 32,
            floor: 1e-6,
            settled_below: 0.0,
            weigh_by_survival: false,
            unseen: false,
            final_weight: 0.0,
            divergence: -5.0,
            out_of_bounds: -15.0,
        }
    }
}

impl ExpectedHitSettings {
    /// The reward for the loss on the selection data after the last step; that of a divergence if the loss is not
    /// finite.
    fn final_value(&self, loss: f32) -> f64 {
        if loss.is_finite() {
            -self.final_weight * f64::from(loss).max(self.floor).ln()
        } else {
            self.divergence
        }
    }
}

impl BuiltInReward for ExpectedHitSettings {
    const NAME: &'static str = "expected-hit";
    const DESCRIPTION: &'static str = "time to the threshold in expectation, from the losses of a few fixed examples, plus the fall of their log mean";

    fn check(&self) -> Result<(), EnvironmentSettingsError> {
        for (setting, value) in [
            ("reward.step_cost", self.step_cost),
            ("reward.potential_weight", self.potential_weight),
            ("reward.final_weight", self.final_weight),
        ] {
            require(
                (0.0..=1e6).contains(&value),
                setting,
                value,
                "a number from 0 to 1e6",
            )?;
        }
        require(
            (0.0..=1.0).contains(&self.discount),
            "reward.discount",
            self.discount,
            "a number from 0 to 1",
        )?;
        require(
            (1..=100_000).contains(&self.batch_size),
            "reward.batch_size",
            self.batch_size,
            "a whole number from 1 to 100000",
        )?;
        require(
            (0.0..1.0).contains(&self.settled_below),
            "reward.settled_below",
            self.settled_below,
            "a probability, at least 0 and below 1",
        )?;
        require(
            self.final_weight == 0.0 || (self.weigh_by_survival && self.settled_below == 0.0),
            "reward.final_weight",
            self.final_weight,
            "0, or reward.weigh_by_survival = true and reward.settled_below = 0",
        )?;
        require(
            self.floor.is_normal() && self.floor > 0.0,
            "reward.floor",
            self.floor,
            "a finite number above 0",
        )
    }

    fn build(&self) -> Box<dyn Reward> {
        Box::new(ExpectedHit::new(self.clone()))
    }
}

/// The reward at work.
#[derive(Clone, Debug)]
struct ExpectedHit {
    settings: ExpectedHitSettings,
    shape: EpisodeShape,
    /// Of the shape's threshold; `None` before the first reset.
    hit_probability: Option<HitProbability>,
    memory: Memory,
}

/// What it remembers within an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Memory {
    /// φ at the last decision.
    potential: f64,
    /// Probability that no step so far has hit.
    survival: f64,
    /// Σ over the steps so far of the probability that no step up to this one has hit.
    expected: f64,
    /// Steps accounted for.
    steps: u64,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            potential: 0.0,
            survival: 1.0,
            expected: 0.0,
            steps: 0,
        }
    }
}

impl Memory {
    /// Takes in `steps` more; returns the expected number of them that are made before the hit, if there was
    /// none before, and (1 − h)^steps.
    fn survive(&mut self, h: f64, steps: u64) -> (f64, f64) {
        let stay = 1.0 - h;
        let (mut alive, mut before) = (1.0, 0.0);
        for _ in 0..steps {
            before += alive;
            alive *= stay;
        }
        // A hit at step t costs t: of the steps' survivals, the ones after each step count.
        self.expected += self.survival * (before - 1.0 + alive).max(0.0);
        self.survival *= alive;
        self.steps += steps;
        (before, alive)
    }
}

impl ExpectedHit {
    fn new(settings: ExpectedHitSettings) -> Self {
        Self {
            settings,
            shape: EpisodeShape::new(0.0, 0),
            hit_probability: None,
            memory: Memory::default(),
        }
    }

    fn hit_probability(&mut self, probe: &[f32]) -> f64 {
        self.hit_probability
            .as_mut()
            .map_or(0.0, |hit_probability| hit_probability.of(probe))
    }

    /// φ of the probe losses.
    fn potential_of(&self, losses: &[f32]) -> f64 {
        let sum: f64 = losses.iter().map(|&loss| f64::from(loss)).sum();
        let mean = sum / losses.len().max(1) as f64;
        // A probe that overflowed while its descent still lives counts as the largest loss there is.
        let mean = if mean.is_finite() {
            mean
        } else {
            f64::from(f32::MAX)
        };
        -mean.max(self.settings.floor).ln()
    }

    /// Takes in the episode's first step: `h` and the probe losses after it.
    fn begin_with(&mut self, h: f64, losses: &[f32]) {
        self.memory.potential = self.potential_of(losses);
        self.memory.survive(h, 1);
    }

    /// Takes in the `steps` steps of a decision: `h` and the probe losses after them.
    fn decide_with(&mut self, h: f64, steps: u64, losses: &[f32]) -> DecisionReward {
        let weight = if self.settings.weigh_by_survival {
            self.memory.survival
        } else {
            1.0
        };
        let (alive, continuation) = self.memory.survive(h, steps);
        let potential = self.potential_of(losses);
        let settings = &self.settings;
        let shaping = settings.discount * continuation * potential - self.memory.potential;
        self.memory.potential = potential;
        DecisionReward {
            value: weight * (settings.potential_weight * shaping - settings.step_cost * alive),
            continuation: if settings.weigh_by_survival {
                1.0
            } else {
                continuation
            },
            ends: self.memory.survival < settings.settled_below,
        }
    }
}

impl Reward for ExpectedHit {
    fn name(&self) -> &str {
        ExpectedHitSettings::NAME
    }

    fn ending(&self) -> Ending {
        Ending {
            out_of_bounds: self.settings.out_of_bounds,
            divergence: self.settings.divergence,
        }
    }

    fn needs(&self) -> RewardNeeds {
        RewardNeeds {
            probe: if self.settings.unseen {
                ProbeExamples::Selection
            } else {
                ProbeExamples::Training
            },
            final_loss: self.settings.final_weight > 0.0,
        }
    }

    fn worst_step(&self) -> Option<f64> {
        Some(-self.settings.step_cost)
    }

    fn reset(&mut self, shape: &EpisodeShape) {
        if self.hit_probability.is_none() || self.shape != *shape {
            let own = shape.batch_size.and_then(|size| u32::try_from(size).ok());
            let batch_size = own.unwrap_or(self.settings.batch_size);
            self.hit_probability = Some(HitProbability::new(shape.threshold, batch_size));
        }
        self.shape = *shape;
        self.memory = Memory::default();
    }

    fn step(&mut self, _loss: f32) -> StepReward {
        StepReward::NOTHING
    }

    fn begin(&mut self, probe: &[f32]) {
        let h = self.hit_probability(probe);
        self.begin_with(h, probe);
    }

    fn decide(&mut self, steps: u64, probe: &[f32]) -> DecisionReward {
        let h = self.hit_probability(probe);
        self.decide_with(h, steps, probe)
    }

    fn finish(&mut self, loss: f32) -> f64 {
        self.settings.final_value(loss)
    }

    /// From step 0; the episode's number of steps where there is no hit. Steps that the episode has not made, or that
    /// nothing is known about, count as steps without a hit.
    fn expected_hit(&self) -> Option<f64> {
        let memory = &self.memory;
        let rest = self.shape.steps.saturating_sub(memory.steps);
        Some(memory.expected + memory.survival * rest as f64)
    }

    fn save(&self) -> Vec<u8> {
        save(&self.memory)
    }

    fn restore(&mut self, memory: &[u8]) -> Result<(), StateError> {
        self.memory = restore(ExpectedHitSettings::NAME, memory)?;
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Reward> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests;
