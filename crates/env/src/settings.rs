//! The settings of an environment: what an episode is, how it begins, what ends it, and how it is rewarded.

use descender_control::ControlSettings;
use descender_random::{Purpose, stream, unit};
use descender_task::{StartPoint, StartPurpose};
use serde::{Deserialize, Serialize};

use crate::error::require;
use crate::{DivergenceSettings, EnvironmentSettingsError, RewardSettings};

const INITIAL_HYPER_PARAMETERS: Purpose = Purpose::new(4, "initial hyper-parameters");

/// Factor by which leaving the bounds must cost more than the worst cost of continuing, for
/// [`EnvironmentSettings::check_survival`].
pub const SURVIVAL_SAFETY: f64 = 1.5;

/// Settings of an [`Environment`](crate::Environment).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnvironmentSettings {
    /// Steps of a whole descent, at least 2; reaching them truncates the episode. Default 500.
    pub steps: u64,
    /// The target batch loss, above 0. Default 0.02 (the paper).
    pub threshold: f32,
    /// η of the first step of an episode. Default `fixed`.
    pub start_learning_rate: StartLearningRate,
    /// What happens when an action takes η out of its bounds. Default `end` (the paper).
    pub bounds_mode: BoundsMode,
    /// Sum of an episode's rewards below which it is cut off (`score_0` of Algorithm 1). Default −infinity: off.
    ///
    /// The paper gives no value for `score_0` and doesn't say whether this end is a terminal state. We chose to turn it
    /// off by default, and to treat it as a truncation, which bootstraps. The agent does not see the score, so of two
    /// states that look the same to it, one could be terminal and the other not. And a terminal state is worth 0, which
    /// is more than continuing in a bad state: a termination would teach the agent to lower the score on purpose.
    pub score_threshold: f64,
    /// When a descent counts as lost. Default: only if its numbers are not finite; the paper has no other rule.
    pub divergence: DivergenceSettings,
    /// What the agent sees, what it may do, how often, and the bounds on η.
    pub control: ControlSettings,
    /// The reward.
    pub reward: RewardSettings,
}

impl Default for EnvironmentSettings {
    /// The paper's environment, with descents of 500 steps.
    fn default() -> Self {
        Self {
            steps: 500,
            threshold: 0.02,
            start_learning_rate: StartLearningRate::Fixed,
            bounds_mode: BoundsMode::End,
            score_threshold: f64::NEG_INFINITY,
            divergence: DivergenceSettings::default(),
            control: ControlSettings::default(),
            reward: RewardSettings::default(),
        }
    }
}

/// What happens when an action takes η out of its bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoundsMode {
    /// The episode ends, as a termination with the reward's `out_of_bounds`; no step is made with that η.
    #[default]
    End,
    /// η is taken back to the bound, and the episode goes on.
    Clip,
}

/// η of the first step of an episode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum StartLearningRate {
    /// The control's `initial_learning_rate`.
    #[default]
    Fixed,
    /// Drawn for each start point, ln η uniform between the ends.
    LogUniform {
        /// Lowest η, not below the lower bound. Default 0.001.
        #[serde(default = "default_lower")]
        lower: f32,
        /// Highest η, not above the upper bound. Default 0.5.
        #[serde(default = "default_upper")]
        upper: f32,
    },
}

fn default_lower() -> f32 {
    0.001
}

fn default_upper() -> f32 {
    0.5
}

impl StartLearningRate {
    /// η for an episode from `start`, where `fixed` is the control's initial η.
    ///
    /// The draw depends on the start point alone (a stream of its seed, numbered by purpose and index), so everything
    /// that starts from the same point starts with the same η.
    #[must_use]
    pub fn draw(&self, fixed: f32, start: StartPoint) -> f32 {
        match *self {
            Self::Fixed => fixed,
            Self::LogUniform { lower, upper } => {
                let purpose = match start.purpose {
                    StartPurpose::Training => 0,
                    StartPurpose::Selection => 2,
                    StartPurpose::Report => 4,
                    StartPurpose::Calibration => 6,
                    StartPurpose::Tuning => 7,
                };
                let number = (purpose << 53) | (start.index & ((1 << 53) - 1));
                let mut generator = stream(start.seed, INITIAL_HYPER_PARAMETERS, number);
                let (low, high) = (f64::from(lower).ln(), f64::from(upper).ln());
                let drawn = (low + unit(&mut generator) * (high - low)).exp() as f32;
                drawn.max(lower).min(upper)
            }
        }
    }
}

impl EnvironmentSettings {
    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first setting with an impossible value, that value, and what was expected.
    pub fn check(&self) -> Result<(), EnvironmentSettingsError> {
        require(
            (2..=1_000_000_000).contains(&self.steps),
            "steps",
            self.steps,
            "a whole number from 2 to 1000000000",
        )?;
        require(
            self.threshold.is_normal() && self.threshold > 0.0,
            "threshold",
            self.threshold,
            "a finite loss above 0",
        )?;
        require(
            self.score_threshold < f64::INFINITY,
            "score_threshold",
            self.score_threshold,
            "a number, or -inf for off",
        )?;
        self.divergence.check()?;
        self.control.check()?;
        if let StartLearningRate::LogUniform { lower, upper } = self.start_learning_rate {
            let bounds = self.control.bounds;
            require(
                bounds.contains(lower),
                "start_learning_rate.lower",
                lower,
                "a learning rate inside control.bounds",
            )?;
            require(
                bounds.contains(upper) && upper >= lower,
                "start_learning_rate.upper",
                upper,
                "a learning rate inside control.bounds, not below start_learning_rate.lower",
            )?;
        }
        self.reward.check()
    }

