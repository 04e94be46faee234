//! Rewards: what an agent is paid for steering a descent.
//!
//! Each kind has a file of its own with its formula; [`RewardSettings`] picks one and carries its magnitudes. All kinds
//! see the same things: the batch loss of every step (taken before that step's update, so that an action shows in the
//! loss one step later), and, where they ask for it, the losses of the probe at each decision. The rewards
//! of the steps between two decisions add up.
//!
//! An episode that ends badly earns a fixed reward at that step, in place of the step's own: `out_of_bounds` where η
//! left its bounds (in the bounds mode `end`), `divergence` where the descent diverged.

mod ending;
pub mod expected_hit;
pub mod final_loss;
pub mod hit_probability;
pub mod log_loss;
#[cfg(test)]
mod survival;
pub mod three_tier;
pub mod time_to_threshold;

use serde::{Deserialize, Serialize};

pub use ending::Ending;
pub use expected_hit::ExpectedHitSettings;
pub use final_loss::FinalLossSettings;
pub use hit_probability::HitProbability;
pub use log_loss::LogLossSettings;
pub use three_tier::ThreeTierSettings;
pub use time_to_threshold::TimeToThresholdSettings;

use crate::SettingsError;

/// Which reward, with its settings; in a configuration file a section with the kind as `name`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RewardSettings {
    /// The paper's three tiers.
    ThreeTier(ThreeTierSettings),
    /// Fall of the smoothed log loss.
    LogLoss(LogLossSettings),
    /// Every step costs until the threshold is reached.
    TimeToThreshold(TimeToThresholdSettings),
    /// The same, with the probability of a hit in place of the hit.
    ExpectedHit(ExpectedHitSettings),
    /// The loss on the selection data after the last step.
    FinalLoss(FinalLossSettings),
}

impl Default for RewardSettings {
    /// The paper's reward.
    fn default() -> Self {
        Self::ThreeTier(ThreeTierSettings::default())
    }
}

const NAMES: &[(&str, &str)] = &[
    (
        "three-tier",
        "the paper's: leaving the bounds, a loss that stalls, a loss that rises; pays for new minima and the threshold",
    ),
    (
        "log-loss",
        "dense: how much the smoothed log loss fell since the last decision",
    ),
    (
        "time-to-threshold",
        "sparse: every step costs until the batch loss is at the threshold, with a bonus there",
    ),
    (
        "expected-hit",
        "time to the threshold in expectation, from the losses of a few fixed examples, plus the fall of their log mean",
    ),
    (
        "final-loss",
        "the log loss on data not trained on, at the end of a known budget of steps",
    ),
];

impl RewardSettings {
    /// Name and one-line description of every kind.
    #[must_use]
    pub fn names() -> &'static [(&'static str, &'static str)] {
        NAMES
    }

    /// The settings of whatever kind it is.
    fn kind(&self) -> &dyn Kind {
        match self {
            Self::ThreeTier(settings) => settings,
            Self::LogLoss(settings) => settings,
            Self::TimeToThreshold(settings) => settings,
            Self::ExpectedHit(settings) => settings,
            Self::FinalLoss(settings) => settings,
        }
    }

    /// The name of this kind.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind().name()
    }

    /// The kind called `name`, with default settings.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        [
            Self::ThreeTier(ThreeTierSettings::default()),
            Self::LogLoss(LogLossSettings::default()),
            Self::TimeToThreshold(TimeToThresholdSettings::default()),
            Self::ExpectedHit(ExpectedHitSettings::default()),
            Self::FinalLoss(FinalLossSettings::default()),
        ]
        .into_iter()
        .find(|settings| settings.name() == name)
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.kind().check()?;
        self.ending().check()
    }

    /// What the bad ends of an episode earn.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.kind().ending()
    }

    /// The most that living on can cost an agent that discounts each decision (every `interval` steps) by
    /// `discount` in [0, 1): interval · (worst reward of a step) / (1 − γ).
    ///
    /// `None` for `log-loss` and `final-loss`, under which no step has a worst reward. The potential of `expected-hit` adds up to a
    /// difference of its ends and is left out.
    #[must_use]
    pub fn living_cost(&self, discount: f64, interval: u32) -> Option<f64> {
        let step_cost = self.kind().worst_step()?.abs();
        let decision_cost = f64::from(interval) * step_cost;
        Some(if decision_cost == 0.0 {
            0.0
        } else if (0.0..1.0).contains(&discount) {
            decision_cost / (1.0 - discount)
        } else {
            f64::INFINITY
        })
    }

    /// Whether the reward needs the probe losses.
    pub(crate) fn needs_probe(&self) -> bool {
        matches!(self, Self::ExpectedHit(_))
    }

    /// Whether the reward looks at the selection data after the last step.
    pub(crate) fn needs_final_loss(&self) -> bool {
        match self {
            Self::ExpectedHit(settings) => settings.final_weight > 0.0,
            Self::FinalLoss(_) => true,
            _ => false,
        }
    }

    /// Whether the probe is made of the selection data.
    pub(crate) fn needs_unseen_probe(&self) -> bool {
        matches!(self, Self::ExpectedHit(settings) if settings.unseen)
    }
}

