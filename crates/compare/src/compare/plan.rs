//! The plan of a comparison: the list of its descents, part by part.
//!
//! A plan is data: each descent has a key, under which its outcome is stored, and a start. The key determines the
//! contender.

use descender_task::{StartPoint, StartPurpose};

use super::part::Part;
use super::settings::CompareSettings;
use super::store::Key;
use crate::contender::{CALIBRATION_STARTS, Entry, Tuned};
use crate::shard::Shard;

/// A planned descent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PlannedDescent {
    pub(super) key: Key,
    pub(super) start: StartPoint,
}

/// The descents of a comparison, for each part in the order in which they are run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan([Vec<PlannedDescent>; Part::ALL.len()]);

impl Plan {
    /// The plan of a comparison of the entries.
    ///
    /// The controller is calibrated if a negative control needs it. Every search begins with each of its settings from
    /// each of its starts, and may go on from there; entries that try the same share them. Finally, every entry descends
    /// from each reported start, start by start, so that all entries are equally far at any time.
    pub(super) fn new(entries: &[Entry], settings: &CompareSettings) -> Self {
        let planned = |purpose, key: Key| PlannedDescent {
            key,
            start: StartPoint {
                purpose,
                seed: settings.seed,
                index: key.start,
            },
        };
        let calibrates = Entry::find_controller(entries).is_some()
            && entries.iter().any(Entry::needs_calibration);
        let watched = if calibrates { CALIBRATION_STARTS } else { 0 };
        let calibrating = (0..watched)
            .map(|start| Key::new(Part::Calibrating, 0, 0, start))
            .map(|key| planned(StartPurpose::Calibration, key));

        let all: Vec<(usize, &Tuned)> = tuned(entries).collect();
        let shared = |place: usize, own: &Tuned| {
            let mut earlier = all.iter().take_while(|(other, _)| *other < place);
            earlier.any(|(_, other)| other.shares_search(own))
        };
        let tuning = all
            .iter()
            .filter(|(place, own)| !shared(*place, own))
            .flat_map(|(place, own)| {
                tuning_descents(*place, 0..own.planned() as usize, own.starts, settings.seed)
            });

        let comparing = (0..settings.starts).flat_map(|start| {
            (0..entries.len()).map(move |place| Key::new(Part::Comparing, place, 0, start))
        });
        let comparing = comparing.map(|key| planned(StartPurpose::Report, key));
        Self([calibrating.collect(), tuning.collect(), comparing.collect()])
    }

    /// The plan of a shard: all that is found out beforehand, and its own share of the comparison itself.
    pub(super) fn of_shard(entries: &[Entry], settings: &CompareSettings, shard: Shard) -> Self {
        let mut plan = Self::new(entries, settings);
        plan.0[Part::Comparing as usize].retain(|descent| shard.has(descent.key.start));
        plan
    }

    /// The descents of a part.
    pub(super) fn descents(&self, part: Part) -> &[PlannedDescent] {
        &self.0[part as usize]
    }

    /// The number of descents of each part.
    pub(super) fn totals(&self) -> [u64; Part::ALL.len()] {
        Part::ALL.map(|part| self.descents(part).len() as u64)
    }
}

/// The tuned entries with their places.
pub(super) fn tuned(entries: &[Entry]) -> impl Iterator<Item = (usize, &Tuned)> {
    let with_place = entries.iter().enumerate();
    with_place.filter_map(|(place, entry)| Some((place, entry.tuned()?)))
}

/// The descents of some candidates of a search, candidate by candidate.
pub(super) fn tuning_descents(
    place: usize,
    candidates: std::ops::Range<usize>,
    starts: u64,
    seed: u64,
) -> Vec<PlannedDescent> {
    let planned = |candidate, index| PlannedDescent {
        key: Key::new(Part::Tuning, place, candidate, index),
        start: StartPoint {
            purpose: StartPurpose::Tuning,
            seed,
            index,
        },
    };
    candidates
        .flat_map(|candidate| (0..starts).map(move |start| planned(candidate, start)))
        .collect()
}
