//! What the agent remembers, as a saved state carries it.

use serde::{Deserialize, Serialize};

use crate::AgentStateError;

/// First part of every saved state: the kind of agent and the version of the layout.
pub(super) const STATE_TAG: [u8; 8] = *b"regre\0\0\x01";

/// Everything that a saved state carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    pub(super) tag: [u8; 8],
    /// W row by row, then b: the policy's parameters.
    pub(super) parameters: Vec<f64>,
    /// σ of the pairs that begin now.
    pub(super) spread: f64,
    /// Finished pairs, the oldest first.
    pub(super) pairs: Vec<Pair>,
    /// Pairs under way.
    pub(super) open: Vec<Pair>,
    /// Pairs finished since the policy last moved.
    pub(super) since: usize,
    /// How often the policy has moved.
    pub(super) rounds: u64,
    /// For each environment.
    pub(super) seats: Vec<Option<Seat>>,
    pub(super) rejected_transitions: u64,
}

/// Two descents with opposite offsets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pair {
    pub(super) number: u64,
    /// δ: for each segment one for each dimension. The second descent has −δ.
    pub(super) offsets: Vec<f64>,
    /// The policy of both.
    pub(super) parameters: Vec<f64>,
    pub(super) runs: [Option<FinishedRun>; 2],
}

/// A finished descent of a pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FinishedRun {
    /// The return; not finite if the descent broke.
    pub(super) value: f64,
    pub(super) segments: Vec<Segment>,
}

/// What happened in a segment of a descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Segment {
    pub(super) decisions: u64,
    /// Sums over the decisions: of the observation, and of the policy's outputs without offsets.
    pub(super) features: Vec<f64>,
    pub(super) outputs: Vec<f64>,
}

/// An episode under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Seat {
    pub(super) pair: u64,
    /// 1 or −1.
    pub(super) sign: f64,
    /// Sum of the rewards so far, each times the probability that the return went on until it.
    pub(super) value: f64,
    /// Product of the continuations so far.
    pub(super) weight: f64,
    pub(super) decisions: u64,
    pub(super) segments: Vec<Segment>,
}

impl Segment {
    pub(super) fn new(features: usize, outputs: usize) -> Self {
        Self {
            decisions: 0,
            features: vec![0.0; features],
            outputs: vec![0.0; outputs],
        }
    }

    pub(super) fn add(&mut self, observation: &[f32], outputs: &[f64]) {
        self.decisions += 1;
        for (sum, x) in self.features.iter_mut().zip(observation) {
            *sum += f64::from(*x);
        }
        for (sum, z) in self.outputs.iter_mut().zip(outputs) {
            *sum += z;
        }
    }

    /// Means of features and outputs.
    pub(super) fn means(&self) -> (Vec<f64>, Vec<f64>) {
        let mean = |sums: &[f64]| {
            let count = self.decisions.max(1) as f64;
            sums.iter().map(|sum| sum / count).collect()
        };
        (mean(&self.features), mean(&self.outputs))
    }
}

impl Pair {
    /// The returns of both descents, if both have ended and neither broke.
    pub(super) fn returns(&self) -> Option<[f64; 2]> {
        let of = |run: &Option<FinishedRun>| run.as_ref().map(|run| run.value);
        let both = [of(&self.runs[0])?, of(&self.runs[1])?];
        both.iter().all(|value| value.is_finite()).then_some(both)
    }
}

impl Memory {
    /// Ends an episode; a pair whose second episode this is goes to the finished ones, of which the last `most` stay.
    pub(super) fn finish(&mut self, seat: Seat, most: usize) {
        let Some(place) = self.open.iter().position(|pair| pair.number == seat.pair) else {
            return;
        };
        let run = FinishedRun {
            value: seat.value,
            segments: seat.segments,
        };
        self.open[place].runs[usize::from(seat.sign < 0.0)] = Some(run);
        if self.open[place].runs.iter().all(Option::is_some) {
            let pair = self.open.remove(place);
            self.pairs.push(pair);
            self.since += 1;
            let surplus = self.pairs.len().saturating_sub(most);
            self.pairs.drain(..surplus);
        }
    }

    /// Checks that `self`, read from a saved state, can be a memory of the agent whose memory is `own`.
    pub(super) fn check_like(
        &self,
        own: &Self,
        dimensions: usize,
        segments: usize,
    ) -> Result<(), AgentStateError> {
        AgentStateError::compare("number of environments", self.seats.len(), own.seats.len())?;
        let parameters = own.parameters.len();
        let features = parameters / dimensions - 1;
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        let policy = |values: &[f64]| values.len() == parameters && finite(values);
        AgentStateError::compare("fit of the policy", policy(&self.parameters), true)?;
        AgentStateError::compare("fit of the spread", self.spread.is_finite(), true)?;
        let parts = |list: &[Segment]| {
            list.len() <= segments
                && list.iter().all(|segment| {
                    segment.features.len() == features
                        && segment.outputs.len() == dimensions
                        && finite(&segment.features)
                        && finite(&segment.outputs)
                })
        };
        let pairs = self.pairs.iter().chain(&self.open).all(|pair| {
            pair.offsets.len() == segments * dimensions
                && finite(&pair.offsets)
                && policy(&pair.parameters)
                && pair.runs.iter().flatten().all(|run| parts(&run.segments))
        });
        AgentStateError::compare("fit of the pairs", pairs, true)?;
        let seats = self.seats.iter().flatten().all(|seat| {
            parts(&seat.segments) && self.open.iter().any(|pair| pair.number == seat.pair)
        });
        AgentStateError::compare("fit of the running episodes", seats, true)
    }
}