/// What the settings of every kind of reward tell.
trait Kind {
    /// The kind's name in files.
    fn name(&self) -> &'static str;

    /// Checks every setting but those of the [ending](Kind::ending).
    fn check(&self) -> Result<(), SettingsError>;

    fn ending(&self) -> Ending;

    /// The least that a step of living on can earn; `None` where there is no such least.
    fn worst_step(&self) -> Option<f64>;
}

/// What one step of the descent earned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StepReward {
    pub(crate) value: f64,
    /// The reward asks for the episode to end here: its goal is reached.
    pub(crate) ends: bool,
}

/// What the interval as a whole earned, beside its steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DecisionReward {
    pub(crate) value: f64,
    /// Probability that the episode goes on, as far as the reward is concerned.
    pub(crate) continuation: f64,
    /// The reward asks for the episode to end here: what comes after hardly counts.
    pub(crate) ends: bool,
}

/// A reward at work in one episode.
#[derive(Clone, Debug)]
pub(crate) struct Reward {
    settings: RewardSettings,
    threshold: f32,
    /// Steps of a whole episode.
    steps: u64,
    hit_probability: Option<HitProbability>,
    memory: RewardMemory,
}

/// What a reward must carry for an exact continuation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum RewardMemory {
    ThreeTier(three_tier::ThreeTier),
    LogLoss(log_loss::LogLoss),
    TimeToThreshold(time_to_threshold::TimeToThreshold),
    ExpectedHit(expected_hit::ExpectedHit),
    FinalLoss,
}

impl Reward {
    /// The reward of `settings` (checked before) for episodes of at most `steps` steps.
    pub(crate) fn new(settings: &RewardSettings, threshold: f32, steps: u64) -> Self {
        let memory = match settings {
            RewardSettings::ThreeTier(settings) => {
                RewardMemory::ThreeTier(three_tier::ThreeTier::new(settings, steps))
            }
            RewardSettings::LogLoss(_) => RewardMemory::LogLoss(Default::default()),
            RewardSettings::TimeToThreshold(_) => RewardMemory::TimeToThreshold(Default::default()),
            RewardSettings::ExpectedHit(_) => RewardMemory::ExpectedHit(Default::default()),
            RewardSettings::FinalLoss(_) => RewardMemory::FinalLoss,
        };
        let hit_probability = match settings {
            RewardSettings::ExpectedHit(settings) => {
                Some(HitProbability::new(threshold, settings.batch_size))
            }
            _ => None,
        };
        Self {
            settings: settings.clone(),
            threshold,
            steps,
            hit_probability,
            memory,
        }
    }

    /// Forgets the episode.
    pub(crate) fn reset(&mut self) {
        match &mut self.memory {
            RewardMemory::ThreeTier(memory) => memory.reset(),
            RewardMemory::LogLoss(memory) => memory.reset(),
            RewardMemory::TimeToThreshold(memory) => memory.reset(),
            RewardMemory::ExpectedHit(memory) => memory.reset(),
            RewardMemory::FinalLoss => {}
        }
    }

    /// Takes in the loss of one more step, a finite number.
    pub(crate) fn step(&mut self, loss: f32) -> StepReward {
        match (&mut self.memory, &self.settings) {
            (RewardMemory::ThreeTier(memory), RewardSettings::ThreeTier(settings)) => {
                memory.step(settings, self.threshold, self.steps, loss)
            }
            (RewardMemory::LogLoss(memory), RewardSettings::LogLoss(settings)) => {
                memory.step(settings, loss);
                StepReward::NOTHING
            }
            (RewardMemory::TimeToThreshold(memory), RewardSettings::TimeToThreshold(settings)) => {
                memory.step(settings, self.threshold, loss)
            }
            _ => StepReward::NOTHING,
        }
    }

