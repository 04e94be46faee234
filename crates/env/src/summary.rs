//! The summary of an episode, in exact and reproducible numbers (no times).

use serde::{Deserialize, Serialize};

use crate::recent::Recent;

/// Number of batch losses at the end of an episode whose mean is the final loss.
const FINAL_LOSSES: usize = 50;

/// Why an episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    /// All steps were made. A truncation.
    Time,
    /// The score fell below the score threshold. A truncation.
    Score,
    /// An action took η out of its bounds. A termination.
    Bounds,
    /// The descent diverged. A termination.
    Diverged,
    /// The reward's goal was reached, and it ends episodes there. A termination.
    Reached,
}

impl EndReason {
    /// The name, as in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Score => "score",
            Self::Bounds => "bounds",
            Self::Diverged => "diverged",
            Self::Reached => "reached",
        }
    }

    /// The end of this name, as in files.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        [
            Self::Time,
            Self::Score,
            Self::Bounds,
            Self::Diverged,
            Self::Reached,
        ]
        .into_iter()
        .find(|end| end.name() == name)
    }

    /// A phrase for episodes with this end, to follow their number: "10 left the bounds".
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Time => "of full length",
            Self::Score => "cut off for their score",
            Self::Bounds => "left the bounds",
            Self::Diverged => "diverged",
            Self::Reached => "ended at the goal",
        }
    }

    /// Whether the end is terminal, so that nothing is bootstrapped.
    #[must_use]
    pub fn is_termination(self) -> bool {
        match self {
            Self::Time | Self::Score => false,
            Self::Bounds | Self::Diverged | Self::Reached => true,
        }
    }
}

/// The summary of an episode so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpisodeSummary {
    /// Steps of the descent made, including the first one, that of the reset.
    pub steps: u64,
    /// Decisions taken.
    pub decisions: u64,
    /// Sum of the rewards, without a discount; each is weighted by the probability that the episode gets that far (the
    /// product of the [continuations](crate::StepOutcome::continuation) before it, which is 1 except for
    /// `expected-hit`).
    pub score: f64,
    /// First step (from 0) with a batch loss at or below the threshold, if there was one.
    pub first_hit: Option<u64>,
    /// Expected first hit (`steps` of the settings where there is none), if the reward is `expected-hit`. Use it for
    /// ranking only: a probe of training examples (all but `unseen`) makes its value too optimistic.
    pub expected_hit: Option<f64>,
    /// Smallest batch loss; infinite if no loss was finite.
    pub minimum_loss: f32,
    /// Mean of the last 50 finite batch losses (of all, if there are fewer); infinite if no loss was finite.
    pub final_loss: f64,
    /// Mean η over the steps made.
    pub mean_learning_rate: f64,
    /// Smallest η of a step.
    pub minimum_learning_rate: f32,
    /// Largest η of a step.
    pub maximum_learning_rate: f32,
    /// Why the episode ended; `None` while it runs.
    pub end: Option<EndReason>,
}

