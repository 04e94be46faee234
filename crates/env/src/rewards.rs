//! The built-in rewards, one a file: settings, formula, memory, source.
//!
//! [`RewardSettings`] names one of them and holds its settings, or holds a [`Reward`] of the program's own. To add a
//! built-in reward, write its file and register it below: a `mod` line, and an entry in the list. Its settings
//! implement `BuiltInReward`, and what they build implements [`Reward`].

pub mod expected_hit;
pub mod final_loss;
pub mod log_loss;
mod registry;
#[cfg(test)]
mod survival;
pub mod three_tier;
pub mod time_to_threshold;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::reward::Reward;
use crate::{EnvironmentSettingsError, Own};
use registry::{BuiltInReward, built_in_rewards};

pub use expected_hit::ExpectedHitSettings;
pub use final_loss::FinalLossSettings;
pub use log_loss::LogLossSettings;
pub use three_tier::ThreeTierSettings;
pub use time_to_threshold::TimeToThresholdSettings;

built_in_rewards! {
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

impl RewardSettings {
    /// A reward of the program's own, under the name that it gives itself.
    #[must_use]
    pub fn own(reward: impl Reward + 'static) -> Self {
        Self::Own(Own::new(reward.name().to_owned(), Arc::new(reward)))
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected. A reward of the program's
    /// own that was read from a file has no value, and is refused.
    pub fn check(&self) -> Result<(), EnvironmentSettingsError> {
        self.build().map(|_| ())
    }

    /// The reward, before its first [reset](Reward::reset).
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn build(&self) -> Result<Box<dyn Reward>, EnvironmentSettingsError> {
        self.check_fields()?;
        let reward = self.prototype()?;
        reward.ending().check()?;
        Ok(reward)
    }

    /// The most that living on can cost an agent that discounts each decision (every `interval` steps) by
    /// `discount` in [0, 1): interval · (worst reward of a step) / (1 − γ).
    ///
    /// `None` if no step has a [worst reward](Reward::worst_step), as under `log-loss` and `final-loss`. The potential
    /// of `expected-hit` adds up to a difference of its ends and is left out.
    #[must_use]
    pub fn living_cost(&self, discount: f64, interval: u32) -> Option<f64> {
        let step_cost = self.prototype().ok()?.worst_step()?.abs();
        let decision_cost = f64::from(interval) * step_cost;
        Some(if decision_cost == 0.0 {
            0.0
        } else if (0.0..1.0).contains(&discount) {
            decision_cost / (1.0 - discount)
        } else {
            f64::INFINITY
        })
    }
}

/// A clone of a reward of the program's own.
fn clone_of(own: &Own<dyn Reward>) -> Result<Box<dyn Reward>, EnvironmentSettingsError> {
    own.value()
        .map(|reward| reward.boxed_clone())
        .ok_or_else(|| {
            EnvironmentSettingsError::new(
                "reward.own",
                own.name(),
                "a reward that the program brings as a value; a file holds only its name",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::{Error as ValueError, MapDeserializer};

    fn from_file<'a>(
        entries: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<RewardSettings, ValueError> {
        RewardSettings::deserialize(MapDeserializer::new(entries.into_iter()))
    }

    #[test]
    fn every_name_stands_for_its_kind_and_its_default_passes() {
        for (name, description) in RewardSettings::names() {
            let settings = RewardSettings::by_name(name).unwrap();
            assert_eq!(settings.name(), *name);
            assert_eq!(from_file([("name", *name)]).unwrap(), settings);
            assert!(!description.is_empty());
            settings.check().unwrap();
            let reward = settings.build().unwrap();
            assert_eq!(reward.name(), *name);
            let ending = reward.ending();
            assert!(ending.out_of_bounds < 0.0 && ending.divergence < 0.0);
        }
        assert_eq!(RewardSettings::by_name("four-tier"), None);
        assert!(from_file([("name", "four-tier")]).is_err());
    }

    #[test]
    fn a_reward_of_the_program_s_own_is_a_name_in_a_file_and_then_refused() {
        let reward = RewardSettings::by_name("log-loss")
            .unwrap()
            .build()
            .unwrap();
        let own = RewardSettings::Own(Own::new("mine", Arc::from(reward)));
        own.check().unwrap();
        assert_eq!(own.name(), "mine");
        let read = from_file([("name", "own"), ("own", "mine")]).unwrap();
        assert_eq!(read, own);
        let message = read.check().unwrap_err().to_string();
        assert!(
            message.starts_with("reward.own = \"mine\": expected a reward"),
            "{message}"
        );
        assert_eq!(read.living_cost(0.9, 1), None);
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
