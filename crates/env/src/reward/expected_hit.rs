//! Reward for an early hit, with the luck of the batch taken out.
//!
//! The first step at which a batch loss is at or below the threshold is a noisy event. Its probability is not: at
//! each decision, h is [computed](super::HitProbability) from the probe losses, and a decision followed by k
//! steps earns
//!
//! ```text
//! −step_cost · (1 + (1−h) + … + (1−h)^(k−1))  +  potential_weight · (d·φ' − φ)
//! φ = −ln(mean probe loss),   d = discount · (1 − h)^k
//! ```
//!
//! The first part is what the steps cost that are made before the hit; the second pays for a falling loss long before a
//! hit is in sight, and, being the difference of a potential, leaves the best policy as it is (A. Ng, D. Harada,
//! S. Russell, "Policy invariance under reward transformations", ICML 1999), if the agent discounts by d.
//!
//! The descent itself goes on after a hit, so "the episode goes on" has the probability (1−h)^k here, and the agent must
//! know it: where the loss is low, h and φ are both high, and the potential's difference alone looks like a
//! punishment. [`StepOutcome::continuation`](crate::StepOutcome::continuation) is (1−h)^k, and an agent that multiplies its
//! γ by it (as those of `descender-agent` do) learns the expected time to the hit. For an agent that can't,
//! `weigh_by_survival` multiplies each reward by the probability that there was no hit earlier in the episode, which gives
//! the same returns under a plain γ. A plain sum of the rewards (the score) ranks nothing, unless they are so weighed; the
//! [expected hit](crate::EpisodeSummary::expected_hit) of the episode does.
//!
//! Which examples the probe has matters. A hit comes in the first pass through the data, or soon after it, so the batches
//! are examples that were not trained on yet; a probe of training examples is seen more often with each step, and its
//! losses fall below those of a new batch, for a policy that takes large steps more than for others. With `unseen` the
//! probe is made of the selection data instead, which are never trained on.
//!
//! Both objectives at once, an early hit and a good network at the end of the budget: with `final_weight` the last step of
//! a whole descent earns −`final_weight`·ln(loss on the selection data), as the reward
//! [`final-loss`](super::final_loss) does. A step before the hit costs `step_cost` = 0.01, so that with a weight of 1 ten steps
//! are worth a tenth of the loss.

use serde::{Deserialize, Serialize};

use super::{DecisionReward, Ending, Kind};
use crate::SettingsError;
use crate::error::require;

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
    /// Examples in a batch that is imagined from the probe, from 1. Default 32.
    pub batch_size: u32,
    /// A mean probe loss below this counts as this much, above 0. Default 1e-6.
    pub floor: f64,
    /// The episode ends (as reached) once the probability that there was no hit yet is below this, in [0, 1): what comes
    /// after hardly counts. Default 0: never.
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
    /// The reward for the loss on the selection data after the last step; that of a divergence where it is not a number.
    pub(super) fn final_value(&self, loss: f32) -> f64 {
        if loss.is_finite() {
            -self.final_weight * f64::from(loss).max(self.floor).ln()
        } else {
            self.divergence
        }
    }
}

impl Kind for ExpectedHitSettings {
    fn name(&self) -> &'static str {
        "expected-hit"
    }

    fn check(&self) -> Result<(), SettingsError> {
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

    fn ending(&self) -> Ending {
        Ending {
            out_of_bounds: self.out_of_bounds,
            divergence: self.divergence,
        }
    }

    fn worst_step(&self) -> Option<f64> {
        Some(-self.step_cost)
    }
}

/// The reward's memory within an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExpectedHit {
    /// φ at the last decision.
    potential: f64,
    /// Probability that no step so far has hit.
    survival: f64,
    /// Σ over the steps so far of the probability that no step up to this one has hit.
    expected: f64,
    /// Steps accounted for.
    steps: u64,
}

impl Default for ExpectedHit {
    fn default() -> Self {
        Self {
            potential: 0.0,
            survival: 1.0,
            expected: 0.0,
            steps: 0,
        }
    }
}

impl ExpectedHit {
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// φ of the probe losses.
    fn potential_of(settings: &ExpectedHitSettings, losses: &[f32]) -> f64 {
        let sum: f64 = losses.iter().map(|&loss| f64::from(loss)).sum();
        let mean = sum / losses.len().max(1) as f64;
        // A probe that overflowed while its descent still lives counts as the largest loss there is.
        let mean = if mean.is_finite() {
            mean
        } else {
            f64::from(f32::MAX)
        };
        -mean.max(settings.floor).ln()
    }

    /// Takes in the episode's first step: `h` and the probe losses after it.
    pub(super) fn begin(&mut self, settings: &ExpectedHitSettings, h: f64, losses: &[f32]) {
        self.potential = Self::potential_of(settings, losses);
        self.survive(h, 1);
    }

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

