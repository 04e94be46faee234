//! The paper's reward: three tiers of which the first that applies wins.
//!
//! At every step t (from 0) of an episode of at most T steps:
//!
//! ```text
//! tier 1   η is outside its bounds                                         out_of_bounds, and the episode ends
//! tier 2   max − min of the last `window` losses ≤ small_range             tier2     (η is too small)
//! tier 3   the loss is above the minimum of the first half of the losses   tier3     (η is too large)
//!          the loss is at or below the threshold for the first time        threshold_bonus · (1 − t/T)
//!          the loss is below all earlier ones                              new_minimum · (1 − t/T)
//!          none of these                                                   0
//! ```
//!
//! The paper prints neither the magnitudes nor the formulas. Ours, and all of them settings: "small" is an absolute
//! range; tier 2 says nothing until its window is full; "the first half" is that of the losses seen so far in the
//! episode, this one included (losses 0 to ⌊(t+1)/2⌋ − 1); what is paid for a new minimum or the threshold falls
//! linearly with the steps used, from all of it at step 0 to nothing at step T, and the threshold pays once.
//!
//! # Why the magnitudes matter
//! An agent that discounts by γ values living in the worst tier forever at tier/(1−γ). If leaving the bounds costs no
//! more than that, ending the episode is the best it can do in a bad spot, and it learns to end episodes on purpose:
//! with −10, −1, −0.5 and γ = 0.9 the two are equal, and such an agent was seen to run out of the bounds within 20
//! steps on every start. So
//!
//! ```text
//! |out_of_bounds| > interval · max(|tier2|, |tier3|) / (1 − γ)
//! ```
//!
//! must hold ([`RewardSettings::survival_margin`](crate::RewardSettings::survival_margin)). That is enough for an agent
//! that knows every value exactly. One that learns them from samples meets the bounds once in an episode and blurs
//! their edge, so it needs much more. The paper's small deep Q-network was seen to stay inside in 20 of 48 greedy
//! descents (three trainings of 40 random starts, 8 checkpoints each, 2 descents of 500 steps each) with −10 against
//! −0.2 and −0.1, whose margin is 8 at γ = 0.9; in 32 with −100; and in 35 with −100 and four times the pay for
//! minima and the threshold, which also reached the threshold most often (18, against 5 and 14). These last are the
//! defaults. An agent under the Huber loss learns large penalties slowly: give it smaller ones, or bounds that clip.

use serde::{Deserialize, Serialize};

use super::{StepReward, check_penalty};
use crate::SettingsError;
use crate::error::require;
use crate::recent::Recent;

/// Settings of the paper's three-tier reward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThreeTierSettings {
    /// Tier 1: reward when η leaves its bounds, 0 or less. Default −100.
    pub out_of_bounds: f64,
    /// Reward when the descent diverges, 0 or less. Default −100. Keep it no worse than `out_of_bounds`, or
    /// leaving the bounds becomes a way to avoid a divergence.
    pub divergence: f64,
    /// Tier 2: reward of a step after which the last losses lie close together, 0 or less. Default −0.2.
    pub tier2: f64,
    /// Number of losses that tier 2 looks at, 2 or more. Default 20 (the paper).
    pub window: usize,
    /// Largest range (maximum minus minimum) of these losses that counts as small, 0 or more. Default 0.1.
    pub small_range: f64,
    /// Tier 3: reward of a step whose loss is above the minimum of the first half, 0 or less. Default −0.1.
    pub tier3: f64,
    /// Reward for a new minimum at step 0, 0 or more; falls linearly to 0 at the last step. Default 2.
    pub new_minimum: f64,
    /// Reward for the first loss at or below the threshold at step 0, 0 or more; falls linearly to 0 at the last
    /// step. Default 20.
    pub threshold_bonus: f64,
}

impl Default for ThreeTierSettings {
    fn default() -> Self {
        Self {
            out_of_bounds: -100.0,
            divergence: -100.0,
            tier2: -0.2,
            window: 20,
            small_range: 0.1,
            tier3: -0.1,
            new_minimum: 2.0,
            threshold_bonus: 20.0,
        }
    }
}

impl ThreeTierSettings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        check_penalty("reward.out_of_bounds", self.out_of_bounds)?;
        check_penalty("reward.divergence", self.divergence)?;
        check_penalty("reward.tier2", self.tier2)?;
        check_penalty("reward.tier3", self.tier3)?;
        require(
            (2..=1_000_000).contains(&self.window),
            "reward.window",
            self.window,
            "a whole number from 2 to 1000000",
        )?;
        for (setting, value) in [
            ("reward.small_range", self.small_range),
            ("reward.new_minimum", self.new_minimum),
            ("reward.threshold_bonus", self.threshold_bonus),
        ] {
            require(
                (0.0..=1e6).contains(&value),
                setting,
                value,
                "a number from 0 to 1e6",
            )?;
        }
        Ok(())
    }
}

