//! When a descent counts as lost: its loss is not finite, too large, or stays high for too long.

use descender_optim::Feedback;
use serde::{Deserialize, Serialize};

use crate::SettingsError;
use crate::error::require;

/// When a descent counts as diverged. A step whose loss or statistics are not finite always does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DivergenceSettings {
    /// A batch loss above this is a divergence. Infinity: off. Default 50.
    pub max_loss: f64,
    /// A smoothed loss above this is a divergence once `stuck_after` steps are made: a network that died at a large
    /// learning rate stays near chance, ln(classes), for good. Infinity: off. Default 2.2, just below
    /// ln 10 ≈ 2.303, for tasks of ten classes. A descent that is merely that slow is ended as well.
    pub stuck_loss: f64,
    /// Steps before `stuck_loss` counts. Default 120.
    pub stuck_after: u64,
    /// β of the smoothed loss s_t = β·s_{t−1} + (1−β)·loss_t, s_0 = loss_0, in [0, 1). Default 0.95.
    pub smoothing: f64,
}

impl Default for DivergenceSettings {
    fn default() -> Self {
        Self {
            max_loss: 50.0,
            stuck_loss: 2.2,
            stuck_after: 120,
            smoothing: 0.95,
        }
    }
}

impl DivergenceSettings {
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        for (setting, value) in [
            ("divergence.max_loss", self.max_loss),
            ("divergence.stuck_loss", self.stuck_loss),
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
    smoothed: f64,
    steps: u64,
}

impl DivergenceWatch {
    /// Takes in the feedback of one more step; true if the descent is lost.
    pub(crate) fn has_diverged(
        &mut self,
        settings: &DivergenceSettings,
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
        self.smoothed = if self.steps == 0 {
            loss
        } else {
            settings.smoothing * self.smoothed + (1.0 - settings.smoothing) * loss
        };
        self.steps += 1;
        loss > settings.max_loss
            || (self.steps > settings.stuck_after && self.smoothed > settings.stuck_loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_optim::StepStatistics;

    /// The number of the step that is called a divergence.
    fn ends_at(
        settings: &DivergenceSettings,
        losses: impl IntoIterator<Item = f32>,
    ) -> Option<usize> {
        let mut watch = DivergenceWatch::default();
        losses.into_iter().position(|loss| {
            let feedback = Feedback {
                step: 0,
                loss,
                statistics: StepStatistics::default(),
            };
            watch.has_diverged(settings, &feedback)
        })
    }

    #[test]
    fn each_of_the_three_ways_to_be_lost() {
        let settings = DivergenceSettings {
            smoothing: 0.5,
            stuck_after: 3,
            ..DivergenceSettings::default()
        };
        assert_eq!(ends_at(&settings, [1.0, f32::NAN]), Some(1));
        assert_eq!(ends_at(&settings, [1.0, 2.0, f32::INFINITY]), Some(2));
        assert_eq!(ends_at(&settings, [1.0, 50.0, 50.1]), Some(2));
        // Three steps are free; at step 3 (the fourth) a network at chance counts as stuck.
        assert_eq!(ends_at(&settings, [2.3; 10]), Some(3));
        // Smoothed 2.3, 2.3, 2.3, 1.3, 1.8, 2.05, then 2.175 and 2.2375.
        assert_eq!(
            ends_at(&settings, [2.3, 2.3, 2.3, 0.3, 2.3, 2.3, 2.3, 2.3]),
            Some(7)
        );
        assert_eq!(ends_at(&settings, [2.1; 100]), None);
    }

    #[test]
    fn infinities_turn_it_off_except_for_what_is_not_finite() {
        let settings = DivergenceSettings {
            max_loss: f64::INFINITY,
            stuck_loss: f64::INFINITY,
            ..DivergenceSettings::default()
        };
        settings.check().unwrap();
        assert_eq!(ends_at(&settings, [f32::MAX; 300]), None);
        assert_eq!(ends_at(&settings, [f32::MAX, f32::NEG_INFINITY]), Some(1));
    }

    #[test]
    fn a_gradient_that_is_not_finite_is_a_divergence_one_step_before_the_loss() {
        let mut feedback = Feedback {
            step: 0,
            loss: 1.0,
            statistics: StepStatistics::default(),
        };
        feedback.statistics.gradient_mean_absolute = f32::INFINITY;
        assert!(DivergenceWatch::default().has_diverged(&DivergenceSettings::default(), &feedback));
    }
}
