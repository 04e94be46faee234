//! What the agent remembers, as a saved state carries it.

use serde::{Deserialize, Serialize};

use crate::AgentStateError;
use crate::episode_return::EpisodeReturn;

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
    /// Finished groups, the oldest first.
    pub(super) groups: Vec<Group>,
    /// Groups under way.
    pub(super) open: Vec<Group>,
    /// Groups finished since the policy last moved.
    pub(super) since: usize,
    /// How often the policy has moved.
    pub(super) rounds: u64,
    /// For each environment.
    pub(super) seats: Vec<Option<Seat>>,
    pub(super) rejected_transitions: u64,
}

/// Descents of one policy from one start: one as the policy says, and pairs with opposite offsets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) number: u64,
    /// δ of each pair: for each segment one for each dimension. The second descent of a pair has −δ.
    pub(super) offsets: Vec<Vec<f64>>,
    /// The policy of all.
    pub(super) parameters: Vec<f64>,
    /// The descent without offsets, then those of the pairs.
    pub(super) runs: Vec<Option<FinishedRun>>,
}

/// A finished descent of a group.
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
    pub(super) group: u64,
    /// The place among the group's descents.
    pub(super) member: usize,
    pub(super) earned: EpisodeReturn,
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

impl Group {
    /// The return of the descent without offsets, if it has ended and did not break.
    pub(super) fn base(&self) -> Option<f64> {
        let run = self.runs.first()?.as_ref()?;
        run.value.is_finite().then_some(run.value)
    }

    /// The pairs of which both descents have ended and neither broke: offsets, and both descents.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&[f64], [&FinishedRun; 2])> {
        let pairs = self.runs.get(1..).unwrap_or_default().chunks_exact(2);
        self.offsets
            .iter()
            .zip(pairs)
            .filter_map(|(offsets, runs)| {
                let both = [runs[0].as_ref()?, runs[1].as_ref()?];
                let whole = both.iter().all(|run| run.value.is_finite());
                whole.then_some((offsets.as_slice(), both))
            })
    }

    /// The sign and the offsets of a member's descent in a segment; none for the first member.
    pub(super) fn offset(&self, member: usize) -> Option<(f64, &[f64])> {
        let place = member.checked_sub(1)?;
        let sign = if place % 2 == 0 { 1.0 } else { -1.0 };
        Some((sign, self.offsets.get(place / 2)?))
    }
}

impl Memory {
    /// Ends an episode; a group whose last episode this is goes to the finished ones, of which the last `most` stay.
    pub(super) fn finish(&mut self, seat: Seat, most: usize) {
        let Some(place) = self
            .open
            .iter()
            .position(|group| group.number == seat.group)
        else {
            return;
        };
        self.open[place].runs[seat.member] = Some(FinishedRun {
            value: seat.earned.value(),
            segments: seat.segments,
        });
        if self.open[place].runs.iter().all(Option::is_some) {
            let group = self.open.remove(place);
            self.groups.push(group);
            self.since += 1;
            let surplus = self.groups.len().saturating_sub(most);
            self.groups.drain(..surplus);
        }
    }

    /// Checks that `self`, read from a saved state, can be a memory of the agent whose memory is `own`.
    pub(super) fn check_like(
        &self,
        own: &Self,
        dimensions: usize,
        segments: usize,
        pairs: usize,
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
        let groups = self.groups.iter().chain(&self.open).all(|group| {
            group.offsets.len() == pairs
                && group.runs.len() == 1 + 2 * pairs
                && (group.offsets.iter())
                    .all(|offsets| offsets.len() == segments * dimensions && finite(offsets))
                && policy(&group.parameters)
                && group.runs.iter().flatten().all(|run| parts(&run.segments))
        });
        AgentStateError::compare("fit of the groups", groups, true)?;
        let seats = self.seats.iter().flatten().all(|seat| {
            parts(&seat.segments)
                && seat.member < 1 + 2 * pairs
                && self.open.iter().any(|group| group.number == seat.group)
        });
        AgentStateError::compare("fit of the running episodes", seats, true)
    }
}
