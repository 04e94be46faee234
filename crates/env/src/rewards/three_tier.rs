//! The paper's reward: three tiers of which the first that applies wins.
//!
//! At every step t (from 0) of an episode of at most T steps:
//!
//! ```text
//! tier 1   η is outside its bounds                                         out_of_bounds, and the episode ends
//! tier 2   max − min of the last `window` losses ≤ small_range             tier2     (η is too small)
//! tier 3   the loss is above the minimum of the first half of the losses   tier3     (η is too large)
//!          the loss is at or below the threshold, not paid for before      threshold_bonus · (1 − t/T)
//!          the loss is below all earlier ones                              new_minimum · (1 − t/T)
//!          none of these                                                   0
//! ```
//!
//! The paper prints neither the magnitudes nor the formulas. Ours, and all of them settings: "small" is an absolute
//! range; tier 2 says nothing until its window is full; "the first half" is that of the losses seen so far in the
//! episode, this one included (losses 0 to ⌊(t+1)/2⌋ − 1); what is paid for a new minimum or the threshold falls
//! linearly with the steps used, from all of it at step 0 to nothing at step T, and the threshold pays once, at the
//! first loss at or below it that tiers 2 and 3 leave to it.
//!
//! As the small range is absolute, tier 2 doesn't only find an η that is too small: a good descent that has
//! converged, whose losses all lie between 0 and the small range, is punished at every step, too. A smaller
//! `small_range` puts that off, but then also misses the descents that creep.
//!
//! # Why the magnitudes matter
//! An agent that discounts by γ values living in the worst tier forever at tier/(1−γ). If leaving the bounds costs no
//! more than that, ending the episode is the best it can do in a bad spot, and it learns to end episodes on purpose.
//! With −10, −1, −0.5 and γ = 0.9 the two are equal. So
//!
//! ```text
//! |out_of_bounds| > interval · max(|tier2|, |tier3|) / (1 − γ)
//! ```
//!
//! must hold; [`EnvironmentSettings::check_survival`](crate::EnvironmentSettings::check_survival) asks for half as much
//! again. That is enough for an agent that knows every value exactly. One that learns them from samples meets the
//! bounds once in an episode and blurs their edge, so it needs much more; the defaults leave a wide margin. An agent
//! under the Huber loss learns large penalties slowly: give it smaller ones, or bounds that clip.

use descender_task::StateError;
use serde::{Deserialize, Serialize};

use super::registry::{BuiltInReward, restore, save};
use crate::ending::check_penalty;
use crate::error::require;
use crate::recent::Recent;
use crate::reward::{EpisodeShape, Reward, StepReward};
use crate::{Ending, EnvironmentSettingsError};

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
    /// Largest range (maximum minus minimum) of these losses that counts as small, 0 or more. Default 0.1, which is
    /// ours: the paper gives no figure, nor whether the range is absolute.
    pub small_range: f64,
    /// Tier 3: reward of a step whose loss is above the minimum of the first half, 0 or less. Default −0.1.
    pub tier3: f64,
    /// Reward for a new minimum at step 0, 0 or more; falls linearly to 0 at the last step. Default 2.
    pub new_minimum: f64,
    /// Reward for the first loss at or below the threshold (that no tier punishes) at step 0, 0 or more; falls
    /// linearly to 0 at the last step. Default 20.
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

impl BuiltInReward for ThreeTierSettings {
    const NAME: &'static str = "three-tier";
    const DESCRIPTION: &'static str = "the paper's: leaving the bounds, a loss that stalls, a loss that rises; pays for new minima and the threshold";

    fn check(&self) -> Result<(), EnvironmentSettingsError> {
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

    fn build(&self) -> Box<dyn Reward> {
        Box::new(ThreeTier::new(self.clone()))
    }
}

/// The reward at work.
#[derive(Clone, Debug)]
struct ThreeTier {
    settings: ThreeTierSettings,
    shape: EpisodeShape,
    memory: Memory,
}

/// What it remembers within an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Memory {
    recent: Recent,
    /// `minima[i]`: the smallest of the losses 0..=i.
    minima: Vec<f32>,
    /// The threshold has been paid for.
    paid: bool,
}

impl ThreeTier {
    fn new(settings: ThreeTierSettings) -> Self {
        Self {
            settings,
            shape: EpisodeShape::new(0.0, 0),
            memory: Memory {
                recent: Recent::new(1),
                minima: Vec::new(),
                paid: false,
            },
        }
    }
}