/// The counters of an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) steps: u64,
    pub(crate) decisions: u64,
    pub(crate) score: f64,
    /// Probability that the episode has got this far.
    reached: f64,
    first_hit: Option<u64>,
    minimum_loss: f32,
    last_losses: Recent,
    learning_rate_sum: f64,
    learning_rate_minimum: f32,
    learning_rate_maximum: f32,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            steps: 0,
            decisions: 0,
            score: 0.0,
            reached: 1.0,
            first_hit: None,
            minimum_loss: f32::INFINITY,
            last_losses: Recent::new(FINAL_LOSSES),
            learning_rate_sum: 0.0,
            learning_rate_minimum: f32::INFINITY,
            learning_rate_maximum: 0.0,
        }
    }

    /// Resets the counters, keeping the memory.
    pub(crate) fn reset(&mut self) {
        let mut last_losses = std::mem::replace(&mut self.last_losses, Recent::new(1));
        last_losses.clear();
        *self = Self {
            last_losses,
            ..Self::new()
        };
    }

    /// Counts one step with its batch loss and η.
    pub(crate) fn record(&mut self, loss: f32, learning_rate: f32, threshold: f32) {
        if loss <= threshold && self.first_hit.is_none() {
            self.first_hit = Some(self.steps);
        }
        if loss.is_finite() {
            self.minimum_loss = self.minimum_loss.min(loss);
            self.last_losses.push(loss);
        }
        self.learning_rate_sum += f64::from(learning_rate);
        self.learning_rate_minimum = self.learning_rate_minimum.min(learning_rate);
        self.learning_rate_maximum = self.learning_rate_maximum.max(learning_rate);
        self.steps += 1;
    }

    /// Counts the reward of a decision, and the probability that the episode goes on after it.
    pub(crate) fn pay(&mut self, reward: f64, continuation: f64) {
        self.score += self.reached * reward;
        self.reached *= continuation;
    }

    /// Whether a tally that was read from a saved state is valid.
    pub(crate) fn fits(&self) -> bool {
        self.last_losses.fits(FINAL_LOSSES)
    }

    pub(crate) fn summary(
        &self,
        expected_hit: Option<f64>,
        end: Option<EndReason>,
    ) -> EpisodeSummary {
        EpisodeSummary {
            steps: self.steps,
            decisions: self.decisions,
            score: self.score,
            first_hit: self.first_hit,
            expected_hit,
            minimum_loss: self.minimum_loss,
            final_loss: self.last_losses.mean().unwrap_or(f64::INFINITY),
            mean_learning_rate: self.learning_rate_sum / self.steps.max(1) as f64,
            minimum_learning_rate: self.learning_rate_minimum.min(self.learning_rate_maximum),
            maximum_learning_rate: self.learning_rate_maximum,
            end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::{Error as ValueError, StrDeserializer};

    #[test]
    fn an_end_is_found_by_its_name_which_is_the_one_in_files() {
        for name in ["time", "score", "bounds", "diverged", "reached"] {
            let end = EndReason::by_name(name).unwrap();
            assert_eq!(end.name(), name);
            let in_file = StrDeserializer::<ValueError>::new(name);
            assert_eq!(EndReason::deserialize(in_file).unwrap(), end);
        }
        assert_eq!(EndReason::by_name("bored"), None);
    }

    #[test]
    fn counts_what_it_says() {
        let mut tally = Tally::new();
        for _ in 0..2 {
            tally.reset();
            for step in 0..60 {
                let loss = if step == 7 || step == 9 {
                    0.02
                } else {
                    1.0 + step as f32
                };
                tally.record(loss, if step < 30 { 0.1 } else { 0.3 }, 0.02);
            }
            tally.record(f32::NAN, 0.4, 0.02);
        }
        let summary = tally.summary(None, Some(EndReason::Diverged));
        assert_eq!(summary.steps, 61);
        assert_eq!(summary.first_hit, Some(7));
        assert_eq!(summary.minimum_loss, 0.02);
        // Steps 10 to 59 have losses 11 to 60.
        assert_eq!(summary.final_loss, 35.5);
        assert!((summary.mean_learning_rate - (30.0 * 0.1 + 30.0 * 0.3 + 0.4) / 61.0).abs() < 1e-6);
        assert_eq!(
            (summary.minimum_learning_rate, summary.maximum_learning_rate),
            (0.1, 0.4)
        );
    }

    #[test]
    fn an_episode_without_a_finite_loss_has_no_small_losses() {
        let mut tally = Tally::new();
        tally.record(f32::NAN, 0.1, 0.02);
        let summary = tally.summary(None, None);
        assert_eq!(
            (summary.minimum_loss, summary.final_loss),
            (f32::INFINITY, f64::INFINITY)
        );
        assert_eq!(summary.first_hit, None);
    }
}
