//! n-step returns: the last steps of one environment, until their returns are complete.
//!
//! With s_t, a_t, r_{t+1} the steps of an episode and c_{t+1} their continuations (1 in an ordinary environment), the
//! experience of step t is
//!
//! ```text
//! (s_t, a_t, r_{t+1} + γ c_{t+1} r_{t+2} + … + γ^{k−1} c_{t+1} ⋯ c_{t+k−1} r_{t+k}, s_{t+k}, γ^k c_{t+1} ⋯ c_{t+k})
//! ```
//!
//! with k = n inside an episode. Where the episode ends before n steps, k is what there is: at a termination the
//! last factor is 0 (nothing follows), at a truncation it stays and the last observation bootstraps.
//! Source: R. Sutton and A. Barto, "Reinforcement Learning: An Introduction", 2nd edition, section 7.1.

use serde::{Deserialize, Serialize};

use crate::AgentStateError;
use crate::replay::Experience;

/// One step, with the action as an index.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// What was seen.
    pub observation: &'a [f32],
    /// The action's index.
    pub action: u32,
    /// The reward for it.
    pub reward: f32,
    /// What was seen afterwards.
    pub next_observation: &'a [f32],
    /// Nothing comes after.
    pub terminated: bool,
    /// Cut off, but the return goes on.
    pub truncated: bool,
    /// c, the probability that the return goes on after this step.
    pub continuation: f32,
}

/// The steps of one environment whose returns are not complete: fewer than n, between two calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReturnWindow {
    steps: usize,
    discount: f32,
    /// Place of the oldest step in the rings below.
    first: usize,
    /// Number of steps that wait.
    waiting: usize,
    /// `[steps, observation length]`.
    observations: Vec<f32>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    continuations: Vec<f32>,
    /// What was seen after the newest step.
    last: Vec<f32>,
}

impl ReturnWindow {
    /// A window for returns over `steps` ≥ 1 rewards with discount γ, empty.
    #[must_use]
    pub fn new(steps: usize, discount: f32, observation_len: usize) -> Self {
        Self {
            steps,
            discount,
            first: 0,
            waiting: 0,
            observations: vec![0.0; steps * observation_len],
            actions: vec![0; steps],
            rewards: vec![0.0; steps],
            continuations: vec![1.0; steps],
            last: vec![0.0; observation_len],
        }
    }