    /// After the episode's first step, which earns nothing: what the first decision will be measured against.
    pub(crate) fn begin(&mut self, probe: &[f32]) {
        let h = self.hit_probability(probe);
        match (&mut self.memory, &self.settings) {
            (RewardMemory::LogLoss(memory), _) => memory.begin(),
            (RewardMemory::ExpectedHit(memory), RewardSettings::ExpectedHit(settings)) => {
                memory.begin(settings, h, probe);
            }
            _ => {}
        }
    }

    /// After the `steps` steps that followed a decision.
    pub(crate) fn decide(&mut self, steps: u64, probe: &[f32]) -> DecisionReward {
        let h = self.hit_probability(probe);
        match (&mut self.memory, &self.settings) {
            (RewardMemory::LogLoss(memory), RewardSettings::LogLoss(settings)) => DecisionReward {
                value: memory.decide(settings),
                continuation: 1.0,
                ends: false,
            },
            (RewardMemory::ExpectedHit(memory), RewardSettings::ExpectedHit(settings)) => {
                memory.decide(settings, h, steps, probe)
            }
            _ => DecisionReward {
                value: 0.0,
                continuation: 1.0,
                ends: false,
            },
        }
    }

    /// After the last step of a whole descent, with the loss on the selection data.
    pub(crate) fn finish(&self, loss: f32) -> f64 {
        match &self.settings {
            RewardSettings::FinalLoss(settings) => settings.value(loss),
            RewardSettings::ExpectedHit(settings) => settings.final_value(loss),
            _ => 0.0,
        }
    }

    fn hit_probability(&mut self, probe: &[f32]) -> f64 {
        self.hit_probability
            .as_mut()
            .map_or(0.0, |hit_probability| hit_probability.of(probe))
    }

    /// The expected first hit of the episode so far, if the reward knows it.
    pub(crate) fn expected_hit(&self) -> Option<f64> {
        match &self.memory {
            RewardMemory::ExpectedHit(memory) => Some(memory.expected_hit(self.steps)),
            _ => None,
        }
    }

    pub(crate) fn memory(&self) -> &RewardMemory {
        &self.memory
    }

    /// Whether `memory`, read from a saved state, can be a memory of this reward.
    pub(crate) fn accepts(&self, memory: &RewardMemory) -> bool {
        match (memory, &self.settings) {
            (RewardMemory::ThreeTier(memory), RewardSettings::ThreeTier(settings)) => {
                memory.fits(settings)
            }
            (RewardMemory::LogLoss(_), RewardSettings::LogLoss(_))
            | (RewardMemory::TimeToThreshold(_), RewardSettings::TimeToThreshold(_))
            | (RewardMemory::ExpectedHit(_), RewardSettings::ExpectedHit(_))
            | (RewardMemory::FinalLoss, RewardSettings::FinalLoss(_)) => true,
            _ => false,
        }
    }

    /// Continues with a memory that was [accepted](Self::accepts).
    pub(crate) fn restore(&mut self, memory: RewardMemory) {
        self.memory = memory;
    }
}

impl StepReward {
    pub(crate) const NOTHING: Self = Self {
        value: 0.0,
        ends: false,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_for_its_kind_and_its_default_passes() {
        for (name, description) in RewardSettings::names() {
            let settings = RewardSettings::by_name(name).unwrap();
            assert_eq!(settings.name(), *name);
            assert!(!description.is_empty());
            settings.check().unwrap();
            let ending = settings.ending();
            assert!(ending.out_of_bounds < 0.0 && ending.divergence < 0.0);
        }
        assert_eq!(RewardSettings::by_name("four-tier"), None);
    }

    #[test]
    fn living_costs_the_worst_step_for_ever() {
        let cost = |name: &str, discount, interval| {
            let settings = RewardSettings::by_name(name).unwrap();
            settings.living_cost(discount, interval)
        };
        let close = |value: Option<f64>, expected: f64| (value.unwrap() - expected).abs() < 1e-9;
        assert!(close(cost("three-tier", 0.9, 1), 0.2 / 0.1));
        assert!(close(cost("three-tier", 0.9, 10), 2.0 / 0.1));
        assert!(close(cost("time-to-threshold", 0.99, 10), 0.1 / 0.01));
        assert!(close(cost("expected-hit", 0.99, 10), 0.1 / 0.01));
        assert_eq!(cost("log-loss", 0.9, 1), None);
        // Without a discount, any cost of living adds up to more than any penalty.
        assert_eq!(cost("three-tier", 1.0, 1), Some(f64::INFINITY));
    }
}
