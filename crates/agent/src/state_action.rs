//! Pairs of observation and action side by side: what a critic of continuous actions sees, and how a replay memory
//! holds them.
//!
//! A pair is the observation, then the action. The [`Replay`](crate::replay::Replay) of an agent with continuous actions
//! keeps pairs in the place of observations (and the number 0 in the place of the action): what is sampled is the critic's
//! input as it stands. Of the next pair only the observation is known, and its action is 0 until the learner writes
//! the one that its policy takes there.

/// How long the two parts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StateAction {
    pub(crate) observation_len: usize,
    /// Of the action.
    pub(crate) dimensions: usize,
}

impl StateAction {
    /// Length of a pair.
    pub(crate) fn len(self) -> usize {
        self.observation_len + self.dimensions
    }

    /// Copies the observations of `pairs` next to each other.
    pub(crate) fn copy_observations(self, pairs: &[f32], observations: &mut [f32]) {
        let rows = observations.chunks_exact_mut(self.observation_len);
        for (row, pair) in rows.zip(pairs.chunks_exact(self.len())) {
            row.copy_from_slice(&pair[..self.observation_len]);
        }
    }

    /// The actions of these pairs.
    pub(crate) fn actions(self, pairs: &[f32]) -> impl Iterator<Item = &[f32]> {
        pairs
            .chunks_exact(self.len())
            .map(move |pair| &pair[self.observation_len..])
    }

    /// The same, to be written.
    pub(crate) fn actions_mut(self, pairs: &mut [f32]) -> impl Iterator<Item = &mut [f32]> {
        pairs
            .chunks_exact_mut(self.len())
            .map(move |pair| &mut pair[self.observation_len..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_the_observation_and_then_the_action() {
        let parts = StateAction {
            observation_len: 2,
            dimensions: 1,
        };
        let mut pairs = [1.0, 2.0, 0.1, 3.0, 4.0, 0.2];
        let mut observations = [0.0; 4];
        parts.copy_observations(&pairs, &mut observations);
        assert_eq!(observations, [1.0, 2.0, 3.0, 4.0]);
        let actions: Vec<f32> = parts.actions(&pairs).flatten().copied().collect();
        assert_eq!(actions, [0.1, 0.2]);
        for action in parts.actions_mut(&mut pairs) {
            action[0] += 1.0;
        }
        assert_eq!(pairs, [1.0, 2.0, 1.1, 3.0, 4.0, 1.2]);
    }
}
