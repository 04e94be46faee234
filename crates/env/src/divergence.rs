//! When a descent counts as lost: its numbers are not finite; and, if asked for, its loss is too large or stays near
//! chance for too long.
//!
//! The paper ends no episode because of the loss, so by default only numbers that are not finite do. The two other
//! rules, and all figures here, are ours.

use descender_optim::Feedback;
use serde::{Deserialize, Serialize};

use crate::EnvironmentSettingsError;
use crate::error::require;
use crate::smoothed::Smoothed;

/// When a descent counts as diverged. A step whose loss or statistics are not finite always does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DivergenceSettings {
    /// A batch loss above this is a divergence. Default infinity: off.
    pub max_loss: f64,
    /// A smoothed loss above this part of the [loss at chance](descender_task::Descent::chance_loss), ln(classes), is
    /// a divergence once `stuck_after` steps are made: a network that died at a large learning rate stays near
    /// chance for good. Default infinity: off. 0.955 is a loss of 2.2 where there are ten classes. A descent that is
    /// merely that slow is ended as well.
    pub stuck_fraction: f64,
    /// Steps before `stuck_fraction` counts. Default 120.
    pub stuck_after: u64,
    /// β of the smoothed loss s_t = β·s_{t−1} + (1−β)·loss_t, s_0 = loss_0, in [0, 1). Default 0.95.
    pub smoothing: f64,
}

impl Default for DivergenceSettings {
    fn default() -> Self {
        Self {
            max_loss: f64::INFINITY,
            stuck_fraction: f64::INFINITY,
            stuck_after: 120,
            smoothing: 0.95,
        }
    }
}

impl DivergenceSettings {
    pub(crate) fn check(&self) -> Result<(), EnvironmentSettingsError> {
        for (setting, value) in [
            ("divergence.max_loss", self.max_loss),
            ("divergence.stuck_fraction", self.stuck_fraction),
        ] {
            require(
                value > 0.0,
                setting,
                value,
                "a number above 0, or inf for off",
            )?;
        }
        require(
            (0.0..1.0).contains(&self.smoothing),
            "divergence.smoothing",
            self.smoothing,
            "a number from 0 to below 1",
        )
    }
}

/// Watches one descent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct DivergenceWatch {
    smoothed: Smoothed,
    steps: u64,
}

impl DivergenceWatch {
    /// Takes in the feedback of one more step of a descent with this loss at chance; true if the descent is lost.
    pub(crate) fn has_diverged(
        &mut self,
        settings: &DivergenceSettings,
        chance_loss: f32,
        feedback: &Feedback,
    ) -> bool {
        let statistics = &feedback.statistics;
        let finite = feedback.loss.is_finite()
            && statistics.gradient_mean.is_finite()
            && statistics.gradient_mean_absolute.is_finite()
            && statistics.gradient_sum_positive.is_finite()
            && statistics.gradient_sum_negative.is_finite()
            && statistics.relative_change.is_finite();
        if !finite {
            return true;
        }
        let loss = f64::from(feedback.loss);
        let smoothed = self.smoothed.push(settings.smoothing, loss);
        self.steps += 1;
        loss > settings.max_loss
            || (self.steps > settings.stuck_after
                && smoothed > settings.stuck_fraction * f64::from(chance_loss))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_optim::StepStatistics;

    /// The number of the step that is called a divergence, for a task of `classes` classes.
    fn ends_at(
        settings: &DivergenceSettings,
        classes: u8,
        losses: impl IntoIterator<Item = f32>,
    ) -> Option<usize> {
        let mut watch = DivergenceWatch::default();
        let chance_loss = f32::from(classes).ln();
        losses.into_iter().position(|loss| {
            let feedback = Feedback {
                step: 0,
                loss,
                statistics: StepStatistics::default(),
            };
            watch.has_diverged(settings, chance_loss, &feedback)
        })
    }

    #[test]
    fn each_of_the_three_ways_to_be_lost() {
        let settings = DivergenceSettings {
            max_loss: 50.0,
            stuck_fraction: 0.955,
            stuck_after: 3,
            smoothing: 0.5,
        };
        settings.check().unwrap();
        assert_eq!(ends_at(&settings, 10, [1.0, f32::NAN]), Some(1));
        assert_eq!(ends_at(&settings, 10, [1.0, 2.0, f32::INFINITY]), Some(2));
        assert_eq!(ends_at(&settings, 10, [1.0, 50.0, 50.1]), Some(2));
        // Three steps are free; at step 3 (the fourth) a network at chance counts as stuck.
        assert_eq!(ends_at(&settings, 10, [2.3; 10]), Some(3));
        // Smoothed 2.3, 2.3, 2.3, 1.3, 1.8, 2.05, then 2.175 and 2.2375.
        assert_eq!(
            ends_at(&settings, 10, [2.3, 2.3, 2.3, 0.3, 2.3, 2.3, 2.3, 2.3]),
            Some(7)
        );
        assert_eq!(ends_at(&settings, 10, [2.1; 100]), None);
    }

    #[test]
    fn chance_is_that_of_the_task() {
        let settings = DivergenceSettings {
            stuck_fraction: 0.955,
            ..DivergenceSettings::default()
        };
        // ln 2 ≈ 0.69, ln 10 ≈ 2.30, ln 100 ≈ 4.61.
        for (classes, stuck, slow) in [(2, 0.68, 0.65), (10, 2.25, 2.15), (100, 4.5, 4.3)] {
            assert_eq!(ends_at(&settings, classes, [stuck; 300]), Some(120));
            assert_eq!(ends_at(&settings, classes, [slow; 300]), None);
        }
    }

    #[test]
    fn by_default_nothing_but_what_is_not_finite_ends_a_descent() {
        let settings = DivergenceSettings::default();
        settings.check().unwrap();
        assert_eq!(ends_at(&settings, 10, [f32::MAX; 300]), None);
        assert_eq!(
            ends_at(&settings, 10, [f32::MAX, f32::NEG_INFINITY]),
            Some(1)
        );
    }

    #[test]
    fn a_gradient_that_is_not_finite_is_a_divergence_one_step_before_the_loss() {
        let mut feedback = Feedback {
            step: 0,
            loss: 1.0,
            statistics: StepStatistics::default(),
        };
        feedback.statistics.gradient_mean_absolute = f32::INFINITY;
        let settings = DivergenceSettings::default();
        assert!(DivergenceWatch::default().has_diverged(&settings, 2.3, &feedback));
    }
}
