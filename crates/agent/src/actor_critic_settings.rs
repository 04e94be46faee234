//! The settings that the off-policy agents of continuous actions share, and their limits.

use crate::SettingsError;
use crate::error::require;

/// Settings that DDPG, TD3 and SAC all have; their own settings document them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActorCriticSettings<'a> {
    pub(crate) hidden: &'a [usize],
    pub(crate) learning_rate: f32,
    pub(crate) policy_learning_rate: f32,
    pub(crate) discount: f32,
    pub(crate) target_rate: f32,
    pub(crate) batch_size: usize,
    pub(crate) replay_capacity: usize,
    pub(crate) warm_up: usize,
    pub(crate) updates_per_decision: f64,
}

impl ActorCriticSettings<'_> {
    /// # Errors
    /// Names the first setting with an impossible value.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        require(
            self.hidden.len() <= 16 && self.hidden.iter().all(|width| (1..=4096).contains(width)),
            "hidden",
            self.hidden,
            "at most 16 widths, each from 1 to 4096",
        )?;
        for (name, rate) in [
            ("learning_rate", self.learning_rate),
            ("policy_learning_rate", self.policy_learning_rate),
        ] {
            require(
                rate > 0.0 && rate.is_finite(),
                name,
                rate,
                "a finite number above 0",
            )?;
        }
        require(
            (0.0..=1.0).contains(&self.discount),
            "discount",
            self.discount,
            "a number from 0 to 1",
        )?;
        require(
            self.target_rate > 0.0 && self.target_rate <= 1.0,
            "target_rate",
            self.target_rate,
            "a number above 0, at most 1 (1 copies)",
        )?;
        require(
            (1..=65_536).contains(&self.batch_size),
            "batch_size",
            self.batch_size,
            "a whole number from 1 to 65536",
        )?;
        require(
            (1..=100_000_000).contains(&self.replay_capacity),
            "replay_capacity",
            self.replay_capacity,
            "a whole number from 1 to 100000000",
        )?;
        require(
            (1..=self.replay_capacity).contains(&self.warm_up),
            "warm_up",
            self.warm_up,
            "a whole number from 1 to replay_capacity",
        )?;
        require(
            self.updates_per_decision > 0.0 && self.updates_per_decision <= 10_000.0,
            "updates_per_decision",
            self.updates_per_decision,
            "a number above 0, at most 10000",
        )
    }
}

/// Refuses the standard deviation of a noise unless it is finite and not negative.
///
/// # Errors
/// Names the setting.
pub(crate) fn check_deviation(name: &'static str, deviation: f32) -> Result<(), SettingsError> {
    require(
        deviation >= 0.0 && deviation.is_finite(),
        name,
        deviation,
        "a finite number, 0 or more",
    )
}