    pub(super) fn decide(
        &mut self,
        settings: &ExpectedHitSettings,
        h: f64,
        steps: u64,
        losses: &[f32],
    ) -> DecisionReward {
        let weight = if settings.weigh_by_survival {
            self.survival
        } else {
            1.0
        };
        let (alive, continuation) = self.survive(h, steps);
        let potential = Self::potential_of(settings, losses);
        let shaping = settings.discount * continuation * potential - self.potential;
        self.potential = potential;
        DecisionReward {
            value: weight * (settings.potential_weight * shaping - settings.step_cost * alive),
            continuation: if settings.weigh_by_survival {
                1.0
            } else {
                continuation
            },
            ends: self.survival < settings.settled_below,
        }
    }

    /// The expected first hit of an episode of `steps` steps (from 0; `steps` where there is none). Steps that the
    /// episode has not made, or that nothing is known about, count as steps without a hit.
    pub(super) fn expected_hit(&self, steps: u64) -> f64 {
        self.expected + self.survival * steps.saturating_sub(self.steps) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_formula_of_the_recipe() {
        let settings = ExpectedHitSettings::default();
        let mut reward = ExpectedHit::default();
        reward.begin(&settings, 0.0, &[2.0, 4.0]);
        let (h, k) = (0.1_f64, 10_u64);
        let got = reward.decide(&settings, h, k, &[0.5, 0.5]);
        let alive: f64 = (0..10).map(|i| 0.9_f64.powi(i)).sum();
        let d = 0.99 * 0.9_f64.powi(10);
        let expected = -0.01 * alive + 0.5 * (d * 2.0_f64.ln() - -(3.0_f64.ln()));
        assert!(
            (got.value - expected).abs() < 1e-12,
            "{} {expected}",
            got.value
        );
        assert!((got.continuation - 0.9_f64.powi(10)).abs() < 1e-12);
    }

    #[test]
    fn expected_hit_is_the_mean_of_the_first_hit() {
        let settings = ExpectedHitSettings::default();
        let mut reward = ExpectedHit::default();
        // Step 0 hits with 0.2, steps 1 to 3 with 0.5 each, the episode has 6 steps: 4 and 5 are not made.
        reward.begin(&settings, 0.2, &[1.0]);
        reward.decide(&settings, 0.5, 3, &[1.0]);
        let first = [0.2, 0.8 * 0.5, 0.8 * 0.25, 0.8 * 0.125];
        let never = 1.0 - first.iter().sum::<f64>();
        let mean: f64 = first
            .iter()
            .enumerate()
            .map(|(step, p)| step as f64 * p)
            .sum::<f64>()
            + 6.0 * never;
        assert!((reward.expected_hit(6) - mean).abs() < 1e-12);
    }

    /// Weighing by survival under a plain discount, and not weighing under the discount that
    /// [`DecisionReward::continuation`] asks for, give the same return.
    #[test]
    fn both_ways_to_say_that_the_hit_ends_it_agree() {
        let returns = |weigh_by_survival: bool| {
            let settings = ExpectedHitSettings {
                weigh_by_survival,
                ..ExpectedHitSettings::default()
            };
            let mut reward = ExpectedHit::default();
            reward.begin(&settings, 0.0, &[2.3]);
            let (mut sum, mut discount) = (0.0, 1.0);
            for (h, loss) in [(0.0, 1.0), (0.01, 0.3), (0.05, 0.1), (0.02, 0.2)] {
                let got = reward.decide(&settings, h, 10, &[loss]);
                sum += discount * got.value;
                discount *= 0.99 * got.continuation;
            }
            sum
        };
        assert!((returns(true) - returns(false)).abs() < 1e-12);
    }

    #[test]
    fn the_loss_at_the_end_counts_only_where_the_end_is_reached_whole() {
        let both = ExpectedHitSettings {
            final_weight: 2.0,
            weigh_by_survival: true,
            ..ExpectedHitSettings::default()
        };
        both.check().unwrap();
        assert!((both.final_value(0.1) - 2.0 * 10.0_f64.ln()).abs() < 1e-6);
        assert_eq!(both.final_value(f32::INFINITY), both.divergence);
        for wrong in [
            ExpectedHitSettings {
                weigh_by_survival: false,
                ..both.clone()
            },
            ExpectedHitSettings {
                settled_below: 0.1,
                ..both.clone()
            },
            ExpectedHitSettings {
                final_weight: f64::NAN,
                ..both.clone()
            },
        ] {
            let message = wrong.check().unwrap_err().to_string();
            assert!(message.contains("reward.final_weight"), "{message}");
        }
    }

    #[test]
    fn an_overflowing_probe_keeps_the_reward_finite() {
        let settings = ExpectedHitSettings::default();
        let mut reward = ExpectedHit::default();
        reward.begin(&settings, 0.0, &[]);
        for losses in [&[f32::INFINITY; 3], &[f32::NAN; 3], &[0.0; 3]] {
            assert!(reward.decide(&settings, 0.0, 1, losses).value.is_finite());
        }
    }
}