impl Reward for ThreeTier {
    fn name(&self) -> &str {
        ThreeTierSettings::NAME
    }

    fn ending(&self) -> Ending {
        Ending {
            out_of_bounds: self.settings.out_of_bounds,
            divergence: self.settings.divergence,
        }
    }

    fn worst_step(&self) -> Option<f64> {
        Some(self.settings.tier2.min(self.settings.tier3))
    }

    fn reset(&mut self, shape: &EpisodeShape) {
        self.shape = *shape;
        let memory = &mut self.memory;
        if !memory.recent.fits(self.settings.window) {
            memory.recent = Recent::new(self.settings.window);
        }
        memory.recent.clear();
        memory.minima.clear();
        // An absurd number of steps must not ask for all the memory there is.
        let capacity = usize::try_from(shape.steps).unwrap_or(usize::MAX);
        memory.minima.reserve(capacity.min(1 << 20));
        memory.paid = false;
    }

    fn step(&mut self, loss: f32) -> StepReward {
        let (settings, memory) = (&self.settings, &mut self.memory);
        let step = memory.minima.len();
        let minimum_before = memory.minima.last().copied().unwrap_or(f32::INFINITY);
        memory.recent.push(loss);
        memory.minima.push(minimum_before.min(loss));

        let half = step.div_ceil(2);
        let unused = (1.0 - step as f64 / self.shape.steps as f64).max(0.0);
        let value = if memory.recent.is_full()
            && f64::from(memory.recent.range()) <= settings.small_range
        {
            settings.tier2
        } else if half > 0 && loss > memory.minima[half - 1] {
            settings.tier3
        } else if loss <= self.shape.threshold && !memory.paid {
            memory.paid = true;
            settings.threshold_bonus * unused
        } else if loss < minimum_before {
            settings.new_minimum * unused
        } else {
            0.0
        };
        StepReward { value, ends: false }
    }

    fn save(&self) -> Vec<u8> {
        save(&self.memory)
    }

    fn restore(&mut self, memory: &[u8]) -> Result<(), StateError> {
        let memory: Memory = restore(ThreeTierSettings::NAME, memory)?;
        if !memory.recent.fits(self.settings.window) {
            let expected = format!("that of {} losses", self.settings.window);
            return Err(StateError::mismatch("window", "another one", expected));
        }
        self.memory = memory;
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Reward> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rewards of a sequence of losses under threshold 0.02, T = 10.
    fn rewards(settings: &ThreeTierSettings, losses: &[f32]) -> Vec<f64> {
        let mut reward = ThreeTier::new(settings.clone());
        reward.reset(&EpisodeShape::new(0.02, 10));
        losses.iter().map(|&loss| reward.step(loss).value).collect()
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

    /// The threshold is reached while a tier punishes: the bonus waits for the first step that is not punished.
    #[test]
    fn a_bonus_that_a_tier_holds_back_is_paid_later() {
        let settings = ThreeTierSettings {
            window: 2,
            small_range: 0.004,
            ..ThreeTierSettings::default()
        };
        // Steps:         0     1      2      3      4     5
        let losses = [0.5, 0.019, 0.018, 0.012, 0.011, 0.5];
        let got = rewards(&settings, &losses);
        assert_eq!(
            got[1],
            20.0 * 0.9,
            "the window is wide, and the bonus is paid at once"
        );
        let creeping = [0.021, 0.019, 0.018, 0.012, 0.011, 0.001];
        let got = rewards(&settings, &creeping);
        // Steps 1 and 2 lie close together (tier 2), step 3 is free, step 4 is close again, step 5 a new minimum.
        let expected = [2.0, -0.2, -0.2, 20.0 * 0.7, -0.2, 2.0 * 0.5];
        for (step, (got, expected)) in got.iter().zip(expected).enumerate() {
            assert!(
                (got - expected).abs() < 1e-12,
                "step {step}: {got}, not {expected}"
            );
        }
        // Held back by tier 3: 0.02 is at the threshold, but above the minimum of the first half.
        let settings = ThreeTierSettings::default();
        let mut reward = ThreeTier::new(settings);
        reward.reset(&EpisodeShape::new(0.01, 10));
        let mut step = |threshold, loss| {
            reward.shape.threshold = threshold;
            reward.step(loss).value
        };
        assert_eq!(step(0.01, 0.015), 2.0);
        assert_eq!(step(0.02, 0.02), -0.1);
        assert!((step(0.02, 0.01) - 20.0 * 0.8).abs() < 1e-12);
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