/// The reward's memory within an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ThreeTier {
    recent: Recent,
    /// `minima[i]`: the smallest of the losses 0..=i.
    minima: Vec<f32>,
    reached: bool,
}

impl ThreeTier {
    pub(super) fn new(settings: &ThreeTierSettings, steps: u64) -> Self {
        // An absurd number of steps must not ask for all the memory there is.
        let capacity = usize::try_from(steps).unwrap_or(usize::MAX).min(1 << 20);
        Self {
            recent: Recent::new(settings.window),
            minima: Vec::with_capacity(capacity),
            reached: false,
        }
    }

    pub(super) fn reset(&mut self) {
        self.recent.clear();
        self.minima.clear();
        self.reached = false;
    }

    pub(super) fn step(
        &mut self,
        settings: &ThreeTierSettings,
        threshold: f32,
        steps: u64,
        loss: f32,
    ) -> StepReward {
        let step = self.minima.len();
        let minimum_before = self.minima.last().copied().unwrap_or(f32::INFINITY);
        self.recent.push(loss);
        self.minima.push(minimum_before.min(loss));
        let first_hit = loss <= threshold && !self.reached;
        self.reached |= first_hit;

        let half = step.div_ceil(2);
        let unused = (1.0 - step as f64 / steps as f64).max(0.0);
        let value =
            if self.recent.is_full() && f64::from(self.recent.range()) <= settings.small_range {
                settings.tier2
            } else if half > 0 && loss > self.minima[half - 1] {
                settings.tier3
            } else if first_hit {
                settings.threshold_bonus * unused
            } else if loss < minimum_before {
                settings.new_minimum * unused
            } else {
                0.0
            };
        StepReward { value, ends: false }
    }

    pub(super) fn fits(&self, settings: &ThreeTierSettings) -> bool {
        self.recent.fits(settings.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rewards of a sequence of losses under threshold 0.02, T = 10.
    fn rewards(settings: &ThreeTierSettings, losses: &[f32]) -> Vec<f64> {
        let mut reward = ThreeTier::new(settings, 10);
        losses
            .iter()
            .map(|&loss| reward.step(settings, 0.02, 10, loss).value)
            .collect()
    }

    #[test]
    fn each_tier_applies_where_the_specification_says() {
        let settings = ThreeTierSettings {
            window: 3,
            small_range: 0.1,
            ..ThreeTierSettings::default()
        };
        // Steps:              0    1    2    3     4     5     6
        let losses = [2.0, 1.0, 1.5, 2.5, 1.95, 0.01, 0.015];
        let got = rewards(&settings, &losses);
        let expected = [
            2.0,        // new minimum at step 0, nothing used yet
            2.0 * 0.9,  // new minimum at step 1
            0.0,        // first half {2.0}: not above it; no new minimum
            -0.1,       // first half {2.0, 1.0}: above 1.0
            -0.1,       // again
            20.0 * 0.5, // the threshold, at step 5 of 10
            0.0,        // the threshold pays once; first half {2, 1, 1.5}; no new minimum
        ];
        for (step, (got, expected)) in got.iter().zip(expected).enumerate() {
            assert!(
                (got - expected).abs() < 1e-12,
                "step {step}: {got}, not {expected}"
            );
        }
    }

    #[test]
    fn tier_2_needs_a_full_window_and_wins_over_tier_3() {
        let settings = ThreeTierSettings {
            window: 3,
            small_range: 0.1,
            ..ThreeTierSettings::default()
        };
        // Every loss is above the first, so tier 3 would apply from step 1 on.
        let got = rewards(&settings, &[1.0, 2.0, 2.05, 2.1, 3.0, 3.0, 3.0]);
        assert_eq!(got[1..], [-0.1, -0.1, -0.2, -0.1, -0.1, -0.2]);
    }

    #[test]
    fn a_window_that_is_never_full_never_punishes() {
        let settings = ThreeTierSettings::default();
        let got = rewards(&settings, &[1.0; 19]);
        assert!(got[1..].iter().all(|&reward| reward == 0.0));
        assert_eq!(rewards(&settings, &[1.0; 20])[19], -0.2);
    }
}
