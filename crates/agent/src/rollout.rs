//! What an on-policy agent keeps of one environment until it learns: the steps since the last time.

use serde::{Deserialize, Serialize};

use crate::AgentStateError;
use crate::advantage::ValuedStep;

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StepEnd {
    /// The next step follows on it.
    GoesOn,
    /// Nothing follows.
    Terminated,
    /// What follows is not seen: the episode was cut off, or the step after it was refused.
    Truncated,
}

/// A step, as it is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RolloutStep<'a> {
    pub(crate) observation: &'a [f32],
    /// The action, as its distribution keeps it.
    pub(crate) kept: &'a [f32],
    pub(crate) reward: f32,
    pub(crate) continuation: f32,
    pub(crate) next_observation: &'a [f32],
    pub(crate) end: StepEnd,
}

/// The steps of one environment, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rollout {
    /// `[step, observation]`
    pub(crate) observations: Vec<f32>,
    /// `[step, kept]`
    pub(crate) kept: Vec<f32>,
    rewards: Vec<f32>,
    continuations: Vec<f32>,
    ends: Vec<StepEnd>,
    /// What is seen behind each step that none follows on, and behind the newest: `[of those, observation]`.
    behind: Vec<f32>,
}

impl Rollout {
    /// Number of steps.
    pub(crate) fn len(&self) -> usize {
        self.rewards.len()
    }

    /// Adds a step.
    pub(crate) fn push(&mut self, step: RolloutStep<'_>) {
        let width = step.observation.len();
        if self.ends.last() == Some(&StepEnd::GoesOn) {
            // Another one follows: what was behind it is this one's observation.
            self.behind.truncate(self.behind.len() - width);
        }
        self.observations.extend(step.observation);
        self.kept.extend(step.kept);
        self.rewards.push(step.reward);
        self.continuations.push(step.continuation);
        self.ends.push(step.end);
        // Nothing is read behind a termination: it may be anything.
        let behind = match step.end {
            StepEnd::Terminated => step.observation,
            _ => step.next_observation,
        };
        self.behind.extend(behind);
    }

    /// Says that the step after the newest one is not seen.
    pub(crate) fn cut(&mut self) {
        if let Some(end @ StepEnd::GoesOn) = self.ends.last_mut() {
            *end = StepEnd::Truncated;
        }
    }

    /// What is seen behind the steps that none follows on: `[of those, observation]`.
    pub(crate) fn behind(&self) -> &[f32] {
        &self.behind
    }

    /// The steps with their values: `values` of all observations, `behind` of [`behind`](Self::behind).
    pub(crate) fn valued(&self, values: &[f32], behind: &[f32]) -> Vec<ValuedStep> {
        let mut behind = behind.iter();
        let last = self.len().saturating_sub(1);
        (0..self.len())
            .map(|place| {
                let goes_on = self.ends[place] == StepEnd::GoesOn && place < last;
                let next_value = match goes_on {
                    true => values[place + 1],
                    false => *behind.next().expect("each such step has one behind it"),
                };
                ValuedStep {
                    reward: self.rewards[place],
                    value: values[place],
                    next_value: match self.ends[place] {
                        StepEnd::Terminated => 0.0,
                        _ => next_value,
                    },
                    continuation: self.continuations[place],
                    goes_on,
                }
            })
            .collect()
    }

    /// Forgets all steps.
    pub(crate) fn clear(&mut self) {
        self.observations.clear();
        self.kept.clear();
        self.rewards.clear();
        self.continuations.clear();
        self.ends.clear();
        self.behind.clear();
    }

    /// Checks a rollout that was read from a saved state.
    pub(crate) fn check(&self, observation: usize, kept: usize) -> Result<(), AgentStateError> {
        let steps = self.len();
        let last = steps.saturating_sub(1);
        let open = (self.ends.iter().enumerate())
            .filter(|(place, end)| **end != StepEnd::GoesOn || *place == last)
            .count();
        let found = [
            self.observations.len(),
            self.kept.len(),
            self.continuations.len(),
            self.ends.len(),
            self.behind.len(),
        ];
        let expected = [
            steps * observation,
            steps * kept,
            steps,
            steps,
            open * observation,
        ];
        AgentStateError::compare("lengths of a rollout", found, expected)?;
        let finite = (self.observations.iter())
            .chain(&self.kept)
            .chain(&self.rewards)
            .chain(&self.continuations)
            .chain(&self.behind)
            .all(|value| value.is_finite());
        AgentStateError::compare("consistency of a rollout", finite, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(number: f32, end: StepEnd) -> RolloutStep<'static> {
        let seen: &'static [f32] = Box::leak(Box::new([number]));
        let next: &'static [f32] = Box::leak(Box::new([number + 1.0]));
        RolloutStep {
            observation: seen,
            kept: &[0.0],
            reward: number,
            continuation: 1.0,
            next_observation: next,
            end,
        }
    }

    #[test]
    fn steps_have_the_values_of_what_follows_or_lies_behind() {
        let mut rollout = Rollout::default();
        rollout.push(step(0.0, StepEnd::GoesOn));
        rollout.push(step(1.0, StepEnd::Terminated));
        rollout.push(step(5.0, StepEnd::Truncated));
        rollout.push(step(7.0, StepEnd::GoesOn));
        assert_eq!(rollout.behind(), [1.0, 6.0, 8.0]);
        rollout.check(1, 1).unwrap();
        let valued = rollout.valued(&[10.0, 11.0, 12.0, 13.0], &[20.0, 21.0, 22.0]);
        let next: Vec<f32> = valued.iter().map(|step| step.next_value).collect();
        assert_eq!(next, [11.0, 0.0, 21.0, 22.0]);
        let goes_on: Vec<bool> = valued.iter().map(|step| step.goes_on).collect();
        assert_eq!(goes_on, [true, false, false, false]);
        rollout.push(step(8.0, StepEnd::GoesOn));
        assert_eq!(rollout.behind(), [1.0, 6.0, 9.0]);
        rollout.cut();
        rollout.push(step(3.0, StepEnd::GoesOn));
        assert_eq!(rollout.behind(), [1.0, 6.0, 9.0, 4.0]);
        rollout.check(1, 1).unwrap();
        rollout.clear();
        assert_eq!(rollout, Rollout::default());
        rollout.check(1, 1).unwrap();
    }
}