    /// Takes in a step and gives every experience that it completes to `emit`, the oldest first.
    ///
    /// # Panics
    /// If an observation has another length than the window was built for.
    pub fn push(&mut self, step: Step<'_>, mut emit: impl FnMut(Experience<'_>)) {
        let width = self.last.len();
        let slot = (self.first + self.waiting) % self.steps;
        self.observations[slot * width..][..width].copy_from_slice(step.observation);
        self.actions[slot] = step.action;
        self.rewards[slot] = step.reward;
        self.continuations[slot] = step.continuation;
        self.waiting += 1;
        if step.terminated {
            // Nothing is read from the next observation, so that it may be anything; one of the right length and
            // finite stands in its place.
            self.last.copy_from_slice(step.observation);
            self.empty(0.0, &mut emit);
        } else {
            self.last.copy_from_slice(step.next_observation);
            if step.truncated {
                self.empty(1.0, &mut emit);
            } else if self.waiting == self.steps {
                self.emit_oldest(1.0, &mut emit);
            }
        }
    }

    /// Completes all that waits as if the episode had been truncated after the newest step.
    pub fn close(&mut self, mut emit: impl FnMut(Experience<'_>)) {
        self.empty(1.0, &mut emit);
    }

    fn empty(&mut self, bootstrap: f32, emit: &mut impl FnMut(Experience<'_>)) {
        while self.waiting > 0 {
            self.emit_oldest(bootstrap, emit);
        }
    }

    /// Emits the oldest step with the return over all that wait; the last observation counts
    /// `bootstrap` · γ^k · (their continuations).
    fn emit_oldest(&mut self, bootstrap: f32, emit: &mut impl FnMut(Experience<'_>)) {
        let width = self.last.len();
        let mut reward = 0.0;
        let mut discount = bootstrap;
        for age in (0..self.waiting).rev() {
            let slot = (self.first + age) % self.steps;
            let factor = self.discount * self.continuations[slot];
            reward = self.rewards[slot] + factor * reward;
            discount *= factor;
        }
        emit(Experience {
            observation: &self.observations[self.first * width..][..width],
            action: self.actions[self.first],
            reward,
            next_observation: &self.last,
            discount,
        });
        self.first = (self.first + 1) % self.steps;
        self.waiting -= 1;
    }

    /// Checks that `self`, read from a saved state, is a window like `other` with actions below `actions`.
    ///
    /// # Errors
    /// Names what differs.
    pub fn check_like(&self, other: &Self, actions: u32) -> Result<(), AgentStateError> {
        AgentStateError::compare("n of the n-step returns", self.steps, other.steps)?;
        let lengths = |window: &Self| {
            [
                window.observations.len(),
                window.actions.len(),
                window.rewards.len(),
                window.continuations.len(),
                window.last.len(),
            ]
        };
        AgentStateError::compare("size of a return window", lengths(self), lengths(other))?;
        AgentStateError::compare("discount of a return window", self.discount, other.discount)?;
        let fits = self.first < self.steps
            && self.waiting < self.steps
            && self.actions.iter().all(|&action| action < actions);
        AgentStateError::compare("consistency of a return window", fits, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = (f32, u32, f32, f32, f32);

    /// Runs steps whose observation at time t is the number t, with γ = 1/2, and gives back what came out as
    /// (observation, action, return, next observation, discount).
    fn run(n: usize, rewards: &[f32], terminated: bool, truncated: bool) -> Vec<Seen> {
        let mut window = ReturnWindow::new(n, 0.5, 1);
        let mut seen = Vec::new();
        // Twice, because an episode must leave nothing behind for the next one.
        for _ in 0..2 {
            seen.clear();
            for (t, &reward) in rewards.iter().enumerate() {
                let last = t + 1 == rewards.len();
                let step = Step {
                    observation: &[t as f32],
                    action: t as u32,
                    reward,
                    next_observation: &[(t + 1) as f32],
                    terminated: last && terminated,
                    truncated: last && truncated,
                    continuation: 1.0,
                };
                window.push(step, |e| {
                    seen.push((
                        e.observation[0],
                        e.action,
                        e.reward,
                        e.next_observation[0],
                        e.discount,
                    ));
                });
            }
        }
        assert_eq!(window.waiting, 0);
        seen
    }

    #[test]
    fn three_step_returns_to_a_truncation_bootstrap_from_the_last_observation() {
        let seen = run(3, &[1.0, 2.0, 4.0, 8.0, 16.0], false, true);
        assert_eq!(
            seen,
            [
                (0.0, 0, 1.0 + 1.0 + 1.0, 3.0, 0.125),
                (1.0, 1, 2.0 + 2.0 + 2.0, 4.0, 0.125),
                (2.0, 2, 4.0 + 4.0 + 4.0, 5.0, 0.125),
                (3.0, 3, 8.0 + 8.0, 5.0, 0.25),
                (4.0, 4, 16.0, 5.0, 0.5),
            ]
        );
    }

    #[test]
    fn three_step_returns_to_a_termination_bootstrap_nothing() {
        for truncated in [false, true] {
            let seen = run(3, &[1.0, 2.0, 4.0, 8.0], true, truncated);
            let without_next: Vec<_> = seen.iter().map(|e| (e.0, e.1, e.2, e.4)).collect();
            assert_eq!(
                without_next,
                [
                    (0.0, 0, 3.0, 0.125),
                    (1.0, 1, 6.0, 0.0),
                    (2.0, 2, 8.0, 0.0),
                    (3.0, 3, 8.0, 0.0),
                ]
            );
            assert_eq!(seen[0].3, 3.0);
        }
    }

    #[test]
    fn an_episode_shorter_than_n_is_complete_at_its_end() {
        assert_eq!(
            run(5, &[1.0, 2.0], false, true),
            [(0.0, 0, 2.0, 2.0, 0.25), (1.0, 1, 2.0, 2.0, 0.5)]
        );
    }

    #[test]
    fn one_step_returns_are_the_transitions_themselves() {
        assert_eq!(
            run(1, &[1.0, 2.0], false, true),
            [(0.0, 0, 1.0, 1.0, 0.5), (1.0, 1, 2.0, 2.0, 0.5)]
        );
        assert_eq!(run(1, &[1.0, 2.0], true, false)[1].4, 0.0);
    }

    #[test]
    fn closing_bootstraps_what_waits_from_what_was_seen_last() {
        let mut window = ReturnWindow::new(4, 0.5, 1);
        let mut seen = Vec::new();
        for t in 0..2 {
            window.push(
                Step {
                    observation: &[t as f32],
                    action: 0,
                    reward: 1.0,
                    next_observation: &[t as f32 + 1.0],
                    terminated: false,
                    truncated: false,
                    continuation: 1.0,
                },
                |_| panic!("nothing is complete yet"),
            );
        }
        window.close(|e| seen.push((e.reward, e.next_observation[0], e.discount)));
        assert_eq!(seen, [(1.5, 2.0, 0.25), (1.0, 2.0, 0.5)]);
    }

    #[test]
    fn a_continuation_weighs_all_that_comes_after_its_step() {
        let mut window = ReturnWindow::new(2, 0.5, 1);
        let mut seen = Vec::new();
        for (t, continuation) in [(0, 0.5), (1, 0.25), (2, 1.0)] {
            let step = Step {
                observation: &[t as f32],
                action: 0,
                reward: 1.0,
                next_observation: &[t as f32 + 1.0],
                terminated: false,
                truncated: t == 2,
                continuation,
            };
            window.push(step, |e| seen.push((e.reward, e.discount)));
        }
        // 1 + (0.5 · 0.5) · 1, then 1 + (0.5 · 0.25) · 1; the last alone.
        assert_eq!(
            seen,
            [(1.25, 0.25 * 0.125), (1.125, 0.125 * 0.5), (1.0, 0.5)]
        );
    }
}