    /// Checks that an agent with the discount `discount` does not gain by ending an episode on purpose.
    ///
    /// If η can leave its bounds (mode `end`), leaving them must cost at least [`SURVIVAL_SAFETY`] times the worst cost
    /// of continuing. Always passes in mode `clip`, and for rewards without a [worst step](crate::Reward::worst_step).
    ///
    /// # Errors
    /// Names `reward.out_of_bounds`, its value, and the smallest sufficient penalty.
    pub fn check_survival(&self, discount: f64) -> Result<(), EnvironmentSettingsError> {
        let Some(living) = self.reward.living_cost(discount, self.control.interval) else {
            return Ok(());
        };
        let leaving = self.reward.build()?.ending().out_of_bounds;
        let needed = SURVIVAL_SAFETY * living;
        if self.bounds_mode == BoundsMode::Clip || leaving.abs() >= needed {
            return Ok(());
        }
        Err(EnvironmentSettingsError::new(
            "reward.out_of_bounds",
            leaving,
            format!(
                "{:.4} or less, as living on can cost {living:.4} at a discount of {discount}; otherwise the agent \
                 learns to end episodes on purpose",
                -needed
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ThreeTierSettings;

    #[test]
    fn the_default_passes_and_survives() {
        let settings = EnvironmentSettings::default();
        settings.check().unwrap();
        settings.check_survival(0.9).unwrap();
    }

    #[test]
    fn errors_name_setting_value_and_expectation() {
        let message = |change: &dyn Fn(&mut EnvironmentSettings)| {
            let mut settings = EnvironmentSettings::default();
            change(&mut settings);
            settings.check().unwrap_err().to_string()
        };
        assert_eq!(
            message(&|settings| settings.steps = 1),
            "steps = 1: expected a whole number from 2 to 1000000000"
        );
        assert!(message(&|settings| settings.threshold = f32::NAN).starts_with("threshold = NaN"));
        assert!(message(&|settings| settings.threshold = 0.0).starts_with("threshold = 0.0"));
        assert!(
            message(&|settings| settings.score_threshold = f64::NAN).contains("score_threshold")
        );
        assert!(
            message(&|settings| settings.control.interval = 0).starts_with("control.interval = 0")
        );
        assert!(
            message(&|settings| settings.divergence.smoothing = 1.0)
                .starts_with("divergence.smoothing = 1.0")
        );
        let range = |lower, upper| StartLearningRate::LogUniform { lower, upper };
        assert!(
            message(&|settings| settings.start_learning_rate = range(1e-4, 0.1))
                .starts_with("start_learning_rate.lower = 0.0001")
        );
        assert!(
            message(&|settings| settings.start_learning_rate = range(0.1, 0.01))
                .starts_with("start_learning_rate.upper = 0.01")
        );
        assert!(
            message(
                &|settings| settings.reward = RewardSettings::ThreeTier(ThreeTierSettings {
                    tier2: 0.1,
                    ..Default::default()
                })
            )
            .starts_with("reward.tier2 = 0.1: expected")
        );
    }

    #[test]
    fn a_reward_under_which_ending_pays_is_refused_where_the_bounds_end_it() {
        let mut settings = EnvironmentSettings {
            reward: RewardSettings::ThreeTier(ThreeTierSettings {
                out_of_bounds: -10.0,
                tier2: -1.0,
                tier3: -0.5,
                ..ThreeTierSettings::default()
            }),
            ..EnvironmentSettings::default()
        };
        let message = settings.check_survival(0.9).unwrap_err().to_string();
        assert!(
            message.starts_with("reward.out_of_bounds = -10.0: expected -15.0000"),
            "{message}"
        );
        settings.bounds_mode = BoundsMode::Clip;
        settings.check_survival(0.9).unwrap();
    }

    #[test]
    fn start_learning_rates_are_log_uniform_and_belong_to_their_start() {
        let range = StartLearningRate::LogUniform {
            lower: 0.001,
            upper: 0.5,
        };
        let start = |purpose, index| StartPoint {
            purpose,
            seed: 3,
            index,
        };
        let (mut sum, count) = (0.0, 2_000);
        for index in 0..count {
            let drawn = range.draw(0.1, start(StartPurpose::Training, index));
            assert!((0.001..=0.5).contains(&drawn));
            assert_eq!(drawn, range.draw(0.2, start(StartPurpose::Training, index)));
            assert_ne!(drawn, range.draw(0.1, start(StartPurpose::Report, index)));
            sum += f64::from(drawn).ln();
        }
        // The mean of ln η: middle of the range, standard error (ln 500 / √12) / √2000 = 0.04.
        let middle = (0.001_f64.ln() + 0.5_f64.ln()) / 2.0;
        assert!((sum / count as f64 - middle).abs() < 0.16);
        assert_eq!(
            StartLearningRate::Fixed.draw(0.1, start(StartPurpose::Training, 0)),
            0.1
        );
    }
}
